"""Orders that may be nobody's: which wait for their host's yes before they take stock.

A stranger needs no account to order, so that one program could take all of HQ's stock and leave a host with
a crowd of orders that nobody wants. Three things are bounded: how often somebody orders with one host, how
many pieces of a product lie in orders that nobody has confirmed (over all links of all hosts), and how many
doubtful orders wait. All figures are HQ's (`OrderRules`).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from apps.accounts.services import rate_limits
from apps.catalog.models import Sku
from apps.database import db_role
from apps.tracking.models import Link, Visitor
from apps.trade.models import Order, OrderLine, OrderRules
from apps.trade.pricing import Quote
from apps.trade.rules import rules

_HOUR = timedelta(hours=1)
_SAID_YES = (Order.Status.CONFIRMED, Order.Status.SHIPPED, Order.Status.DONE)


class TooManyWaitingError(Exception):
    """Orders of this browser, or from its address, wait for the host's yes already."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a consumer's order comes from: which link, which browser, which network (a keyed hash)."""

    link: Link
    visitor: Visitor
    source: str

    @property
    def by_host(self) -> str:
        """The network, apart for each host: over all of her links."""
        return f"{self.link.host_id} {self.source}"


@dataclass(frozen=True, slots=True)
class _Held:
    """Pieces in orders that nobody has confirmed or paid: of this browser, of this network, of everybody."""

    by_browser: Counter[int]  # by product
    by_place: Counter[int]  # by product
    by_all: Counter[int]  # by SKU


def is_new(visitor: Visitor, set_by_hq: OrderRules, now: datetime) -> bool:
    """Whether this browser has only just come: a program has a cookie of ours after a single GET."""
    return visitor.first_seen_at > now - timedelta(minutes=set_by_hq.new_minutes)


def doubt_about(asked: Quote, origin: Origin, *, now: datetime) -> str:
    """Why this order waits for the host's yes, as Order.Doubt; empty when nothing is odd.

    TooManyWaitingError when enough of them wait already. Holds the browser, whose waiting orders are counted,
    and every SKU of its products, whose pieces are, so that two orders at once can't both be the last that is
    not too many.
    """
    set_by_hq = rules()
    Visitor.objects.select_for_update(no_key=True).get(pk=origin.visitor.pk)
    # Counted first, whatever is said of this order.
    comes_often = _comes_often(origin, set_by_hq, now=now)
    stock = _stock_held(asked)
    held = _held(asked, origin)
    doubt = None
    if _is_large_part(asked, held, stock, set_by_hq):
        doubt = Order.Doubt.HELD
    elif not _is_known(origin):
        if asked.pieces > set_by_hq.many_pieces:
            doubt = Order.Doubt.MANY
        elif _holds_much(asked, held, set_by_hq):
            doubt = Order.Doubt.HELD
        elif comes_often:
            doubt = Order.Doubt.OFTEN
    if doubt is None:
        return ""
    if _enough_wait(origin, doubt, set_by_hq, now=now):
        raise TooManyWaitingError
    return str(doubt)


def _is_known(origin: Origin) -> bool:
    """Whether the host has said yes to an order of this browser before.

    By the browser, not by the phone: a phone that makes a difference tells whose customer it belongs to.
    """
    return Order.objects.filter(
        visitor=origin.visitor, host_id=origin.link.host_id, status__in=_SAID_YES
    ).exists()


def _stock_held(asked: Quote) -> dict[int, int]:
    """What is left of each SKU of these products now; the rows are held until the order is written."""
    rows = Sku.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    products = {line.sku.product_id for line in asked.lines}
    return dict(rows.filter(product__in=products).values_list("pk", "stock"))


@db_role.as_worker()  # numbers alone, over all hosts
def _held(asked: Quote, origin: Origin) -> _Held:
    rows = (
        OrderLine.objects.filter(
            order__place__gt="", product__in={line.sku.product_id for line in asked.lines}
        )
        .values("sku_id", "product_id")
        .annotate(
            by_all=Sum("quantity"),
            by_browser=Sum("quantity", filter=Q(order__visitor=origin.visitor), default=0),
            by_place=Sum("quantity", filter=Q(order__place=origin.source), default=0),
        )
    )
    held = _Held(Counter(), Counter(), Counter())
    for row in rows:
        held.by_all[row["sku_id"]] += row["by_all"]
        held.by_browser[row["product_id"]] += row["by_browser"]
        held.by_place[row["product_id"]] += row["by_place"]
    return held


def _is_large_part(asked: Quote, held: _Held, stock: dict[int, int], set_by_hq: OrderRules) -> bool:
    """Whether too large a part of a SKU's stock would lie in orders that nobody has confirmed."""
    for line in asked.lines:
        would_be = held.by_all[line.sku.pk] + line.quantity
        whole = held.by_all[line.sku.pk] + stock.get(line.sku.pk, 0)
        if would_be > max(set_by_hq.held_few, whole * set_by_hq.held_percent // 100):
            return True
    return False


def _holds_much(asked: Quote, held: _Held, set_by_hq: OrderRules) -> bool:
    """Whether this browser, or its network, would hold too many pieces of one product."""
    pieces: Counter[int] = Counter()
    for line in asked.lines:
        pieces[line.sku.product_id] += line.quantity
    return any(
        held.by_browser[product] + count > set_by_hq.held_by_browser
        or held.by_place[product] + count > set_by_hq.held_by_address
        for product, count in pieces.items()
    )


def _comes_often(origin: Origin, set_by_hq: OrderRules, *, now: datetime) -> bool:
    """Whether this browser, or its network, has ordered too often with this host within the hour.

    A group's people often stand behind one address, each with a browser of her own; those that have only just
    come can't be told apart from a program that begins anew each time.
    """
    counts = [
        ("trade:browser", f"{origin.link.host_id} {origin.visitor.pk}", set_by_hq.many_orders),
        ("trade:address", origin.by_host, set_by_hq.many_from_address),
    ]
    if is_new(origin.visitor, set_by_hq, now):
        counts.append(("trade:new", origin.by_host, set_by_hq.many_new))
    # Each is counted, whatever the other says.
    waits = [
        rate_limits.wait_s(action, who, limit=limit, window=_HOUR, now=now) for action, who, limit in counts
    ]
    return any(waits)


def _enough_wait(origin: Origin, doubt: Order.Doubt, set_by_hq: OrderRules, *, now: datetime) -> bool:
    """Whether no further doubtful order is taken: each asks her host about somebody who may be nobody.

    Browsers that came before are counted apart, so that a stranger at their address doesn't lock them out.
    """
    if Order.objects.filter(visitor=origin.visitor, status=Order.Status.PLACED, holds_stock=False).exists():
        return True
    if not is_new(origin.visitor, set_by_hq, now):
        action, most = "trade:waiting:known", set_by_hq.waiting_known
    elif doubt == Order.Doubt.OFTEN:  # a whole group may stand behind one address
        action, most = "trade:waiting:often", set_by_hq.waiting_often
    else:  # a few who want very much are enough
        action, most = "trade:waiting:new", set_by_hq.waiting_new
    return bool(rate_limits.wait_s(action, origin.by_host, limit=most, window=_HOUR, now=now))
