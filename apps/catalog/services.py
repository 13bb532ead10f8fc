"""Stock, and a host's shelf."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from apps.accounts.models import Host
from apps.catalog.models import Product, ShelfItem, Sku
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

MAX_PRICE_FEN = 99_999_999


class OutOfStockError(Exception):
    """Fewer are left than were asked for; `left` says how many."""

    def __init__(self, sku: Sku, left: int) -> None:
        super().__init__(sku.pk, left)
        self.sku = sku
        self.left = left


class NotOnSaleError(Exception):
    """HQ does not offer this product now."""


class PriceRefusedError(Exception):
    """A host's price for `sku` can't be."""

    def __init__(self, sku: Sku) -> None:
        super().__init__(sku.pk)
        self.sku = sku


class PriceTooHighError(PriceRefusedError):
    """No product of ours costs a million yuan; a slip of the finger does."""


class PriceBelowFloorError(PriceRefusedError):
    """It is under the lowest that HQ allows for this SKU: its `floor_price_fen`."""


def take_stock(sku: Sku, quantity: int) -> None:
    """Take `quantity` off the stock, or OutOfStockError and nothing taken.

    One conditional UPDATE decides, not an earlier read: two buyers can't both have the last one.
    """
    taken = Sku.objects.filter(pk=sku.pk, stock__gte=quantity).update(stock=F("stock") - quantity)
    if not taken:
        raise OutOfStockError(sku, _stock_of(sku))


def check_stock(sku: Sku, quantity: int) -> None:
    """OutOfStockError when fewer are left now."""
    left = _stock_of(sku)
    if left < quantity:
        raise OutOfStockError(sku, left)


def _stock_of(sku: Sku) -> int:
    return Sku.objects.values_list("stock", flat=True).get(pk=sku.pk)


def return_stock(sku_id: int, quantity: int) -> None:
    Sku.objects.filter(pk=sku_id).update(stock=F("stock") + quantity)


@transaction.atomic
def change_stock(changes: Iterable[tuple[Sku, int]]) -> None:
    """Add each difference to its SKU's stock, all or none: sales in between stay counted. OutOfStockError."""
    for sku, difference in sorted(changes, key=lambda change: change[0].pk):
        if difference < 0:
            take_stock(sku, -difference)
        else:
            return_stock(sku.pk, difference)


@transaction.atomic
def add_to_shelf(host: Host, product: Product, *, now: datetime) -> ShelfItem:
    """Put a product at the end of her shelf; already there is fine."""
    if not product.is_on_sale:
        raise NotOnSaleError
    last = ShelfItem.objects.filter(host=host).aggregate(last=Max("position"))["last"]
    item, is_new = ShelfItem.objects.get_or_create(
        host=host, product=product, defaults={"position": (last or 0) + 1, "added_at": now}
    )
    if is_new:
        _record(Fact.SHELF_ADDED, host, product.pk, now)
    return item


@transaction.atomic
def remove_from_shelf(host: Host, product: Product, *, now: datetime) -> None:
    if ShelfItem.objects.filter(host=host, product=product).delete()[0]:
        _record(Fact.SHELF_REMOVED, host, product.pk, now)


@transaction.atomic
def edit_shelf_item(
    item: ShelfItem, *, prices: Mapping[Sku, int | None], pitch: str, now: datetime
) -> ShelfItem:
    """Set her words, and her price in fen for each SKU named (None is the retail price).

    PriceBelowFloorError or PriceTooHighError of the first that can't be, and nothing is changed.
    """
    for sku, fen in prices.items():
        if fen is not None and fen < sku.floor_price_fen:
            raise PriceBelowFloorError(sku)
        if fen is not None and fen > MAX_PRICE_FEN:
            raise PriceTooHighError(sku)
    before = ShelfItem.objects.select_for_update().get(pk=item.pk)
    _set_prices(item, prices, now)
    item.pitch = pitch.strip()
    item.save(update_fields=["pitch"])
    if item.pitch != before.pitch:
        _record(Fact.SHELF_REWORDED, item.host, item.product_id, now)
    return item


def _set_prices(item: ShelfItem, prices: Mapping[Sku, int | None], now: datetime) -> None:
    """Write what differs, one event for each SKU. The item's row is held by who calls."""
    known = dict(item.prices.values_list("sku_id", "price_fen"))
    for sku, fen in prices.items():
        if fen == known.get(sku.pk):
            continue
        if fen is None:
            item.prices.filter(sku=sku).delete()
        else:
            item.prices.update_or_create(sku=sku, defaults={"price_fen": fen})
        changed = {"sku_id": sku.pk, "from_fen": known.get(sku.pk), "to_fen": fen}
        _record(Fact.SHELF_PRICED, item.host, item.product_id, now, changed)


@transaction.atomic
def move_shelf_item(item: ShelfItem, *, up: bool, now: datetime) -> None:
    """Swap an item with its neighbour."""
    items = list(
        ShelfItem.objects.select_for_update().filter(host=item.host).order_by("position", "-added_at")
    )
    place = next(index for index, other in enumerate(items) if other.pk == item.pk)
    target = place - 1 if up else place + 1
    if 0 <= target < len(items):
        items[place], items[target] = items[target], items[place]
        _record(Fact.SHELF_MOVED, item.host, item.product_id, now, {"up": up})
    for position, other in enumerate(items, start=1):
        if other.position != position:
            ShelfItem.objects.filter(pk=other.pk).update(position=position)


def _record(
    fact: Fact, host: Host, product_id: int, now: datetime, props: dict[str, Any] | None = None
) -> None:
    tracking.record(
        fact,
        at=now,
        host_id=host.pk,
        actor_id=host.user_id,
        subject_kind=Subject.PRODUCT,
        subject_id=product_id,
        props=props,
    )
