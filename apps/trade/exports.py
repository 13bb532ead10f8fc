"""Orders as rows of an export."""

from collections.abc import Iterator

from apps.accounts.models import HostQuerySet
from apps.commission import selectors as commission
from apps.lib import clock, money
from apps.lib.masks import mask_address, mask_name, mask_phone
from apps.lib.phone import national
from apps.records.declarations import Export, Row, Span
from apps.trade.models import Order

_AT_ONCE = 1_000


def rows(hosts: HostQuerySet, span: Span, *, is_clear: bool, is_own: bool) -> Iterator[Row]:
    # Her own file holds the orders that she serves, with the commission that is hers; HQ's holds everybody's.
    # What she earned with customers who were handed over since is their new host's: her pages list its money.
    earner_id = hosts.get().pk if is_own else None
    found = (
        Order.objects.filter(host__in=hosts.order_by().values("pk"))
        .select_related("host__organisation", "earned_by")
        .prefetch_related("lines__product", "lines__sku", "reversals")
        .annotate(commission_fen=commission.of_order(earner_id))
        .order_by("placed_at", "pk")
    )
    if span.start:
        found = found.filter(placed_at__gte=clock.start_of(span.start))
    if span.end:
        found = found.filter(placed_at__lt=clock.day_range(span.end)[1])
    for order in found.iterator(chunk_size=_AT_ONCE):
        name, phone, address = order.receiver_name, order.receiver_phone, order.receiver_address
        if not is_clear:
            name, phone, address = mask_name(name), mask_phone(phone), mask_address(address)
        goods = "；".join(f"{line.product.title} ×{line.quantity}" for line in order.lines.all())
        back = sum(one.amount_fen for one in order.reversals.all())
        yield Row(
            order.host_id,
            [
                order.public_id,
                order.placed_at,
                order.get_status_display(),
                goods,
                money.decimal_yuan(order.total_fen),
                money.decimal_yuan(back),
                money.decimal_yuan(order.commission_fen),
                name,
                national(phone),
                address,
                *_whose(order, is_own=is_own),
                _counts(order),
            ],
        )


def _whose(order: Order, *, is_own: bool) -> list[str]:
    """For whom it counts, and at HQ who serves it; a host is not told another's name."""
    if is_own:
        return ["原来的大C" if order.earned_by_id else "我"]
    return [order.earner.name, order.host.name, order.host.organisation.name]


def _counts(order: Order) -> str:
    """Whether numbers hold it: a doubtful order without its host's yes is in none."""
    if order.holds_stock:
        return "算"
    return "不算：没点过头就取消了" if order.status == Order.Status.CANCELLED else "不算：存疑，还没点头"


_COLUMNS = (
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
)
EXPORT = Export(
    what="orders",
    label="订单",
    permission="trade.view_order",
    columns=(*_COLUMNS, "算给", "大C", "组织", "算不算业绩"),
    own_columns=(*_COLUMNS, "算给", "算不算业绩"),
    rows=rows,
)
