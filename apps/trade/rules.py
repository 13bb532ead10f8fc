"""How many pieces of a product HQ lets one order, and one person, have."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import db_role
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Visitor
from apps.trade.models import Order, OrderLine, OrderRules
from apps.trade.pricing import Quote, QuoteLine


class LimitError(Exception):
    """More pieces of `line` than HQ allows: `most` within `days` (None: in one order).

    `left` is how many this browser may still have; None when the quantity alone is too large, whoever asks.
    """

    def __init__(
        self, line: QuoteLine, *, most: int, days: int | None = None, left: int | None = None
    ) -> None:
        super().__init__(line.sku.pk, most)
        self.line, self.most, self.days, self.left = line, most, days, left

    @property
    def words(self) -> str:
        title = self.line.sku.product.title
        if self.days is None:
            return f"「{title}」每单最多买 {self.most} 件。"
        limit = f"「{title}」每人 {self.days} 天内最多买 {self.most} 件"
        if self.left is None:
            return f"{limit}。"
        left = f"这台手机现在还能买 {self.left} 件" if self.left else "这台手机已经买满了，过几天再来"
        return f"{limit}，{left}。"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One product of a quote: its first line, and its pieces in all sizes together."""

    line: QuoteLine
    pieces: int

    @property
    def most_per_person(self) -> int | None:
        return self.line.sku.product.most_per_person


def rules() -> OrderRules:
    """What HQ has set; our defaults until it does."""
    return OrderRules.objects.first() or OrderRules()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a consumer is told before she orders: how it comes to her, and how it goes back."""

    delivery: str
    returns: str


def terms_at(host: Host) -> Terms:
    """In HQ's words; where it has none, in words that are true of any order here."""
    set_by_hq = rules()
    return Terms(
        set_by_hq.delivery
        or f"下单后由{host.name}和你确认付款、送到哪里、哪天能到，确认了才备货。先不用付钱。",
        set_by_hq.returns
        or f"收到以后有什么不满意，直接找{host.name}退换。能不能退、怎么退，下单前也可以先问清楚。",
    )


def note_change(before: OrderRules, after: OrderRules, *, by: Any, now: datetime) -> None:
    """One event with what was and what is, for each thing that changed; none when nothing did."""
    changed: dict[str, Any] = {
        name: [getattr(before, name), getattr(after, name)]
        for name in (*OrderRules.figures(), *OrderRules.WORDS)
        if getattr(before, name) != getattr(after, name)
    }
    if changed:
        tracking.record(Fact.ORDER_RULES_CHANGED, at=now, actor_id=by.pk, props=changed)


def check_quantities(asked: Quote) -> None:
    """LimitError when this is more than one order, or anybody, may have: whoever asks."""
    for wanted in _by_product(asked):
        product = wanted.line.sku.product
        if product.most_per_order is not None and wanted.pieces > product.most_per_order:
            raise LimitError(wanted.line, most=product.most_per_order)
        if product.most_per_person is not None and wanted.pieces > product.most_per_person:
            raise LimitError(wanted.line, most=product.most_per_person, days=product.limit_days)


def check_browser(asked: Quote, visitor: Visitor, *, now: datetime) -> None:
    """LimitError when this browser, with any host and whatever phone was typed, would have had too many.

    Two orders of one browser wait for each other here.
    """
    limited = [wanted for wanted in _by_product(asked) if wanted.most_per_person is not None]
    if limited:
        Visitor.objects.select_for_update().get(pk=visitor.pk)
    for wanted in limited:
        product, most = wanted.line.sku.product, wanted.most_per_person or 0
        bought = _bought(Q(order__visitor=visitor), wanted, now=now)
        if bought + wanted.pieces > most:
            left = max(0, most - bought)
            raise LimitError(wanted.line, most=most, days=product.limit_days, left=left)


def is_over_limit(asked: Quote, relation: Relation, visitor: Visitor | None, *, now: datetime) -> bool:
    """Whether this phone with its host, with what the browser bought besides, would have had too many.

    Her host is told and decides. Who typed the phone must not find out: it may be somebody else's.
    """
    limited = [wanted for wanted in _by_product(asked) if wanted.most_per_person is not None]
    if not limited:
        return False
    hers = Q(order__relation__in=customers.relations_sharing_limits(relation))
    if visitor is not None:
        hers |= Q(order__visitor=visitor)
    return any(
        _bought(hers, wanted, now=now) + wanted.pieces > (wanted.most_per_person or 0) for wanted in limited
    )


def _bought(whose: Q, wanted: _Wanted, *, now: datetime) -> int:
    """How many pieces of this product were bought within its days, less what was cancelled."""
    product = wanted.line.sku.product
    since = now - timedelta(days=product.limit_days)
    with db_role.as_worker():  # a number alone, of what the same browser ordered with other hosts
        bought = (
            OrderLine.objects.filter(whose, product=product, order__placed_at__gt=since)
            .exclude(order__status=Order.Status.CANCELLED)
            .aggregate(pieces=Sum("quantity"))["pieces"]
        )
    return bought or 0


def _by_product(asked: Quote) -> Iterable[_Wanted]:
    found: dict[int, _Wanted] = {}
    for line in asked.lines:
        known = found.get(line.sku.product_id, _Wanted(line, 0))
        found[line.sku.product_id] = _Wanted(known.line, known.pieces + line.quantity)
    return found.values()
