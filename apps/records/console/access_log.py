"""Who looked at whose data, what was unusual about it, and how someone at HQ asks to see more."""

import secrets
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic

from apps.accounts import access as accounts
from apps.accounts import kept_forms
from apps.accounts.models import Host
from apps.accounts.services import OneselfError
from apps.console_kit.lists.declaring import Desk, Empty, Given, ListAct, RefusedError
from apps.console_kit.names import called
from apps.console_kit.viewsets import (
    DetailList,
    DetailTitle,
    ListOnlyViewSet,
    MomentColumn,
    SearchedList,
    page,
)
from apps.records import services
from apps.records.forms import HandleForm, RevealForm
from apps.records.models import AccessLog, Alert
from apps.records.services import alerts
from apps.records.services.access_log import REVEALS_A_DAY, left_of_quota

REVEAL = "records.reveal_personal"
#: Where the session keeps which forms were used, and how many of the latest.
_USED, _KEPT = "reveals_used", 50

# --- asking to see more -----------------------------------------------------------------------------------


def reveal_form(request: HttpRequest, host_id: int, *, example: str = "") -> dict[str, Any] | None:
    """For a page with masked values: the form by which they show, or None for who may not at this host."""
    user: Any = request.user
    if not _may_reveal(user, host_id):
        return None
    form = RevealForm(initial={"once": secrets.token_urlsafe(12)})
    if example:
        form.fields["reason"].widget.attrs["placeholder"] = f"比如：{example}"
    return {"form": form, "left": left_of_quota(user, now=timezone.now())}


def revealed(
    request: HttpRequest,
    *,
    host_id: int,
    relation_id: int | None,
    fields: str,
    show: Callable[..., HttpResponse],
    back: str,
) -> HttpResponse:
    """Answer a filled-in `reveal_form`: `show` renders the page, masked unless it went well.

    The same form sent again, by loading the page anew, shows nothing and counts nothing: it leads `back`.
    """
    user: Any = request.user
    if not _may_reveal(user, host_id):
        raise PermissionDenied
    form = RevealForm(request.POST)
    if not form.is_valid():
        return show(is_clear=False, status=400, reveal=_again(request, host_id, form))
    once, used = form.cleaned_data["once"], request.session.get(_USED, [])
    if once and once in used:
        return redirect(back)
    try:
        services.reveal_at_hq(
            user,
            of=[(host_id, relation_id)],
            fields=fields,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
            request_id=request.META.get("REQUEST_ID", ""),
        )
    except services.QuotaSpentError as error:
        form.add_error("reason", error.sentence)
        response = show(is_clear=False, status=429, reveal=_again(request, host_id, form))
        response["Retry-After"] = "3600"
        return response
    if once:
        request.session[_USED] = [*used, once][-_KEPT:]
    return kept_forms.done(show(is_clear=True, status=200, reveal=None))


def _again(request: HttpRequest, host_id: int, form: RevealForm) -> dict[str, Any]:
    return {**(reveal_form(request, host_id) or {}), "form": form}


def _may_reveal(user: Any, host_id: int) -> bool:
    at_her = accounts.hosts_visible_to(user, REVEAL).filter(pk=host_id)
    return bool(user.has_perm(REVEAL) and at_her.exists())


# --- who looked ---------------------------------------------------------------------------------------------


class AccessFilterSet(WagtailFilterSet):
    action = django_filters.ChoiceFilter(choices=AccessLog.Action.choices, label="操作", empty_label="全部")
    actor_name = django_filters.CharFilter(label="操作人")
    is_hq = django_filters.BooleanFilter(label="总部人员")

    at = django_filters.DateFromToRangeFilter(label="日期")

    class Meta:
        model = AccessLog
        fields: ClassVar[list[str]] = ["action", "actor_name", "is_hq", "at"]


def name_hosts(rows: Any) -> None:
    """Put `host_name` on rows that know a host by her id."""
    wanted = {row.host_id for row in rows if row.host_id is not None}
    names = dict(Host.objects.filter(pk__in=wanted).values_list("pk", "name"))
    for row in rows:
        row.host_name = names.get(row.host_id, "—")


class AccessList(SearchedList, generic.IndexView):
    search_hint = "搜操作人、内容、原因"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        said = Q(actor_name__icontains=words) | Q(fields__icontains=words) | Q(purpose__icontains=words)
        return rows.filter(said)

    def get_edit_url(self, instance: AccessLog) -> None:
        return None

    def get_list_buttons(self, instance: AccessLog) -> list[Any]:
        return []


class AccessLogViewSet(ListOnlyViewSet):
    model = AccessLog
    name = "access_log"
    icon = "view"
    menu_label = "查看记录"
    url_prefix = "access-log"
    index_view_class = AccessList
    filterset_class = AccessFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        Column("actor_name", label="操作人"),
        Column("action", label="操作", accessor="get_action_display"),
        Column("fields", label="内容"),
        Column("host_name", label="谁的客户"),
        Column("purpose", label="原因"),
        Column("count", label="人数"),
        MomentColumn("at", label="时间", sort_key="at"),
    ]
    desk = Desk(
        empty=Empty("还没有人看过客户资料。"),
        personal=frozenset({"actor_name", "host_name"}),
        dress=name_hosts,
    )


# --- what was unusual ---------------------------------------------------------------------------------------


def _handle(alert: Alert, given: Given) -> None:
    try:
        alerts.handle(alert, conclusion=given.data["conclusion"], by=given.by, now=given.now)
    except OneselfError as error:
        raise RefusedError(str(error)) from None
    except alerts.AlreadyHandledError:
        raise RefusedError("刚刚有同事处理过了") from None


def _why_not_handle(alert: Alert, given: Given) -> str:
    if alert.handled_at:
        return "已经处理过"
    return alerts.NOT_ONESELF if alert.actor_id == given.by.pk else ""


HANDLE = ListAct(
    "handle",
    "记为已处理",
    "records.view_alert",
    apply=_handle,
    means=lambda rows, given: [f"{len(rows)} 条提醒记下同一个结论：「{given.data['conclusion']}」。"],
    why_not=_why_not_handle,
    form=lambda data, user: HandleForm(data),
)


class AlertFilterSet(WagtailFilterSet):
    handled_at = django_filters.BooleanFilter(label="还没处理", field_name="handled_at", lookup_expr="isnull")

    kind = django_filters.ChoiceFilter(choices=Alert.Kind.choices, label="事情", empty_label="全部")
    day = django_filters.DateFromToRangeFilter(label="哪天")

    class Meta:
        model = Alert
        fields: ClassVar[list[str]] = ["handled_at", "kind", "day"]


class AlertList(SearchedList, DetailList):
    detail_url_name = "records_alert:detail"
    search_hint = "搜是谁，拼音也行"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        return called(rows, words, "actor_name")

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("handled_by")


class AlertViewSet(ListOnlyViewSet):
    model = Alert
    name = "records_alert"
    icon = "warning"
    menu_label = "隐私提醒"
    url_prefix = "privacy-alerts"
    index_view_class = AlertList
    filterset_class = AlertFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        DetailTitle("actor_name", label="谁", accessor="actor_name"),
        Column("kind", label="事情", accessor="get_kind_display"),
        Column("day", label="哪天"),
        Column("count", label="次数"),
        MomentColumn("raised_at", label="提醒时间"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor=lambda row: "已处理" if row.handled_at else "等处理",
            primary=lambda row: row.handled_at is None,
        ),
    ]
    desk = Desk(
        empty=Empty("没有不寻常的查看，一切正常。"),
        acts=(HANDLE,),
        personal=frozenset({"actor_name"}),
    )

    def detail_view(self, request: HttpRequest, public_id: UUID) -> HttpResponse:
        """What happened, and what someone found out about it."""
        if not request.user.has_perm("records.view_alert"):
            raise PermissionDenied
        alert = get_object_or_404(Alert.objects.select_related("handled_by"), public_id=public_id)
        form = HandleForm(request.POST or None)
        if request.method == "POST" and alert.handled_at is None and form.is_valid():
            try:
                alerts.handle(
                    alert,
                    conclusion=form.cleaned_data["conclusion"],
                    by=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
                messages.success(request, "已记下。")
            except OneselfError as error:
                messages.error(request, str(error))
            except alerts.AlreadyHandledError:
                messages.error(request, "刚刚有同事处理过了，你写的没有记下。")
            return redirect("records_alert:index")
        entries = AccessLog.objects.filter(actor_id=alert.actor_id, action=AccessLog.Action.REVEAL)
        return TemplateResponse(
            request,
            "console/records_alert.html",
            {
                "alert": alert,
                "form": form,
                "limit": REVEALS_A_DAY,
                "why_not": alerts.NOT_ONESELF if alert.actor_id == request.user.pk else "",
                "entries": entries.order_by("-at", "-pk")[:100],
                **page(alert.actor_name, icon="warning", under=("隐私提醒", "records_alert:index")),
            },
        )

    def get_urlpatterns(self) -> list[Any]:
        return [*super().get_urlpatterns(), path("<uuid:public_id>/", self.detail_view, name="detail")]
