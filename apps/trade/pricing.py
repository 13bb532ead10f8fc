"""What somebody pays: every total that is shown or charged is a quote of this module.

A quote holds for its host and its items at the moment it was made; an order is placed by one, and the order
form compares it with the total that its buyer saw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.catalog.prices import prices_of


@dataclass(frozen=True, slots=True)
class Item:
    sku: Sku
    quantity: int


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """So many pieces of one SKU at one price, in fen."""

    sku: Sku
    quantity: int
    unit_fen: int

    @property
    def total_fen(self) -> int:
        return self.unit_fen * self.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """What `host` asks for these items, in the order in which they were named."""

    host: Host
    lines: tuple[QuoteLine, ...]

    @property
    def total_fen(self) -> int:
        return sum(line.total_fen for line in self.lines)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


class PriceChangedError(Exception):
    """The total is not what the buyer saw; `quote` says what is asked now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote.total_fen)
        self.quote = quote


def quote(host: Host, items: Sequence[Item]) -> Quote:
    """What these items cost at `host` now: one query."""
    prices = prices_of(host, {item.sku.product_id for item in items})
    return Quote(
        host,
        tuple(QuoteLine(item.sku, item.quantity, prices.of(item.sku)) for item in items),
    )
