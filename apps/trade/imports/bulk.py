"""Many orders at once, by COPY: for demo data and whoever brings orders in with their history.

`trade.services` places one order under its rules; here the caller tells what has happened. The tables end in
the same state as if the services had been called at those moments.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Model

from apps.commission import services as commission
from apps.commission.models import Entry
from apps.database.copying import copy_rows, take_ids
from apps.lib.ids import uuid7
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event, Subject
from apps.trade.goods import goods_of
from apps.trade.models import Order, OrderLine, OrderReversal, OrderRules, OrderTransition
from apps.trade.rules import rules


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    product_id: int
    quantity: int
    total_fen: int
    sku_id: int | None = None
    commission_bp: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The order went on to `to_status` at that moment; to `cancelled` reverses what is left of its money."""

    to_status: str
    at: datetime
    actor_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Goods came back, and this much money with them."""

    amount_fen: int
    at: datetime
    actor_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reversal:
    """Money taken back, as the order's history has it."""

    kind: str
    amount_fen: int
    at: datetime
    actor_id: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order with its history: placed at `placed_at`, then `steps` in order of time."""

    host_id: int
    relation_id: int
    placed_at: datetime
    lines: Sequence[NewLine]
    source: str = ""
    external_no: str = ""
    link_id: int | None = None
    visitor_id: int | None = None
    receiver_name: str = ""
    receiver_phone: str = ""
    receiver_address: str = ""
    buyer_note: str = ""
    paid_at: datetime | None = None
    steps: Sequence[Step] = ()
    returns: Sequence[Return] = ()

    @property
    def total_fen(self) -> int:
        return sum(line.total_fen for line in self.lines)

    @property
    def reversals(self) -> "list[Reversal]":
        """The returns, and last the cancellation with what they left. ValueError: more than the order."""
        left_fen = self.total_fen - sum(back.amount_fen for back in self.returns)
        if left_fen < 0:
            raise ValueError("more is taken back than the order is worth")
        kind = OrderReversal.Kind
        found = [
            Reversal(str(kind.RETURN), back.amount_fen, back.at, back.actor_id, back.reason)
            for back in self.returns
        ]
        return found + [
            Reversal(str(kind.CANCEL), left_fen, step.at, step.actor_id, step.reason)
            for step in self.steps
            if step.to_status == Order.Status.CANCELLED
        ]

    @property
    def status(self) -> str:
        return str(self.steps[-1].to_status if self.steps else Order.Status.PLACED)


_SEALED: dict[str, Any] = {
    name: Order._meta.get_field(name)
    for name in ("receiver_name", "receiver_phone", "receiver_address", "buyer_note")
}
_SEALED_REASON: Any = OrderReversal._meta.get_field("reason")
_ORDER_COLUMNS = (
    "id",
    "public_id",
    "host_id",
    "relation_id",
    "status",
    "source",
    "external_no",
    "total_fen",
    *_SEALED,
    "link_id",
    "visitor_id",
    "is_paid",
    "paid_at",
    "placed_at",
    "release_at",
)
_LINE_COLUMNS = ("id", "order_id", "product_id", "sku_id", "quantity", "total_fen", "commission_bp")
_TRANSITION_COLUMNS = ("order_id", "from_status", "to_status", "actor_id", "at")
_REVERSAL_COLUMNS = ("id", "public_id", "order_id", "kind", "amount_fen", "reason", "actor_id", "at")
_ENTRY_COLUMNS = (
    "host_id",
    "order_id",
    "line_id",
    "reversal_id",
    "base_fen",
    "rate_bp",
    "amount_fen",
    "at",
)


@transaction.atomic
def add_orders(rows: Sequence[NewOrder]) -> list[int]:
    """Write orders with lines, transitions, reversals and events; their ids. Stock stays as it is."""
    order_ids = take_ids(Order._meta.db_table, len(rows))
    orders = list(zip(order_ids, rows, strict=True))
    line_ids = _ids_each(OrderLine, orders, lambda row: len(row.lines))
    reversal_ids = _ids_each(OrderReversal, orders, lambda row: len(row.reversals))
    set_by = rules()
    copy_rows(Order._meta.db_table, _ORDER_COLUMNS, (_order_row(id_, row, set_by) for id_, row in orders))
    copy_rows(
        OrderLine._meta.db_table,
        _LINE_COLUMNS,
        (
            (
                line_id,
                id_,
                line.product_id,
                line.sku_id,
                line.quantity,
                line.total_fen,
                line.commission_bp,
            )
            for id_, row in orders
            for line_id, line in zip(line_ids[id_], row.lines, strict=True)
        ),
    )
    copy_rows(
        OrderTransition._meta.db_table,
        _TRANSITION_COLUMNS,
        (step for id_, row in orders for step in _transition_rows(id_, row)),
    )
    copy_rows(
        OrderReversal._meta.db_table,
        _REVERSAL_COLUMNS,
        (reversal for id_, row in orders for reversal in _reversal_rows(id_, row, reversal_ids[id_])),
    )
    copy_rows(
        Entry._meta.db_table,
        _ENTRY_COLUMNS,
        (
            [getattr(entry, name) for name in _ENTRY_COLUMNS]
            for id_, row in orders
            for entry in _entries(id_, row, line_ids[id_], reversal_ids[id_])
        ),
    )
    tracking.record_many(event for id_, row in orders for event in _events(id_, row))
    return order_ids


def _ids_each(
    model: type[Model], orders: list[tuple[int, NewOrder]], many: Callable[[NewOrder], int]
) -> dict[int, list[int]]:
    """By order, primary keys for so many rows of `model`."""
    free = iter(take_ids(model._meta.db_table, sum(many(row) for _, row in orders)))
    return {order_id: list(islice(free, many(row))) for order_id, row in orders}


def _order_row(order_id: int, row: NewOrder, set_by: OrderRules) -> list[Any]:
    lender = Order(public_id=uuid7())
    sealed = []
    for name, field in _SEALED.items():
        sealed.append(field.seal(lender, getattr(row, name)))
    return [
        order_id,
        lender.public_id,
        row.host_id,
        row.relation_id,
        row.status,
        row.source,
        row.external_no,
        row.total_fen,
        *sealed,
        row.link_id,
        row.visitor_id,
        row.paid_at is not None,
        row.paid_at,
        row.placed_at,
        set_by.release_at(row.placed_at) if not row.source else None,
    ]


def _transition_rows(order_id: int, row: NewOrder) -> Iterator[tuple[Any, ...]]:
    yield order_id, "", str(Order.Status.PLACED), None, row.placed_at
    before = str(Order.Status.PLACED)
    for step in row.steps:
        yield order_id, before, str(step.to_status), step.actor_id, step.at
        before = str(step.to_status)


def _reversal_rows(order_id: int, row: NewOrder, ids: Sequence[int]) -> Iterator[list[Any]]:
    for id_, back in zip(ids, row.reversals, strict=True):
        lender = OrderReversal(public_id=uuid7())
        reason = _SEALED_REASON.seal(lender, back.reason)
        yield [id_, lender.public_id, order_id, back.kind, back.amount_fen, reason, back.actor_id, back.at]


def _entries(
    order_id: int, row: NewOrder, line_ids: Sequence[int], reversal_ids: Sequence[int]
) -> list[Entry]:
    """What the order's lines earned its host, and what its reversals took back."""
    found = commission.earned(
        row.host_id,
        order_id,
        (
            commission.Earning(id_, line.total_fen, line.commission_bp)
            for id_, line in zip(line_ids, row.lines, strict=True)
        ),
        at=row.placed_at,
    )
    back_fen = 0
    for id_, back in zip(reversal_ids, row.reversals, strict=True):
        back_fen += back.amount_fen
        found += commission.taken_back(found, commission.Back(id_, back_fen, row.total_fen, back.at))
    return found


def _events(order_id: int, row: NewOrder) -> Iterator[Event]:
    def event(name: Fact, at: datetime, actor_id: int | None = None, **props: Any) -> Event:
        return Event(
            name=name,
            occurred_at=at,
            host_id=row.host_id,
            relation_id=row.relation_id,
            visitor_id=row.visitor_id,
            link_id=row.link_id,
            actor_id=actor_id,
            subject_kind=Subject.ORDER,
            subject_id=order_id,
            props=props,
        )

    yield event(
        Fact.ORDER_PLACED,
        row.placed_at,
        total_fen=row.total_fen,
        quantity=sum(line.quantity for line in row.lines),
        goods=goods_of((line.product_id, line.quantity) for line in row.lines),
    )
    for step in row.steps:
        yield event(Fact(f"order.{step.to_status}"), step.at, step.actor_id)
    if row.paid_at is not None:
        yield event(Fact.ORDER_PAID, row.paid_at)
    for back in row.returns:
        yield event(Fact.ORDER_RETURNED, back.at, back.actor_id, total_fen=back.amount_fen)
