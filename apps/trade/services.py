"""Placing orders, and the steps that follow."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce, NullIf

from apps.accounts.models import Host, User
from apps.catalog import services as catalog
from apps.commission import services as commission
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import crypto
from apps.lib.ids import private_token
from apps.lib.phone import normalise
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event, Link, Subject, Visitor
from apps.trade.doubts import Origin, doubt_about
from apps.trade.goods import goods_of
from apps.trade.models import IdempotencyKey, Order, OrderLine, OrderReversal, OrderTransition
from apps.trade.pricing import Item, PriceChangedError, Quote, QuoteLine
from apps.trade.rules import check_browser, check_quantities, is_over_limit, rules

#: A visitor's order counts for the last link opened within this time.
ATTRIBUTION_WINDOW = timedelta(days=7)
MAX_QUANTITY = 99


class KeyReusedError(Exception):
    """This idempotency key came with another body before."""


class NothingOrderedError(Exception):
    """An order needs at least one item."""


class StepNotAllowedError(Exception):
    """The order is not in a status from which this step leads."""


class BuyerErasedError(StepNotAllowedError):
    """Its buyer asked to be erased: nobody can be asked, nothing be sent, so nobody says yes to it."""

    words = "客户已经要求删除资料，没有人能核对，也没有地址能送，这一单只能取消"


class ReturnTooLargeError(Exception):
    """More would be taken back than the order is worth; `left_fen` says how much remains."""

    def __init__(self, left_fen: int) -> None:
        super().__init__(left_fen)
        self.left_fen = left_fen


@dataclass(frozen=True, slots=True)
class Placed:
    """The order, the buyer's private link (empty on a repeat unless given), and whether it is new."""

    order: Order
    token: str
    is_new: bool


@transaction.atomic
def place_order(
    asked: Quote,
    *,
    name: str,
    phone: str,
    address: str,
    note: str = "",
    now: datetime,
    link: Link | None = None,
    visitor: Visitor | None = None,
    key_scope: str = "",
    key: str = "",
    view_token: str = "",
    seen_fen: int | None = None,
    origin: Origin | None = None,
) -> Placed:
    """Place an order by a quote, for the holder of `phone`, who becomes (or already is) its host's customer.

    By a doubtful order nobody becomes one before her host's yes.

    Takes the stock, makes the order, its lines and one `order.placed` event in one transaction. A repeat with
    the same (scope, key) and body gives the same order; with another body KeyReusedError. `view_token` is the
    text of the buyer's private link when the caller can derive it for a repeat; else it is random. By it a
    repeat is known for as long as the order holds what was typed. `seen_fen` is the total that the buyer saw;
    PriceChangedError when it is another. `origin` is where a consumer's order comes from: by it a doubtful
    one is known, which takes no stock and earns nothing until its host says yes. What is too much for this
    phone alone is placed like any other order, and marked for the host. Raises catalog.OutOfStockError,
    catalog.NotOnSaleError, rules.LimitError, doubts.TooManyWaitingError, NothingOrderedError,
    lib.phone.NotAPhoneError.
    """
    if not asked.lines:
        raise NothingOrderedError
    host = asked.host
    phone = normalise(phone)
    claim = None
    if key:
        claim = _claim_key(key_scope, key, _body_digest(host, asked.lines, name, phone, address, note), now)
        earlier = claim.order
        if earlier is None and view_token:
            # The key is forgotten after a day; the order itself still knows the text that was made of it.
            earlier = order_with_token(view_token)
            if earlier is not None and _body_of(earlier, host) != bytes(claim.body_sha256):
                raise KeyReusedError
        if earlier is not None:
            return Placed(earlier, view_token, is_new=False)

    if seen_fen is not None and seen_fen != asked.total_fen:
        raise PriceChangedError(asked)
    if not all(line.sku.product.is_on_sale for line in asked.lines):
        raise catalog.NotOnSaleError
    check_quantities(asked)
    if visitor is not None:
        check_browser(asked, visitor, now=now)
    doubt = doubt_about(asked, origin, now=now) if origin is not None else ""
    _take_stock(asked.lines, is_asked_only=bool(doubt))

    relation, _ = customers.find_or_make_relation(
        host, phone=phone, name=name, source=Relation.Source.ORDER, now=now, is_customer=not doubt
    )
    token = view_token or private_token()
    lines = [
        OrderLine(
            product=line.sku.product,
            sku=line.sku,
            quantity=line.quantity,
            total_fen=line.total_fen,
            commission_bp=line.sku.product.commission_bp,
        )
        for line in asked.lines
    ]
    try:
        with transaction.atomic():
            order = Order.objects.create(
                host=host,
                relation=relation,
                total_fen=asked.total_fen,
                receiver_name=name,
                receiver_phone=phone,
                receiver_address=address,
                buyer_note=note,
                link=link if link is not None else last_link(host, visitor, now=now),
                visitor=visitor,
                view_digest=crypto.digest(token),
                placed_at=now,
                release_at=rules().release_at(now),
                doubt=doubt,
                is_over_limit=is_over_limit(asked, relation, visitor, now=now),
                place=origin.source if origin is not None and not doubt else "",
            )
    except IntegrityError as error:
        # This form's order has gone to another host with its customer: it is there, though not to be seen.
        if "order_view_once" not in str(error):
            raise
        raise KeyReusedError from error
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    if not doubt:
        _earn(order, lines, at=now)
    OrderTransition.objects.create(order=order, to_status=Order.Status.PLACED, at=now)
    _record(
        order,
        Fact.ORDER_PLACED,
        now=now,
        total_fen=order.total_fen,
        quantity=asked.pieces,
        goods=goods_of((line.product_id, line.quantity) for line in lines),
    )
    if claim is not None:
        claim.order = order
        claim.save(update_fields=["order"])
    return Placed(order, token, is_new=True)


def last_link(host: Host, visitor: Visitor | None, *, now: datetime) -> Link | None:
    """The link of this host that the visitor opened last, within the attribution window."""
    if visitor is None:
        return None
    link_id = (
        Event.objects.filter(
            visitor_id=visitor.pk,
            host_id=host.pk,
            link_id__isnull=False,
            occurred_at__gt=now - ATTRIBUTION_WINDOW,
            occurred_at__lte=now,
        )
        .order_by("-occurred_at")
        .values_list("link_id", flat=True)
        .first()
    )
    return Link.objects.filter(pk=link_id).first() if link_id else None


@transaction.atomic
def confirm_order(order: Order, *, by: User | None, now: datetime) -> Order:
    """The host says yes. A doubtful order counts from now.

    StepNotAllowedError, BuyerErasedError, catalog.OutOfStockError: nothing changed.
    """
    _refuse_erased(order)
    order = _step(order, Order.Status.CONFIRMED, {Order.Status.PLACED}, by=by, now=now)
    _say_yes(order, now=now)
    return order


@transaction.atomic
def ship_order(order: Order, *, by: User | None, now: datetime) -> Order:
    return _step(order, Order.Status.SHIPPED, {Order.Status.CONFIRMED}, by=by, now=now)


@transaction.atomic
def finish_order(order: Order, *, by: User | None, now: datetime) -> Order:
    return _step(order, Order.Status.DONE, {Order.Status.SHIPPED}, by=by, now=now)


@transaction.atomic
def cancel_order(order: Order, *, by: User | None, now: datetime, reason: str = "") -> Order:
    """Cancel before shipping: the stock returns, and the money is reversed today."""
    order = _step(
        order, Order.Status.CANCELLED, {Order.Status.PLACED, Order.Status.CONFIRMED}, by=by, now=now
    )
    for line in order.lines.order_by("sku_id") if order.holds_stock else ():
        if line.sku_id is not None and line.quantity:
            catalog.return_stock(line.sku_id, line.quantity)
    _reverse(order, OrderReversal.Kind.CANCEL, left_fen_of(order), by=by, now=now, reason=reason)
    return order


@transaction.atomic
def return_goods(
    order: Order, *, amount_fen: int, by: User | None, now: datetime, reason: str = ""
) -> OrderReversal:
    """Take back part or all of a shipped order's money, today. ReturnTooLargeError, StepNotAllowedError."""
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.status not in {Order.Status.SHIPPED, Order.Status.DONE}:
        raise StepNotAllowedError(locked.status)
    left_fen = left_fen_of(locked)
    if not 0 < amount_fen <= left_fen:
        raise ReturnTooLargeError(left_fen)
    reversal = _reverse(locked, OrderReversal.Kind.RETURN, amount_fen, by=by, now=now, reason=reason)
    _record(locked, Fact.ORDER_RETURNED, now=now, by=by, total_fen=amount_fen)
    return reversal


@transaction.atomic
def mark_paid(order: Order, *, by: User | None, now: datetime) -> Order:
    """The host says that the money arrived (payment itself is outside the product).

    For a doubtful order that is her yes, too. StepNotAllowedError when it is cancelled or was paid before;
    BuyerErasedError of a doubtful one; catalog.OutOfStockError: nothing changed.
    """
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.is_paid or locked.status == Order.Status.CANCELLED:
        raise StepNotAllowedError(locked.status)
    if not locked.holds_stock:
        _refuse_erased(locked)
    locked.is_paid, locked.paid_at, locked.place = True, now, ""
    locked.save(update_fields=["is_paid", "paid_at", "place"])
    _say_yes(locked, now=now)
    _record(locked, Fact.ORDER_PAID, now=now, by=by)
    return locked


def _refuse_erased(order: Order) -> None:
    if Relation.objects.filter(pk=order.relation_id, blocked_at__isnull=False).exists():
        raise BuyerErasedError(order.status)


def _say_yes(order: Order, *, now: datetime) -> None:
    """A doubtful order, whose row is held, takes its stock and earns with its host's first yes.

    catalog.OutOfStockError.
    """
    if order.holds_stock:
        return
    lines = list(order.lines.select_related("sku"))
    _take_stock([Item(line.sku, line.quantity) for line in lines if line.sku], is_asked_only=False)
    order.agreed_at = max(now, order.placed_at)
    order.save(update_fields=["agreed_at"])
    order.refresh_from_db(fields=["holds_stock"])
    customers.take_on(order.relation, now=order.agreed_at)
    _earn(order, lines, at=order.agreed_at)


def _earn(order: Order, lines: Iterable[OrderLine], *, at: datetime) -> None:
    commission.earn(
        order.earned_by_id or order.host_id,
        order.pk,
        [commission.Earning(line.pk, line.total_fen, line.commission_bp) for line in lines],
        at=at,
    )


def _take_stock(items: Iterable[Item | QuoteLine], *, is_asked_only: bool) -> None:
    """Take these pieces, or (`is_asked_only`) see that they are there. catalog.OutOfStockError."""
    # Stock rows are always taken in one order, so that two baskets can't wait for each other.
    for wanted in sorted(items, key=lambda item: item.sku.pk):
        if not is_asked_only:
            catalog.take_stock(wanted.sku, wanted.quantity)
        else:
            # Asked anew: what the quote knew is older than who was first.
            catalog.check_stock(wanted.sku, wanted.quantity)


def _step(order: Order, to: str, allowed: set[str], *, by: User | None, now: datetime) -> Order:
    locked = Order.objects.select_for_update().get(pk=order.pk)
    if locked.status not in allowed:
        raise StepNotAllowedError(locked.status)
    before, locked.status, locked.place = locked.status, to, ""
    locked.save(update_fields=["status", "place"])
    OrderTransition.objects.create(order=locked, from_status=before, to_status=to, actor=by, at=now)
    _record(locked, Fact(f"order.{to}"), now=now, by=by)
    return locked


def _reverse(
    order: Order, kind: OrderReversal.Kind, amount_fen: int, *, by: User | None, now: datetime, reason: str
) -> OrderReversal:
    """Take back so much of the order's money, and its part of the commission. The order's row is held."""
    reversal = OrderReversal.objects.create(
        order=order, kind=kind, amount_fen=amount_fen, reason=reason, actor=by, at=now
    )
    back_fen = order.total_fen - left_fen_of(order)
    commission.take_back(order.pk, commission.Back(reversal.pk, back_fen, order.total_fen, now))
    return reversal


def left_fen_of(order: Order, reversals: Iterable[OrderReversal] | None = None) -> int:
    """What of the order's total has not been taken back, in fen; `reversals` are its own, if read already."""
    taken = order.reversals.all() if reversals is None else reversals
    return order.total_fen - sum(one.amount_fen for one in taken)


def _claim_key(scope: str, key: str, body: bytes, now: datetime) -> IdempotencyKey:
    """The row of this key, held until the transaction ends, so that a twin request waits for the outcome."""
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(scope=scope, key=key, body_sha256=body, created_at=now)], ignore_conflicts=True
    )
    claim = IdempotencyKey.objects.select_for_update(of=("self",)).get(scope=scope, key=key)
    if bytes(claim.body_sha256) != body:
        raise KeyReusedError
    return claim


def is_same_again(host: Host, visitor: Visitor, items: Sequence[Item], *, since: datetime) -> bool:
    """Whether this browser placed an order of just these items since then, and it stands."""
    lines = OrderLine.objects.filter(
        order__host=host, order__visitor=visitor, order__placed_at__gte=since
    ).exclude(order__status=Order.Status.CANCELLED)
    any_of_them = reduce(or_, (Q(sku=item.sku, quantity=item.quantity) for item in items))
    orders = lines.values("order").annotate(all_lines=Count("pk"), same=Count("pk", filter=any_of_them))
    return orders.filter(all_lines=len(items), same=len(items)).exists()


def order_with_token(token: str) -> Order | None:
    """The order whose buyer's private link holds this text, as far as the one who asks may see it."""
    return Order.objects.filter(view_digest=crypto.digest(token)).first()


def _body_of(order: Order, host: Host) -> bytes:
    items = [Item(line.sku, line.quantity) for line in order.lines.select_related("sku") if line.sku]
    return _body_digest(
        host, items, order.receiver_name, order.receiver_phone, order.receiver_address, order.buyer_note
    )


def _body_digest(
    host: Host, items: Sequence[Item | QuoteLine], name: str, phone: str, address: str, note: str
) -> bytes:
    body = [host.pk, sorted((item.sku.pk, item.quantity) for item in items), name, phone, address, note]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).digest()


def _record(order: Order, fact: Fact, *, now: datetime, by: User | None = None, **props: Any) -> None:
    tracking.record(
        fact,
        at=now,
        host_id=order.host_id,
        relation_id=order.relation_id,
        visitor_id=order.visitor_id,
        link_id=order.link_id,
        actor_id=by.pk if by else None,
        subject_kind=Subject.ORDER,
        subject_id=order.pk,
        props=props,
    )


def orders_follow(relation_ids: list[int], host_id: int) -> None:
    """Orders go with the customer who was handed over: her new host serves them from now on.

    They go on counting for the host who made them (`earned_by`); with her again, they count for her as ever.
    """
    Order.objects.filter(relation__in=relation_ids).update(
        earned_by_id=NullIf(Coalesce("earned_by_id", "host_id"), Value(host_id)), host_id=host_id
    )
