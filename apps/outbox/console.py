"""What leaves and what does not, for HQ: numbers first, then the rows that need somebody."""

from datetime import timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, StatusTagColumn
from wagtail.admin.views import generic

from apps.accounts.models import Host
from apps.console_kit.viewsets import ListOnlyViewSet, MomentColumn
from apps.outbox.models import Delivery, Heartbeat, Inbox
from apps.outbox.services import heartbeats

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


class DeliveryFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(choices=Delivery.State.choices, label="状态", empty_label="全部")

    class Meta:
        model = Delivery
        fields: ClassVar[list[str]] = ["state"]


class DeliveryList(generic.IndexView):
    page_title = "收发健康"

    def get_edit_url(self, instance: Delivery) -> None:
        return None

    def get_list_buttons(self, instance: Delivery) -> list[Any]:
        return []

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        names = dict(
            Host.objects.filter(pk__in={row.host_id for row in context["object_list"]}).values_list(
                "pk", "name"
            )
        )
        for row in context["object_list"]:
            row.host_name = names.get(row.host_id, "—")
        return {**context, **health()}


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
            filter=Q(state__in=[Delivery.State.REFUSED, Delivery.State.DEAD, Delivery.State.EXPIRED]) & day,
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
