"""Handing customers over in the console: choose, say why, see what became of it."""

from collections import Counter
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn

from apps.accounts import access as accounts
from apps.accounts.filters import TreeFilter
from apps.accounts.models import Host
from apps.accounts.services import two_people
from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.console_kit.waiting import Waiting, declare
from apps.customers.console import SEE as SEE_CUSTOMERS
from apps.customers.console import SHOWN, write_down_looks
from apps.customers.handover import acts, moving
from apps.customers.handover.forms import ChoiceOfCustomers, HandOverForm
from apps.customers.models import HandOver, HandOverItem, Relation
from apps.lib.masks import mask_phone

_PAGE = 100
SEE, GIVE = "customers.view_handover", "customers.add_handover"
#: Who may do it instead is said, too.
ONE_HAND = (
    f"这个账号是你自己的，或者 {two_people.DOOR_FOR.days} 天内，你们当中一个由另一个、或者两个都由同一位同事"
    "开通、邀请、给过登录链接或改过登录方式（中间隔着别的账号也算），算不上两个人，不能由你把客户交接过去。"
    "请另一位能办客户交接的同事（运营或管理员）来办。"
)


class HandOverFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=HandOver.State.choices, label="状态", empty_label="全部")
    from_place = TreeFilter(field_name="from_host__organisation", label="从哪个组织", right=SEE)
    to_place = TreeFilter(field_name="to_host__organisation", label="到哪个组织", right=SEE)
    started_at = django_filters.DateFromToRangeFilter(label="日期")

    class Meta:
        model = HandOver
        fields: ClassVar[list[str]] = ["state", "from_place", "to_place", "started_at"]


class HandOverList(SearchedList, DetailList):
    detail_url_name = "hand_over:detail"
    search_hint = "搜大C称呼、原因"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "from_host__name", "to_host__name", "reason")

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("from_host", "to_host", "actor")


class HandOverViewSet(ListOnlyViewSet):
    model = HandOver
    name = "hand_over"
    icon = "redirect"
    menu_label = "客户交接"
    url_prefix = "hand-overs"
    index_view_class = HandOverList
    filterset_class = HandOverFilterSet
    desk = Desk(
        empty=Empty(
            "还没有交接过客户。从大C的页面里可以把她的客户交给另一位。",
            "去大C列表",
            "host:index",
            "accounts.view_host",
        ),
        personal=frozenset({"who"}),
        host_id_of=lambda row: row.from_host_id,
    )
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle(
            "who", label="从谁到谁", accessor=lambda row: f"{row.from_host.name} → {row.to_host.name}"
        ),
        Column("total", label="客户", accessor="total"),
        Column("moved", label="已交接", accessor="moved"),
        Column("reason", label="原因"),
        Column("actor", label="谁办的", accessor="actor.name"),
        MomentColumn("started_at", label="时间"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state == HandOver.State.RUNNING,
        ),
    ]

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        """What concerns a host whom this person may see."""
        hosts = accounts.hosts_visible_to(user, SEE, *also).values("pk")
        return rows.filter(Q(from_host__in=hosts) | Q(to_host__in=hosts))

    def begin_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """One host's customers: who of them goes to whom. Says what it means before it is done.

        Who came only by a doubtful order stands apart, and goes with all of them.
        """
        if not request.user.has_perm(GIVE):
            raise PermissionDenied
        giver = accounts.host_for(request.user, public_id, GIVE)
        everybody = Relation.objects.of(giver)
        relations = everybody.customers().with_stage(timezone.now())
        choice = ChoiceOfCustomers(request.GET)
        chosen, words = choice.chosen(relations)
        takers = (
            accounts.hosts_visible_to(request.user, GIVE)
            .active()
            .exclude(pk=giver.pk)
            .select_related("organisation")
            .order_by("organisation__path", "name")
        )
        form = HandOverForm(request.POST or None, takers=takers, relations=relations)
        if request.method == "POST" and form.is_valid():
            which = form.cleaned_data["which"]
            scope, rows = {
                HandOverForm.Which.ALL: ("全部客户", everybody),
                HandOverForm.Which.FILTERED: ("筛选：%s" % ("、".join(words) or "全部"), chosen),
                HandOverForm.Which.TICKED: (
                    "勾选了 {} 位".format(len(form.cleaned_data["ticked"])),
                    relations.filter(pk__in=[row.pk for row in form.cleaned_data["ticked"]]),
                ),
            }[which]
            act = Act(
                question=f"把{giver.name}的客户交接给{form.cleaned_data['to_host'].name}吗？",
                effects=acts.what_it_means(giver, form.cleaned_data["to_host"], rows),
                button="交接",
                keep="先不交接",
                back=request.get_full_path(),
            )
            taker, by = form.cleaned_data["to_host"], request.user
            is_one_hand = acts.may_be_one_hand(taker, by, now=timezone.now())  # type: ignore[arg-type]
            if rows.exists() and not is_one_hand and not is_confirmed(request, act):
                under = ("大C", "host:index")
                frame = page("交接客户", icon="redirect", under=under, subtitle=giver.name)
                return ask(request, act, frame)
            try:
                made = acts.hand_over(
                    giver,
                    form.cleaned_data["to_host"],
                    relations=rows,
                    scope=str(scope)[:100],
                    reason=form.cleaned_data["reason"],
                    by=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except acts.CannotTakeOverError:
                form.add_error("to_host", "她刚刚停用或离开了，换一位再试。")
            except acts.OneHandError:
                form.add_error("to_host", ONE_HAND)
            except acts.NobodyToHandOverError:
                form.add_error("which", "这样选一位客户也没有，换个范围再试。")
            else:
                if made.state == HandOver.State.RUNNING:
                    who = f"{made.total} 位客户" if made.total else ""
                    messages.success(request, f"{who}开始交接，人多，几分钟内做完。")
                else:
                    messages.success(request, f"{made.who}已经交接{made.besides}。")
                return redirect("hand_over:detail", public_id=made.public_id)
        shown = Paginator(chosen.order_by("-joined_at", "-pk"), _PAGE).get_page(request.GET.get("page"))
        strangers = everybody.strangers().order_by("-joined_at", "-pk")
        others = list(strangers[:_PAGE])
        looked_at = Counter({giver.pk: len(shown.object_list) + len(others)})
        write_down_looks(request, looked_at, fields=SHOWN)
        context = {
            "giver": giver,
            "form": form,
            "choice": choice,
            "chosen_words": "、".join(words),
            "total": relations.count(),
            "chosen_count": shown.paginator.count,
            "shown": shown,
            "ticked": set(request.POST.getlist("ticked")),
            "rows": [_masked(row) for row in shown.object_list],
            "others": [_masked(row) for row in others],
            "others_count": strangers.count(),
            **page("交接客户", icon="redirect", under=("大C", "host:index"), subtitle=giver.name),
        }
        return TemplateResponse(request, "console/hand_over_begin.html", context)

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """What became of one act, customer by customer (masked), WeCom's part beside it."""
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        rows = HandOver.objects.select_related("from_host__organisation", "to_host__organisation", "actor")
        found = get_object_or_404(self.scope(request.user, rows), public_id=public_id)
        items = found.items.select_related("relation__host").order_by("state", "pk")
        shown = Paginator(items.filter(is_customer=True), _PAGE).get_page(request.GET.get("page"))
        visible = set(
            accounts.hosts_visible_to(request.user, SEE, SEE_CUSTOMERS).values_list("pk", flat=True)
        )
        told = [
            {
                "item": item,
                "relation": item.relation if item.relation.host_id in visible else None,
                "name": item.relation.masked_name if item.relation.host_id in visible else "—",
            }
            for item in (*shown.object_list, *items.filter(is_customer=False)[:_PAGE])
        ]
        looked_at = Counter(row["item"].relation.host_id for row in told if row["relation"] is not None)
        write_down_looks(request, looked_at, fields="姓名（打码）")
        by_state = moving.counts(found)
        context = {
            "found": found,
            "rows": [row for row in told if row["item"].is_customer],
            "others": [row for row in told if not row["item"].is_customer],
            "shown": shown,
            "transfers": [
                {"word": HandOverItem.Transfer(name).label, "count": count}
                for name, count in sorted(by_state.items())
            ],
            **page(
                f"{found.from_host.name} → {found.to_host.name}",
                icon="redirect",
                under=("客户交接", "hand_over:index"),
            ),
        }
        return TemplateResponse(request, "console/hand_over.html", context)

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("from/<uuid:public_id>/", self.begin_view, name="begin"),
            path("<uuid:public_id>/", self.detail_view, name="detail"),
        ]


def _masked(relation: Relation) -> dict[str, Any]:
    return {
        "relation": relation,
        "id": str(relation.public_id),
        "name": relation.masked_name,
        "phone": mask_phone(relation.phone) or "—",
    }


def hand_overs_of_host(request: HttpRequest, host: Host) -> dict[str, Any]:
    """A part of the host's page: her customers given and taken, and the way to give more."""
    rows = HandOver.objects.filter(Q(from_host=host) | Q(to_host=host)).select_related(
        "from_host", "to_host", "actor"
    )
    may_see, may_begin = (
        accounts.hosts_visible_to(request.user, right).filter(pk=host.pk).exists() for right in (SEE, GIVE)
    )
    relations = Relation.objects.of(host)
    count, others = relations.customers().count(), relations.strangers().count()
    return {
        "heading": "客户交接",
        "template": "console/_host_hand_overs.html",
        "rows": rows.order_by("-pk")[:20] if may_see else [],
        "count": count,
        "others": others,
        "begin_url": reverse("hand_over:begin", args=[host.public_id])
        if may_begin and count + others
        else "",
    }


def _left_with_customers(user: Any) -> QuerySet[Host]:
    hers = Relation.objects.current().open().filter(host=OuterRef("pk"))
    return accounts.hosts_visible_to(user, accounts.SEE_HOSTS, GIVE).filter(
        Exists(hers), status=Host.Status.LEFT
    )


declare(Waiting("host:index", "位离开的大C还有客户没交接", GIVE, _left_with_customers))
declare(
    Waiting(
        "hand_over:index",
        "次客户交接还没做完",
        SEE,
        lambda user: HandOverViewSet.scope(user, HandOver.objects.filter(state=HandOver.State.RUNNING)),
    )
)
