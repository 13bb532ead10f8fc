"""HQ's rules against orders that nobody means: how many pieces, and when the host's yes is waited for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from apps.accounts.services import rate_limits
from apps.customers.models import Relation
from apps.database import db_role
from apps.tracking.models import Link, Visitor
from apps.trade.models import Order, OrderLine, OrderRules
from apps.trade.pricing import Quote, QuoteLine

_HOUR = timedelta(hours=1)
#: So many orders from one network address, through one link, may wait for the host's yes within an hour. Who
#: comes often may be a whole group behind one address; a few who want very much are enough.
WAITING_AT_ONE_ADDRESS = {Order.Doubt.MANY: 3, Order.Doubt.OFTEN: 20}


class LimitError(Exception):
    """More pieces of `line` than HQ allows: `most` within `days` (None: in one order), `left` of them now."""

    def __init__(self, line: QuoteLine, *, most: int, left: int, days: int | None) -> None:
        super().__init__(line.sku.pk, most)
        self.line, self.most, self.left, self.days = line, most, left, days

    @property
    def words(self) -> str:
        title = self.line.sku.product.title
        if self.days is None:
            return f"「{title}」每单最多买 {self.most} 件。"
        left = f"现在还能买 {self.left} 件" if self.left else "现在已经买满了，过几天再来"
        return f"「{title}」每人 {self.days} 天内最多买 {self.most} 件，{left}。"


class TooManyWaitingError(Exception):
    """Orders of this browser, or from its address, wait for the host's yes already."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a consumer's order comes from: which link, which browser, which network address (a hash)."""

    link: Link
    visitor: Visitor
    source: str
    #: The browser brought no cookie of ours.
    is_new: bool


def rules() -> OrderRules:
    """What HQ has set; our defaults until it does."""
    return OrderRules.objects.first() or OrderRules()


def check_order_limits(asked: Quote) -> None:
    """LimitError when one product comes in more pieces than one order may have."""
    for line, pieces in _by_product(asked):
        most = line.sku.product.most_per_order
        if most is not None and pieces > most:
            raise LimitError(line, most=most, left=most, days=None)


def check_person_limits(asked: Quote, relation: Relation, visitor: Visitor | None, *, now: datetime) -> None:
    """LimitError when this phone with this host, or this browser with anybody, would have had too many.

    Two orders of one person wait for each other: by her relation, which is held, and by her browser.
    """
    limited = [row for row in _by_product(asked) if row[0].sku.product.most_per_person is not None]
    if not limited:
        return
    hers = Q(order__relation=relation)
    if visitor is not None:
        Visitor.objects.select_for_update().get(pk=visitor.pk)
        hers |= Q(order__visitor=visitor)
    for line, pieces in limited:
        product = line.sku.product
        since = now - timedelta(days=product.limit_days)
        with db_role.as_worker():  # a number alone, of what she ordered with other hosts by the same browser
            bought = (
                OrderLine.objects.filter(hers, product=product, order__placed_at__gt=since)
                .exclude(order__status=Order.Status.CANCELLED)
                .aggregate(pieces=Sum("quantity"))["pieces"]
                or 0
            )
        most = product.most_per_person or 0
        if bought + pieces > most:
            raise LimitError(line, most=most, left=max(0, most - bought), days=product.limit_days)


def doubt_about(asked: Quote, origin: Origin, *, now: datetime) -> str:
    """Why this order waits for the host's yes, as Order.Doubt; empty when nothing is odd.

    TooManyWaitingError when enough of them wait already.
    """
    set_by_hq = rules()
    doubt = None
    if _comes_often(origin, set_by_hq, now=now):
        doubt = Order.Doubt.OFTEN
    if asked.pieces > set_by_hq.many_pieces:
        doubt = Order.Doubt.MANY
    if doubt is None:
        return ""
    waiting = Order.objects.filter(
        visitor=origin.visitor, status=Order.Status.PLACED, holds_stock=False
    ).exists()
    place = f"{origin.link.pk} {origin.source} {doubt}"
    most = WAITING_AT_ONE_ADDRESS[doubt]
    if waiting or rate_limits.wait_s("trade:waiting", place, limit=most, window=_HOUR, now=now):
        raise TooManyWaitingError
    return str(doubt)


def _comes_often(origin: Origin, set_by_hq: OrderRules, *, now: datetime) -> bool:
    """Whether this browser, or its address, has ordered too often through this link within the hour.

    A group's people often stand behind one address, each with a browser of her own; those that bring no
    cookie can't be told apart, nor can a program that keeps none be told from them.
    """
    place = f"{origin.link.pk} {origin.source}"
    counts = [("trade:address", place, set_by_hq.many_from_address)]
    if origin.is_new:
        counts.append(("trade:new", place, set_by_hq.many_new))
    else:
        counts.append(("trade:browser", f"{origin.link.pk} {origin.visitor.pk}", set_by_hq.many_orders))
    # Each is counted, whatever the other says.
    waits = [rate_limits.wait_s(door, who, limit=limit, window=_HOUR, now=now) for door, who, limit in counts]
    return any(waits)


def _by_product(asked: Quote) -> list[tuple[QuoteLine, int]]:
    """For each product its first line, and its pieces in all sizes together."""
    found: dict[int, tuple[QuoteLine, int]] = {}
    for line in asked.lines:
        first, pieces = found.get(line.sku.product_id, (line, 0))
        found[line.sku.product_id] = (first, pieces + line.quantity)
    return list(found.values())
