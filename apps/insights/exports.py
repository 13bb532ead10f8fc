"""Orders as rows of an export. A host's own file adds up to her pages, whoever serves her customers now.

It holds a line for each time that money moved: an order, and each cancellation and return of it. Of orders
that she serves, trade tells them, to the last second. What she earned with customers who were handed over is
known to her by her numbers alone, as on her pages: when and how much, and nothing of who or what.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from apps.accounts.models import HostQuerySet
from apps.insights.metrics.money import KINDS
from apps.insights.selectors.recounting import BEING_RECOUNTED, is_recounting
from apps.insights.selectors.rows import HANDED_OVER
from apps.lib import clock, money
from apps.outbox.registry import LaterError
from apps.records.declarations import Export, Row, Span
from apps.trade import exports as trade
from apps.trade.models import Order
from apps.trade.money import MOVES

_AT_ONCE = 1_000
_LATER = timedelta(minutes=2)


class _Move(NamedTuple):
    """One line: for whom it counts, and when; one that counts for nobody, when it was placed."""

    order_id: int
    at: datetime
    kind: str
    fen: int
    commission_fen: int
    earner_id: int


def rows(hosts: HostQuerySet, span: Span, *, is_clear: bool, is_own: bool) -> Iterable[Row]:
    return _own(hosts.get().pk, span) if is_own else trade.rows(hosts, span, is_clear=is_clear)


#: Commission is told to who earned it alone.
_MOVES = f"""
SELECT moved.order_id, moved.at, moved.kind, moved.fen,
       CASE WHEN moved.host_id = %(host)s THEN moved.commission_fen ELSE 0 END, moved.host_id
  FROM ({MOVES}) AS moved
 WHERE moved.order_id = ANY(%(orders)s) AND {{within}}
 UNION ALL
SELECT o.id, o.placed_at, 'placed', o.total_fen, 0, coalesce(o.earned_by_id, o.host_id)
  FROM trade_order o
 WHERE o.id = ANY(%(orders)s) AND NOT o.holds_stock AND {{placed_within}}
 UNION ALL
SELECT m.order_id, m.at, m.kind, m.fen, m.commission_fen, m.host_id
  FROM insights_moneymove m
 WHERE m.host_id = %(host)s AND NOT m.order_id = ANY(%(orders)s) AND {{within}}
 ORDER BY 2, 1, 3 DESC
"""  # noqa: S608 - a constant of trade
_WITHIN = (
    "({at} >= %(since)s OR %(since)s::timestamptz IS NULL) "
    "AND ({at} < %(until)s OR %(until)s::timestamptz IS NULL)"
)


def _own(host_id: int, span: Span) -> Iterator[Row]:
    """Her own, by the day on which each counts. It waits while the numbers are counted anew."""
    if is_recounting():
        raise LaterError(_LATER, BEING_RECOUNTED)
    moves = _moves(host_id, span)
    for start in range(0, len(moves), _AT_ONCE):
        some = moves[start : start + _AT_ONCE]
        served = (
            Order.objects.filter(host_id=host_id)
            .prefetch_related("lines__product", "lines__sku")
            .in_bulk({move.order_id for move in some})
        )
        for move in some:
            yield Row(host_id, _cells(move, served.get(move.order_id), host_id))


def _moves(host_id: int, span: Span) -> list[_Move]:
    values: dict[str, Any] = {
        "host": host_id,
        "orders": list(Order.objects.filter(host_id=host_id).values_list("pk", flat=True)),
        "since": clock.start_of(span.start) if span.start else None,
        "until": clock.day_range(span.end)[1] if span.end else None,
    }
    told = _MOVES.format(within=_WITHIN.format(at="at"), placed_within=_WITHIN.format(at="o.placed_at"))
    with connection.cursor() as cursor:
        cursor.execute(told, values)
        return [_Move(*row) for row in cursor.fetchall()]


def _cells(move: _Move, order: Order | None, host_id: int) -> list[object]:
    about = (
        (order.public_id, order.placed_at, order.get_status_display(), trade.goods(order))
        if order is not None
        else ("", "", "", "")
    )
    who = trade.receiver(order, is_clear=True) if order is not None else (HANDED_OVER, "", "")
    is_hers = move.earner_id == host_id
    counts = trade.counts(order) if order is not None else trade.COUNTS
    if counts == trade.COUNTS and not is_hers:
        counts = "不算：算给原来的大C"
    return [
        *about,
        KINDS[move.kind],
        move.at,
        money.decimal_yuan(move.fen),
        money.decimal_yuan(move.commission_fen),
        *who,
        "我" if is_hers else "原来的大C",
        counts,
    ]


EXPORT = Export(
    what="orders",
    label="订单",
    permission="trade.view_order",
    columns=trade.COLUMNS,
    own_columns=(
        "订单号",
        "下单时间",
        "状态",
        "商品",
        "这一笔",
        "算在什么时候",
        "金额（元）",
        "佣金（元）",
        "收货人",
        "电话",
        "地址",
        "算给",
        "算不算业绩",
    ),
    rows=rows,
)
