"""Orders as rows of HQ's export, and what a host's own says of an order too (`insights.exports`)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models.functions import Coalesce

from apps.accounts import places
from apps.accounts.models import HostQuerySet
from apps.commission import selectors as commission
from apps.lib import clock, money
from apps.lib.masks import mask_address, mask_name, mask_phone
from apps.lib.phone import national
from apps.records.declarations import Row, Span
from apps.trade.models import Order

_AT_ONCE = 1_000


def rows(hosts: HostQuerySet, span: Span, *, is_clear: bool) -> Iterator[Row]:
    """A line for each order of these hosts, by the moment that counts it: placing, or a doubtful order's yes.

    Its organisation is that of who earned it, on that day: so the file adds up to the numbers by
    organisation, whatever the span.
    """
    found = (
        Order.objects.filter(host__in=hosts.order_by().values("pk"))
        .select_related("host", "earned_by")
        .prefetch_related("lines__product", "lines__sku", "reversals")
        .annotate(commission_fen=commission.of_order(None), counts_at=Coalesce("agreed_at", "placed_at"))
        .order_by("counts_at", "pk")
    )
    if span.start:
        found = found.filter(counts_at__gte=clock.start_of(span.start))
    if span.end:
        found = found.filter(counts_at__lt=clock.day_range(span.end)[1])
    for order, place in _placed(found.iterator(chunk_size=_AT_ONCE)):
        back = sum(one.amount_fen for one in order.reversals.all())
        yield Row(
            order.host_id,
            [
                order.public_id,
                order.placed_at,
                order.get_status_display(),
                goods(order),
                money.decimal_yuan(order.total_fen),
                money.decimal_yuan(back),
                money.decimal_yuan(order.commission_fen),
                *receiver(order, is_clear=is_clear),
                order.earner.name,
                place,
                order.host.name,
                counts(order),
                order.counts_at if order.holds_stock else None,
            ],
        )


def _placed(found: Iterable[Any]) -> Iterator[tuple[Any, str]]:
    """Each order with the organisation where its earner was on the day that counts it."""
    left = iter(found)
    while some := list(islice(left, _AT_ONCE)):
        yield from zip(
            some,
            places.names_on([(one.earner.pk, one.agreed_at or one.placed_at) for one in some]),
            strict=True,
        )


def goods(order: Order) -> str:
    return "；".join(f"{line.product.title} ×{line.quantity}" for line in order.lines.all())


def receiver(order: Order, *, is_clear: bool) -> tuple[str, str, str]:
    name, phone, address = order.receiver_name, order.receiver_phone, order.receiver_address
    if not is_clear:
        name, phone, address = mask_name(name), mask_phone(phone), mask_address(address)
    return name, national(phone), address


def counts(order: Order) -> str:
    """Whether numbers hold it: a doubtful order without its host's yes is in none."""
    if order.holds_stock:
        return COUNTS
    return "不算：没点过头就取消了" if order.status == Order.Status.CANCELLED else "不算：存疑，还没点头"


COUNTS = "算"
COLUMNS = (
    "订单号",
    "下单时间",
    "状态",
    "商品",
    "金额（元）",
    "已退（元）",
    "佣金（元）",
    "收货人",
    "电话",
    "地址",
    "算给",
    "算给的组织",
    "大C",
    "算不算业绩",
    "算在什么时候",
)
