"""资料请求: what consumers asked for by their rights, until when, and the call that proves who they are."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn

from apps.accounts import access as accounts
from apps.accounts import kept_forms
from apps.accounts.models import Host, User
from apps.accounts.services import OneselfError
from apps.console_kit.confirming import Act, ask, is_confirmed
from apps.console_kit.lists.declaring import Desk, Empty
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.lib.masks import mask_phone
from apps.lib.phone import NotAPhoneError, national
from apps.privacy.models import RightsRequest
from apps.privacy.services import calling, data_requests
from apps.records.models import LegalHold
from apps.records.services.access_log import QuotaSpentError, ReasonError, sound_reason

SEE = "privacy.view_rightsrequest"
CHANGE = "privacy.change_rightsrequest"
HOLD = "records.add_legalhold"


class RightsFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=RightsRequest.State.choices, label="状态", empty_label="全部")
    kind = django_filters.ChoiceFilter(choices=RightsRequest.Kind.choices, label="要求", empty_label="全部")

    late = django_filters.ChoiceFilter(
        choices=[("yes", "超期了"), ("soon", "三天内到期")], label="期限", empty_label="全部", method="by_due"
    )
    requested_at = django_filters.DateFromToRangeFilter(label="提出日期")

    class Meta:
        model = RightsRequest
        fields: ClassVar[list[str]] = ["state", "kind", "late", "requested_at"]

    def by_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        now = timezone.now()
        waiting = rows.filter(state__in=RightsRequest.OPEN)
        if value == "yes":
            return waiting.filter(due_at__lt=now)
        return waiting.filter(due_at__range=(now, now + SOON))


#: So long before it is due a request is called near.
SOON = timedelta(days=3)


class RightsList(SearchedList, DetailList):
    detail_url_name = "rights:detail"
    search_hint = "输完整手机号，或化名"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        try:
            return rows.filter(phone_index=data_requests.index_of(words))
        except NotAPhoneError:
            return rows.exclude(pseudonym="").filter(pseudonym__iexact=words)

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("proved_by")


def who(row: RightsRequest) -> str:
    return (mask_phone(row.phone) if row.phone else row.pseudonym) or "—"


def due(row: RightsRequest) -> str:
    if row.state not in RightsRequest.OPEN:
        return "—"
    days = (row.due_at - timezone.now()).days
    return f"还有 {days} 天" if days >= 0 else f"超期 {-days} 天"


class RightsViewSet(ListOnlyViewSet):
    model = RightsRequest
    name = "rights"
    icon = "user"
    menu_label = "资料请求"
    url_prefix = "rights"
    index_view_class = RightsList
    filterset_class = RightsFilterSet
    desk = Desk(
        empty=Empty("还没有人要带走或删除自己的资料。"),
        personal=frozenset({"who"}),
        host_id_of=lambda row: row.host_id,
        search_finds_people=True,
    )
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("who", label="谁", accessor=who),
        Column("kind", label="要求", accessor="get_kind_display"),
        Column("proof", label="核实", accessor=lambda row: row.get_proof_display() or "—"),
        MomentColumn("requested_at", label="提出时间"),
        Column("due", label="期限", accessor=due),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state in RightsRequest.OPEN,
        ),
    ]

    @staticmethod
    def scope(user: Any, rows: QuerySet[Any], *also: str) -> QuerySet[Any]:
        """All of them, unless something else is asked for that is hers in one region alone."""
        if accounts.reaches_everybody(user, *also):
            return rows
        return rows.filter(host_id__in=accounts.hosts_visible_to(user, *also).values("pk"))

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """One request. Calling back shows the number and a code, once; who called stands on the request."""
        if not request.user.has_perm(SEE):
            raise PermissionDenied
        found = get_object_or_404(RightsRequest.objects.select_related("proved_by"), public_id=public_id)
        code = ""
        if request.method == "POST":
            act = _act_meant(request, found)
            if act is not None and not is_confirmed(request, act):
                under = ("资料请求", "rights:index")
                return ask(request, act, page(found.get_kind_display(), icon="user", under=under))
            try:
                code = _take(request, found)
            except data_requests.TooLateError:
                messages.error(request, "这份请求刚刚变了，看看最新状态。")
            except (OneselfError, ReasonError) as error:
                messages.error(request, str(error))
            except QuotaSpentError as error:
                messages.error(request, error.sentence)
            if not code:
                return redirect("rights:detail", public_id)
            found.refresh_from_db()
        holds = LegalHold.objects.filter(relation_id__in=found.relation_ids, released_at=None)
        is_asked = found.state == RightsRequest.State.REQUESTED
        response = TemplateResponse(
            request,
            "console/rights_request.html",
            {
                "found": found,
                "who": who(found),
                "due": due(found),
                "host": Host.objects.filter(pk=found.host_id).first() if found.host_id else None,
                "code": code,
                "number": national(found.phone) if code else "",
                "holds": holds.select_related("placed_by"),
                "reach": len(found.relation_ids),
                "may_call": is_asked and found.proof != "host" and request.user.has_perm(CHANGE),
                "may_refuse": is_asked and request.user.has_perm(CHANGE),
                "may_hold": found.kind == "erase"
                and bool(found.relation_ids)
                and found.state in {"verified", "blocked"}
                and request.user.has_perm(HOLD),
                **page(found.get_kind_display(), icon="user", under=("资料请求", "rights:index")),
            },
        )
        response["Cache-Control"] = "private, no-store"
        return kept_forms.done(response) if code else response

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("<uuid:public_id>/", self.detail_view, name="detail")]


def _act_of_releasing(found: RightsRequest) -> Act:
    """What goes on once nothing holds it back any more."""
    effects = [
        f"接着删除她的 {len(found.relation_ids)} 段客户关系和里面的资料，删掉以后谁也恢复不了。",
        "订单金额保留在化名下，以前的数字不变。",
    ]
    back = reverse("rights:detail", args=[found.public_id])
    return Act("解除保留，接着删除吗？", effects, "解除保留，接着删除", back=back, keep="先保留")


def _act_of_refusing(found: RightsRequest, reason: str) -> Act:
    effects = [
        f"她的页面马上显示「{reason}」，这份请求就此结束，不能再改成办理。",
        "留下的手机号随即删掉；她还要办，得自己重新提一次。",
    ]
    back = reverse("rights:detail", args=[found.public_id])
    return Act("不办理这份请求吗？", effects, "记为不办理", back=back, keep="先留着")


def _act_meant(request: HttpRequest, found: RightsRequest) -> Act | None:
    """What is asked before it is done; None for the steps that can be mended, or lack their reason."""
    match request.POST.get("step"):
        case "release":
            return _act_of_releasing(found)
        case "refuse" if found.state == RightsRequest.State.REQUESTED:
            try:
                reason = sound_reason(request.POST.get("why", ""), wanted=data_requests.WHY_REFUSE)
            except ReasonError:
                return None  # said by the act itself
            return _act_of_refusing(found, reason)
    return None


class WhyForm(forms.Form):
    why = forms.CharField(max_length=100)


def _take(request: HttpRequest, found: RightsRequest) -> str:
    """Take the step that a button names; the code when one was made."""
    user, now = request.user, timezone.now()
    assert isinstance(user, User)
    form = WhyForm(request.POST)
    why = form.cleaned_data["why"] if form.is_valid() else ""
    match request.POST.get("step"):
        case "call":
            _need(user, CHANGE)
            request_id = request.META.get("REQUEST_ID", "")
            return calling.call(found, by=user, reason=why, now=now, request_id=request_id)
        case "refuse":
            _need(user, CHANGE)
            data_requests.refuse(found, by=user, why=why, now=now)
            messages.success(request, "已记为没有办理。")
        case "hold":
            _need(user, HOLD)
            data_requests.hold(found, by=user, why=why, now=now)
            messages.success(request, "先保留，不删除。")
        case "release":
            _need(user, HOLD)
            data_requests.release(found, by=user, now=now)
            messages.success(request, "已解除保留，接着删除。")
    return ""


def _need(user: User, permission: str) -> None:
    if not user.has_perm(permission):
        raise PermissionDenied
