"""The basket: what she means to order of one host, kept by her own browser and by nobody else.

It holds no price and no stock: both are asked when it is shown. Each host has a basket of her own, and each
thing in it the link by which it was found, since that link says that it may be seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from django.http import HttpRequest, HttpResponseBase

from apps.catalog.models import Sku
from apps.storefront import sealed
from apps.tracking.models import Link
from apps.trade.pricing import Item
from apps.trade.services import MAX_QUANTITY

COOKIE = "b"
LIFE = timedelta(days=30)
#: All cookies of a request must fit into one header of eight thousand bytes.
MOST_BYTES = 1_800
MOST_KINDS = 20


class BasketFullError(Exception):
    """So many kinds are one order's most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """So many pieces of one SKU, found by one link of a host's."""

    host_id: int
    link_id: int
    sku_id: int
    quantity: int


class Missing(StrEnum):
    """Why something in a basket can't be ordered now, in the words that follow its name."""

    WITHDRAWN = "下架了"
    #: HQ sells it, this host no more: she took it off her shelf, or what led to it is over.
    NOT_OFFERED = "这里现在不卖了"
    SOLD_OUT = "刚刚卖完了"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What lies in a basket, as it stands now."""

    entry: Entry
    sku: Sku
    #: None: some of it can be ordered.
    missing: Missing | None

    @property
    def quantity(self) -> int:
        return self.entry.quantity

    @property
    def left(self) -> int:
        return 0 if self.missing else self.sku.stock

    @property
    def name(self) -> str:
        """As it is called in a sentence."""
        size = f"（{self.sku.name}）" if self.sku.name else ""
        return f"「{self.sku.product.title}」{size}"


def fitting(chosen: Iterable[Chosen]) -> tuple[list[Item], list[str]]:
    """What of it can be ordered now, and a sentence for each thing that can't be, or not so many."""
    items, said = [], []
    for one in chosen:
        if one.missing is not None:
            said.append(f"{one.name}{one.missing}，这一单先不带它。")
            continue
        items.append(Item(one.sku, min(one.quantity, one.left)))
        if one.left < one.quantity:
            said.append(f"{one.name}只剩 {one.left} 件，数量已经改成 {one.left}。")
    return items, said


@dataclass(frozen=True, slots=True)
class Basket:
    """What this browser has chosen: of one host (`entries`), and of the others."""

    host_id: int
    entries: tuple[Entry, ...]
    others: tuple[Entry, ...] = ()

    def with_more(self, link: Link, sku: Sku, quantity: int) -> "Basket":
        """The same with so many more of this SKU. BasketFullError."""
        had = next((entry.quantity for entry in self.entries if entry.sku_id == sku.pk), 0)
        rest = tuple(entry for entry in self.entries if entry.sku_id != sku.pk)
        if len(rest) >= MOST_KINDS:
            raise BasketFullError
        entry = Entry(self.host_id, link.pk, sku.pk, min(had + quantity, MAX_QUANTITY))
        # What was there stays in its place.
        if had:
            return replace(
                self, entries=tuple(entry if one.sku_id == sku.pk else one for one in self.entries)
            )
        return replace(self, entries=(*rest, entry))

    def with_numbers(self, numbers: dict[int, int]) -> "Basket":
        """The same with these quantities by SKU; 0 takes it out, and what is not named stays."""
        changed = (
            replace(entry, quantity=min(numbers.get(entry.sku_id, entry.quantity), MAX_QUANTITY))
            for entry in self.entries
        )
        return replace(self, entries=tuple(entry for entry in changed if entry.quantity > 0))

    def without(self, sku_ids: Iterable[int]) -> "Basket":
        return self.with_numbers(dict.fromkeys(sku_ids, 0))


def of(request: HttpRequest, host_id: int) -> Basket:
    """What this browser has in its basket at this host."""
    found = sealed.taken(request, COOKIE)
    entries = [Entry(*row) for row in found if len(row) == 4] if isinstance(found, list) else []
    mine = tuple(entry for entry in entries if entry.host_id == host_id)
    return Basket(host_id, mine, tuple(entry for entry in entries if entry.host_id != host_id))


def keep(response: HttpResponseBase, basket: Basket) -> None:
    """Have the browser keep it. For this host's things those of others give way, the oldest first."""
    others: Sequence[Entry] = basket.others
    while not sealed.put(
        response,
        COOKIE,
        [(one.host_id, one.link_id, one.sku_id, one.quantity) for one in (*others, *basket.entries)],
        life=LIFE,
        path=sealed.behind_links(),
        most_bytes=MOST_BYTES,
    ):
        others = others[1:]
