"""What leaves and what does not, for HQ: numbers first, then the rows that need somebody."""

from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic

from apps.accounts.models import Host
from apps.console_kit.lists.declaring import Desk, Empty, Given, ListAct
from apps.console_kit.names import called
from apps.console_kit.viewsets import ListOnlyViewSet, MomentColumn, SearchedList
from apps.console_kit.waiting import Waiting, declare
from apps.outbox.models import Delivery, Heartbeat, Inbox, Lane
from apps.outbox.services import again, heartbeats

#: What people call the kinds of deliveries.
KINDS = {
    "app-message": "工作消息",
    "wecom.welcome": "欢迎语",
    "wecom.account_notice": "账号变动的通知",
    "wecom.transfer": "客户转接",
    "wecom.mass-send": "群发和朋友圈",
    "wecom.mass-stop": "撤下群发和朋友圈",
}
#: What people call the processes that say that they live.
PROCESSES = {
    "worker": "后台任务",
    "welcome": "欢迎语",
    "inbox": "收到的事件",
    "due": "到点的事",
    "projections": "画像和数字",
}


def name_hosts(rows: list[Any]) -> None:
    names = dict(Host.objects.filter(pk__in={row.host_id for row in rows}).values_list("pk", "name"))
    for row in rows:
        row.host_name = names.get(row.host_id, "—")


def _send_again(row: Delivery, given: Given) -> None:
    again.send(row, now=given.now)


SEND_AGAIN = ListAct(
    "send-again",
    "重新发送",
    again.PERMISSION,
    apply=_send_again,
    means=lambda rows, given: [
        f"{len(rows)} 条确定没有发成的消息重新排队，马上再发一次；还在免打扰的，到点再发。"
    ],
    why_not=lambda row, given: again.why_not(row, given.now),
    rows=lambda rows: rows.select_related("call", "letter"),
)


class DeliveryFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=Delivery.State.choices, label="状态", empty_label="全部")

    kind = django_filters.ChoiceFilter(choices=list(KINDS.items()), label="类型", empty_label="全部")
    lane = django_filters.ChoiceFilter(choices=Lane.choices, label="通道", empty_label="全部")
    created_at = django_filters.DateFromToRangeFilter(label="写入日期")

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = ["state", "kind", "lane", "created_at"]


class DeliveryList(SearchedList, generic.IndexView):
    page_title = "收发健康"
    search_hint = "搜大C称呼、说明"

    @staticmethod
    def find(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        hosts = called(Host.objects.all(), words, "name").values("pk")
        return rows.filter(Q(host_id__in=hosts) | Q(outcome__icontains=words))

    def get_base_queryset(self) -> QuerySet[Any]:
        return super().get_base_queryset().select_related("call")

    def get_edit_url(self, instance: Delivery) -> None:
        return None

    def get_list_buttons(self, instance: Delivery) -> list[Any]:
        return []

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), **health()}


_FAILED = Q(state__in=[Delivery.State.REFUSED, Delivery.State.DEAD, Delivery.State.EXPIRED])


def failed_lately(user: Any) -> QuerySet[Delivery]:
    """What came to nothing within the last day."""
    return Delivery.objects.filter(_FAILED, created_at__gt=timezone.now() - timedelta(days=1))


declare(Waiting("delivery:index", "条消息一天里没发成", "outbox.view_delivery", failed_lately))


def health() -> dict[str, Any]:
    """The state of what leaves and arrives, in one look."""
    now = timezone.now()
    day = Q(created_at__gt=now - timedelta(days=1))
    states = Delivery.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Delivery.State.NEW, not_before__lte=now)),
        quiet=Count("pk", filter=Q(state=Delivery.State.NEW, not_before__gt=now)),
        unknown=Count("pk", filter=Q(state=Delivery.State.UNKNOWN)),
        sent=Count("pk", filter=Q(state=Delivery.State.SENT) & day),
        failed=Count(
            "pk",
            filter=_FAILED & day,
        ),
        oldest=Min("not_before", filter=Q(state=Delivery.State.NEW, not_before__lte=now)),
    )
    inbox = Inbox.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Inbox.State.NEW)),
        dead=Count("pk", filter=Q(state=Inbox.State.DEAD)),
        last=Max("received_at"),
    )
    beats = list(Heartbeat.objects.order_by("process"))
    for beat in beats:
        beat.is_silent = now - beat.at > heartbeats.SILENCE  # type: ignore[attr-defined]
        beat.title = PROCESSES.get(beat.process, beat.process)  # type: ignore[attr-defined]
    return {"outgoing": states, "incoming": inbox, "beats": beats}


class DeliveryViewSet(ListOnlyViewSet):
    model = Delivery
    icon = "mail"
    menu_label = "收发健康"
    url_prefix = "deliveries"
    index_view_class = DeliveryList
    index_template_name = "console/deliveries.html"
    filterset_class = DeliveryFilterSet
    ordering = "-pk"
    list_display: ClassVar[list[Any]] = [
        Column("host", label="大C", accessor="host_name"),
        Column("kind", label="类型", accessor=lambda row: KINDS.get(row.kind, row.kind)),
        Column("lane", label="通道", accessor="get_lane_display"),
        MomentColumn("created_at", label="写入"),
        MomentColumn("sent_at", label="发出"),
        Column("outcome", label="说明"),
        StatusTagColumn(
            "state",
            label="状态",
            accessor="get_state_display",
            primary=lambda row: row.state == Delivery.State.SENT,
        ),
    ]
    desk = Desk(
        empty=Empty("还没有发过消息。"),
        acts=(SEND_AGAIN,),
        personal=frozenset({"host"}),
        dress=name_hosts,
    )
