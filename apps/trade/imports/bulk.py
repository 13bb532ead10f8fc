"""Many orders at once, by COPY: for demo data and whoever brings orders in with their history.

`trade.services` places one order under its rules; here the caller tells what has happened. The tables end in
the same state as if the services had been called at those moments.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.database.copying import copy_rows, take_ids
from apps.lib.ids import uuid7
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event, Subject
from apps.trade.models import Order, OrderLine, OrderReversal, OrderTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    product_id: int
    quantity: int
    total_fen: int
    sku_id: int | None = None
    commission_fen: int = 0


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
    commission_fen: int = 0
    actor_id: int | None = None
    reason: str = ""


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
    def commission_fen(self) -> int:
        return sum(line.commission_fen for line in self.lines)

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
    "commission_fen",
    *_SEALED,
    "link_id",
    "visitor_id",
    "is_paid",
    "placed_at",
)
_LINE_COLUMNS = ("order_id", "product_id", "sku_id", "quantity", "total_fen", "commission_fen")
_TRANSITION_COLUMNS = ("order_id", "from_status", "to_status", "actor_id", "at")
_REVERSAL_COLUMNS = (
    "public_id",
    "order_id",
    "kind",
    "amount_fen",
    "commission_fen",
    "reason",
    "actor_id",
    "at",
)


@transaction.atomic
def add_orders(rows: Sequence[NewOrder]) -> list[int]:
    """Write orders with lines, transitions, reversals and events; their ids. Stock stays as it is."""
    order_ids = take_ids(Order._meta.db_table, len(rows))
    orders = list(zip(order_ids, rows, strict=True))
    copy_rows(Order._meta.db_table, _ORDER_COLUMNS, (_order_row(id_, row) for id_, row in orders))
    copy_rows(
        OrderLine._meta.db_table,
        _LINE_COLUMNS,
        (
            (id_, line.product_id, line.sku_id, line.quantity, line.total_fen, line.commission_fen)
            for id_, row in orders
            for line in row.lines
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
        (reversal for id_, row in orders for reversal in _reversal_rows(id_, row)),
    )
    tracking.record_many(event for id_, row in orders for event in _events(id_, row))
    return order_ids


def _order_row(order_id: int, row: NewOrder) -> list[Any]:
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
        row.commission_fen,
        *sealed,
        row.link_id,
        row.visitor_id,
        row.paid_at is not None,
        row.placed_at,
    ]


def _transition_rows(order_id: int, row: NewOrder) -> Iterator[tuple[Any, ...]]:
    yield order_id, "", str(Order.Status.PLACED), None, row.placed_at
    before = str(Order.Status.PLACED)
    for step in row.steps:
        yield order_id, before, str(step.to_status), step.actor_id, step.at
        before = str(step.to_status)


def _reversal_rows(order_id: int, row: NewOrder) -> Iterator[list[Any]]:
    left_fen, left_commission = row.total_fen, row.commission_fen
    for back in row.returns:
        left_fen -= back.amount_fen
        left_commission -= back.commission_fen
        yield _reversal(
            order_id,
            OrderReversal.Kind.RETURN,
            back.amount_fen,
            back.commission_fen,
            back.reason,
            back.actor_id,
            back.at,
        )
    if left_fen < 0:
        raise ValueError("more is taken back than the order is worth")
    for step in row.steps:
        if step.to_status == Order.Status.CANCELLED:
            yield _reversal(
                order_id,
                OrderReversal.Kind.CANCEL,
                left_fen,
                left_commission,
                step.reason,
                step.actor_id,
                step.at,
            )


def _reversal(
    order_id: int,
    kind: str,
    amount_fen: int,
    commission_fen: int,
    reason: str,
    actor_id: int | None,
    at: datetime,
) -> list[Any]:
    lender = OrderReversal(public_id=uuid7())
    return [
        lender.public_id,
        order_id,
        str(kind),
        amount_fen,
        commission_fen,
        _SEALED_REASON.seal(lender, reason),
        actor_id,
        at,
    ]


def _events(order_id: int, row: NewOrder) -> Iterator[Event]:
    def event(name: Fact, at: datetime, actor_id: int | None = None, **props: int) -> Event:
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
    )
    for step in row.steps:
        yield event(Fact(f"order.{step.to_status}"), step.at, step.actor_id)
    if row.paid_at is not None:
        yield event(Fact.ORDER_PAID, row.paid_at)
    for back in row.returns:
        yield event(Fact.ORDER_RETURNED, back.at, back.actor_id, total_fen=back.amount_fen)
