"""该帮谁: whom to call today, who is on it, what was said, and what came of it."""

from functools import cached_property, partial
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy

from apps.accounts import access as accounts
from apps.accounts.filters import TreeFilter
from apps.accounts.models import Host, HostPhone, User
from apps.console_kit.lists.declaring import Desk, Empty, View
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.insights import access, bulk, selectors, services
from apps.insights.console.asked import PERMISSION
from apps.insights.console.evidence import rows_address, rows_behind_call
from apps.insights.forms import CallForm, HostPhoneForm
from apps.insights.models import HostHelp
from apps.lib import clock, humanize, money
from apps.lib.masks import mask_phone
from apps.lib.phone import dialled, national
from apps.library import selectors as content
from apps.records.console import reveal_form, revealed

SHOW = "show"
_CALLS_SHOWN = 20
#: What a view says while nobody is in it.
_NOBODY = {
    "today": "今天没有要打的电话。大C有事、约好的日子到了，会自己出现在这里。",
    "newcomers": "没有要陪的新人。刚来的、还没登录过的、还没发过第一条的，会出现在这里。",
    "later": "没有约好以后再联系的。记一通电话时填了「下次联系」，她就在这里等到那天。",
    "others": "没有同事正在跟的大C。",
}


class NumbersToo(ModelPermissionPolicy):
    """Hosts with what they sold: for who may see both."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(super().user_has_permission(user, action) and user.has_perm(PERMISSION))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return bool(super().user_has_any_permission(user, actions) and user.has_perm(PERMISSION))


def _helpers(request: HttpRequest | None) -> QuerySet[User]:
    if request is None:
        return User.objects.none()
    on_hers = HostHelp.objects.filter(host__in=access.hosts_listed_for(request.user), helper__isnull=False)
    return User.objects.filter(pk__in=on_hers.values("helper")).order_by("first_name", "pk")


class _Helper(django_filters.ModelChoiceFilter):
    """Who is on it at this moment; `null` is nobody."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        held = qs.filter(help__held_until__gt=timezone.now())
        if value == self.null_value:
            return qs.exclude(pk__in=held.values("pk"))
        return held.filter(help__helper=value) if value else qs


class HelpingFilterSet(WagtailFilterSet):
    show = django_filters.ChoiceFilter(
        choices=list(selectors.SHOWS.items()), label="看哪些", empty_label="全部", method="by_show"
    )
    need = django_filters.ChoiceFilter(
        choices=list(selectors.ALL_REASONS.items()), label="为什么", empty_label="全部"
    )
    organisation = TreeFilter()
    helper = _Helper(queryset=_helpers, label="谁在跟", empty_label="全部", null_label="没有人")
    kind = django_filters.ChoiceFilter(choices=Host.Kind.choices, label="身份", empty_label="全部")
    level = django_filters.RangeFilter(label="等级")

    class Meta:
        model = Host
        fields: ClassVar[list[str]] = ["show", "organisation", "helper", "kind", "level"]

    def by_show(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return selectors.narrowed(rows, value, viewer=self.request.user, now=timezone.now())


class HelpingList(SearchedList, DetailList):
    page_title = "该帮谁"
    search_hint = "搜大C的称呼"
    detail_url_name = "helping:host"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "name")

    @cached_property
    def found(self) -> list[selectors.Need]:
        return selectors.needs(timezone.now(), hosts=access.hosts_counted_for(self.request.user))

    def get_base_queryset(self) -> QuerySet[Any]:
        return selectors.worklist(super().get_base_queryset(), self.found, timezone.now())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.GET:  # who comes to work wants today's; `?v=all` is everything
            request.GET = QueryDict(f"{SHOW}=today")
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    @property
    def header_buttons(self) -> list[Any]:
        return [
            HeaderButton("打完电话以后", url=reverse("helping:afterwards"), icon_name="history"),
            HeaderButton("所有大C对照", url=reverse("insights:helping"), icon_name="table"),
        ]


def _why(row: Any) -> str:
    if row.told is not None:
        return str(row.told.why)
    return "这阵子没有要紧的事" if row.last_call else "—"


def _next(row: Any) -> str:
    return _next_of(getattr(row, "help", None))


def _next_of(held: HostHelp | None) -> str:
    """When she is called next; a day that has passed says nothing, unless something was promised for it."""
    today = timezone.localdate()
    if held is None or held.next_on is None or (held.next_on < today and not held.is_promised):
        return "—"
    return humanize.say_day(held.next_on, today=today)


def _helper(row: Any) -> str:
    helper = services.helper_of(getattr(row, "help", None), now=timezone.now())
    return helper.name if helper else "—"


def _phone(row: Any) -> str:
    if not row.phone:
        return "没有号码"
    return f"{mask_phone(row.phone)}{'（上次打不对）' if row.is_wrong else ''}"


def _last(row: Any) -> str:
    if row.last_call is None:
        return "没打过"
    when = humanize.say_moment(row.last_call.at, now=timezone.now())
    return f"{when} {row.last_call.by.name}：{row.last_call.get_outcome_display()}"


def _money(row: Any) -> str:
    return money.show_yuan(row.told.recent_fen) if row.told else "—"


class HelpingViewSet(ListOnlyViewSet):
    """One row for each host who needs something, worked through by several people at once."""

    model = Host
    name = "helping"
    icon = "group"
    menu_label = "该帮谁"
    url_prefix = "helping"
    index_view_class = HelpingList
    filterset_class = HelpingFilterSet
    ordering = "place"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("name", label="大C", accessor="name"),
        Column("organisation", label="组织", accessor="organisation.name"),
        Column("why", label="为什么", accessor=_why),
        Column("next_on", label="下次联系", accessor=_next),
        Column("helper", label="谁在跟", accessor=_helper),
        Column("last_call", label="上次电话", accessor=_last),
        Column("phone", label="手机号", accessor=_phone),
        Column("money", label="近 28 天成交", accessor=_money),
        Column("say", label="聊什么", accessor=lambda row: row.told.say if row.told else "—"),
        Column("level", label="等级", sort_key="level"),
        MomentColumn("joined_at", label="加入", sort_key="joined_at"),
    ]
    desk = Desk(
        empty=Empty("没有要打的电话，也没有人在跟。大C有事了，会自己出现在这里。"),
        acts=bulk.HELPING,
        views=tuple(View(word, f"{SHOW}={show}", _NOBODY[show]) for show, word in selectors.SHOWS.items()),
        off=frozenset({"money", "say", "level", "joined_at"}),
        personal=frozenset({"name", "phone", "why"}),
        clear={"phone": lambda row: national(row.phone) if row.phone else ""},
        host_id_of=lambda row: row.pk,
        dress=lambda rows: selectors.dressed(rows, timezone.now()),
    )

    @cached_property
    def permission_policy(self) -> ModelPermissionPolicy:
        return NumbersToo(Host)

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        return rows.filter(pk__in=access.hosts_listed_for(user, *also).values("pk"))

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("afterwards/", afterwards, name="afterwards"),
            path("<uuid:public_id>/", host, name="host"),
            path("<uuid:public_id>/reveal/", reveal, name="reveal"),
        ]


def _host_for(request: HttpRequest, public_id: Any) -> Host:
    if not (request.user.has_perm(accounts.SEE_HOSTS) and request.user.has_perm(PERMISSION)):
        raise PermissionDenied
    return get_object_or_404(access.hosts_listed_for(request.user), public_id=public_id)


# --- one host -----------------------------------------------------------------------------------------------


def host(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Why she needs a call, her number, what to say, who is on it, and what was said before."""
    found = _host_for(request, public_id)
    if request.method != "POST":
        return _show(request, found)
    if not _may_call(request, found):
        raise PermissionDenied
    return _STEPS.get(request.POST.get("step", ""), _show)(request, found)


def _may_call(request: HttpRequest, found: Host) -> bool:
    user = request.user
    return user.has_perm(access.CALLS) and access.hosts_helped_by(user).filter(pk=found.pk).exists()


def reveal(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Her whole number, for a reason and within the role's quota; she reads who looked and why."""
    found = _host_for(request, public_id)
    back = reverse("helping:host", args=[public_id])
    if request.method != "POST" or not HostPhone.objects.filter(host=found).exists():
        return redirect(back)
    return revealed(
        request,
        host_id=found.pk,
        relation_id=None,
        fields="你的手机号",
        show=partial(_show, request, found),
        back=back,
    )


def _take(request: HttpRequest, found: Host) -> HttpResponse:
    user: Any = request.user
    try:
        services.take(found, user, by=user, now=timezone.now(), over=bool(request.POST.get("over")))
        messages.success(request, f"「{found.name}」现在由你跟，别人的名单里不再出现。")
    except services.HeldError as error:
        messages.error(request, f"「{error.helper}」刚刚接手了「{found.name}」，先问问她。")
    return redirect("helping:host", found.public_id)


def _release(request: HttpRequest, found: Host) -> HttpResponse:
    user: Any = request.user
    if services.release(found, by=user, now=timezone.now()):
        messages.success(request, f"「{found.name}」没有人跟了，谁都可以接手。")
    else:
        messages.info(request, f"「{found.name}」本来就没有人跟。")
    return redirect("helping:host", found.public_id)


def _call(request: HttpRequest, found: Host) -> HttpResponse:
    user: Any = request.user
    now = timezone.now()
    form = CallForm(request.POST, today=clock.day_of(now))
    if not form.is_valid():
        return _show(request, found, form=form, status=400)
    data = form.cleaned_data
    need = _need(found)
    try:
        call = services.note_call(
            found,
            by=user,
            outcome=data["outcome"],
            promised=data["promised"],
            note=data["note"],
            next_on=data["next_on"],
            reason=need.reason if need else "",
            why=need.why if need and need.reason != "promised" else "",
            seen=data["seen"],
            now=now,
        )
    except services.MeanwhileError as error:
        when = humanize.say_moment(error.call.at, now=now)
        said = f"「{error.call.by.name}」{when}也记了一通：{error.call.get_outcome_display()}。"
        messages.error(request, f"{said}你写的还在下面，没有存；还要记，就再点一次。")
        again = request.POST.copy()
        again["seen"] = services.mark_of(error.call)
        return _show(request, found, form=CallForm(again, today=clock.day_of(now)), status=409)
    day = humanize.say_day(call.next_on, today=clock.day_of(now)) if call.next_on else ""
    messages.success(request, f"记下了。「{found.name}」{day}再回到你的名单。")
    return redirect("helping:host", found.public_id)


def _keep_phone(request: HttpRequest, found: Host) -> HttpResponse:
    user: Any = request.user
    form = HostPhoneForm(request.POST)
    if not form.is_valid():
        return _show(request, found, phone_form=form, status=400)
    if services.keep_phone(found, form.cleaned_data["phone"], by=user, now=timezone.now()):
        messages.success(request, f"「{found.name}」的手机号存下了，平时打码。")
    else:
        messages.info(request, "和原来的号码一样，没有改。")
    return redirect("helping:host", found.public_id)


_STEPS = {"take": _take, "release": _release, "call": _call, "phone": _keep_phone}


def _need(found: Host) -> selectors.Need | None:
    told = selectors.needs(timezone.now(), hosts=found)
    return told[0] if told else None


def _show(
    request: HttpRequest,
    found: Host,
    *,
    form: CallForm | None = None,
    phone_form: HostPhoneForm | None = None,
    is_clear: bool = False,
    reveal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    user: Any = request.user
    now = timezone.now()
    need = _need(found)
    row = HostPhone.objects.filter(host=found).first()
    held = HostHelp.objects.select_related("helper").filter(host=found).first()
    calls = list(found.calls.select_related("by").order_by("-at", "-pk")[: _CALLS_SHOWN + 1])
    last = calls[0] if calls else None
    helper = services.helper_of(held, now=now)
    seen = {"seen": services.mark_of(last)}
    if reveal is None and not is_clear and row is not None:
        reveal = reveal_form(request, found.pk, example="回访她这两周为什么卖得少")
    response = TemplateResponse(
        request,
        "console/helping/host.html",
        {
            "host": found,
            "need": need,
            "is_newcomer": need is not None and need.reason in selectors.NEWCOMERS,
            "why_href": rows_behind_call(found, need.reason, content.current_issue(now)) if need else "",
            "money_href": rows_address(found, "gmv", "28d"),
            "opening": selectors.opening(need, to=found.name, by=user.name, now=now),
            "has_phone": row is not None,
            "phone": (national(row.phone) if is_clear else mask_phone(row.phone)) if row else "",
            "dialled": dialled(row.phone) if row and is_clear else "",
            "is_wrong": selectors.is_wrong(row, last),
            "is_clear": is_clear,
            "reveal": reveal,
            "reasons": [*selectors.REASONS.values(), *selectors.NEWCOMERS.values()],
            "here": reverse("helping:host", args=[found.public_id]),
            "reveal_url": reverse("helping:reveal", args=[found.public_id]),
            "phone_form": phone_form or HostPhoneForm(),
            "next_on": _next_of(held).strip("—"),
            "helper": helper,
            "is_mine": helper is not None and helper.pk == user.pk,
            "form": form or CallForm(today=clock.day_of(now), initial=seen),
            "calls": calls[:_CALLS_SHOWN],
            "has_more": len(calls) > _CALLS_SHOWN,
            "may_call": _may_call(request, found),
            "may_give_link": user.has_perm("accounts.change_user"),
            **page(found.name, icon="group", under=("该帮谁", "helping:index"), subtitle="帮她一把"),
        },
        status=status,
    )
    response["Cache-Control"] = "private, no-store"
    return response


# --- afterwards ---------------------------------------------------------------------------------------------


def afterwards(request: HttpRequest) -> HttpResponse:
    """What hosts did after they were reached, beside those whom nobody called."""
    if not (request.user.has_perm(accounts.SEE_HOSTS) and request.user.has_perm(PERMISSION)):
        raise PermissionDenied
    hosts = access.hosts_listed_for(request.user)
    now = timezone.now()
    asked = request.GET.get("days", "")
    days = next((one for one in selectors.CAME_AFTER if str(one) == asked), selectors.CAME_AFTER[0])
    came = selectors.came_of_calls(now, hosts=hosts, days=days)
    return TemplateResponse(
        request,
        "console/helping/afterwards.html",
        {
            "came": came,
            "days": days,
            "choices": selectors.CAME_AFTER,
            "calls_of": selectors.CALLS_OF,
            "fewest": selectors.FEWEST,
            "lines": [
                {
                    "called": one,
                    "acts": [
                        {"did": act.name in one.did, "href": _behind(one, act.name)} for act in came.acts
                    ],
                }
                for one in came.called
            ],
            **page("打完电话以后", icon="history", under=("该帮谁", "helping:index")),
        },
    )


_NUMBER_OF = {"opened": "adopted", "shared": "shares", "sold": "orders"}


def _behind(called: Any, act: str) -> str:
    return rows_address(
        called.host, _NUMBER_OF[act], **{"from": str(called.span.first), "to": str(called.span.last)}
    )
