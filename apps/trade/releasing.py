"""Orders that nobody confirms give their stock back after the time that HQ had set when they were placed."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.lib import addresses
from apps.outbox.letters import APP_MESSAGE, Card, pack
from apps.outbox.registry import JobKind, Period
from apps.outbox.services import deliveries
from apps.trade.models import Order
from apps.trade.services import cancel_order

_AT_ONCE = 200


def released_at(order: Order) -> datetime | None:
    """When this order cancels itself unless its host says yes; None when it does not."""
    return order.release_at if order.status == Order.Status.PLACED and not order.is_paid else None


def release(*, now: datetime) -> int:
    """Cancel what waited too long, and tell the hosts; how many orders."""
    due = Order.objects.filter(status=Order.Status.PLACED, is_paid=False, release_at__lte=now)
    gone = 0
    for pk in due.order_by("release_at").values_list("pk", flat=True)[:_AT_ONCE]:
        with transaction.atomic():
            # Held and asked again: she may confirm it, or note that she was paid, in this very moment.
            order = due.select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if order is None:
                continue
            hours = _hours_of(order)
            cancel_order(order, by=None, now=now, reason=f"{hours} 小时没有确认，自动取消")
            _tell(order, hours)
            gone += 1
    return gone


def _hours_of(order: Order) -> int:
    """How long it was given, when it was placed, for somebody to say yes."""
    assert order.release_at is not None
    return round((order.release_at - order.placed_at) / timedelta(hours=1))


def _tell(order: Order, hours: int) -> None:
    if order.host.is_active:
        back = "，库存退回了" if order.holds_stock else ""
        words = f"{order.relation.shown_name}的一单过了 {hours} 小时还没确认，已自动取消{back}。"
        deliveries.queue(
            APP_MESSAGE,
            key=f"order-released:{order.pk}",
            body=pack(Card("订单自动取消", words, addresses.page("workbench:order", order.public_id))),
            host_id=order.host_id,
        )


def _run(payload: dict[str, Any], now: datetime) -> str:
    return f"{release(now=now)} 张订单没人确认，退回了库存"


JOB = JobKind("trade.release", _run, period=Period.TEN_MINUTES)
