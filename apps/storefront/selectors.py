"""What a consumer sees of products: prices as this host sells them, and what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.models import Host
from apps.catalog import access as catalog
from apps.catalog.availability import SUBSTITUTES, availability_of, is_few, substitutes
from apps.catalog.models import Product, ShelfItem, Sku
from apps.catalog.prices import PriceList, Tag, prices_of
from apps.database import db_role
from apps.insights.selectors import bought_by_many
from apps.library import access as library
from apps.library.models import Material
from apps.trade.pricing import Item, quote

ALTERNATIVES = 4
STORIES = 2
SHELF_LOOKED_AT = 50


@dataclass(frozen=True)
class Offer:
    """One SKU at this host's price."""

    sku: Sku
    price_fen: int

    @property
    def is_sold_out(self) -> bool:
        return self.sku.stock <= 0

    @property
    def is_scarce(self) -> bool:
        return is_few(self.sku.stock)


@dataclass(frozen=True)
class Card:
    """A product as this host offers it."""

    product: Product
    item: ShelfItem | None
    offers: list[Offer]
    price: Tag
    #: How many of this host's customers bought it, where that may be told; else 0.
    buyers: int = 0

    @cached_property
    def stock(self) -> int:
        return sum(offer.sku.stock for offer in self.offers)

    @property
    def is_sold_out(self) -> bool:
        return self.stock <= 0

    @property
    def is_scarce(self) -> bool:
        return is_few(self.stock)

    @property
    def pitch(self) -> str:
        return self.item.pitch if self.item is not None else ""

    @cached_property
    def first_offer(self) -> Offer | None:
        """What is chosen unless she chooses: the first that is left."""
        return next((offer for offer in self.offers if not offer.is_sold_out), None)


def card_of(host: Host, product: Product) -> Card:
    """One product (read with its cards) at this host's price."""
    item = ShelfItem.objects.filter(host=host, product=product).first()
    return _card(prices_of(host, [product.pk]), product, item)


def offer_of(host: Host, sku: Sku) -> Offer:
    return Offer(sku, quote(host, [Item(sku, 1)]).total_fen)


def cards_in_story(host: Host, material: Material) -> dict[int, Card]:
    """What the material's story shows of products on sale, by their ids: three queries when it shows any."""
    told = material.products_told_of()
    if not told:
        return {}
    products = catalog.products_offered().with_cards().filter(pk__in=told)
    items = {item.product_id: item for item in ShelfItem.objects.filter(host=host, product__in=told)}
    prices = prices_of(host, told)
    return {product.pk: _card(prices, product, items.get(product.pk)) for product in products}


def shelf_on_sale(host: Host) -> "QuerySet[ShelfItem]":
    """What stands on her shelf for consumers, with its cards: in her order, what is sold out last."""
    cards = ("product__pictures__image__renditions", "product__skus")
    in_stock = Exists(Sku.objects.filter(product=OuterRef("product"), stock__gt=0))
    rows = catalog.shelf_on_sale(host).annotate(in_stock=in_stock)
    return rows.order_by("-in_stock", "position", "-added_at", "-pk").prefetch_related(*cards)


def count_in_stock(host: Host) -> int:
    """How many goods of her shelf can be bought now."""
    left = Sku.objects.filter(stock__gt=0).values("product")
    return catalog.shelf_on_sale(host).filter(product__in=left).count()


def cards_of(host: Host, items: Iterable[ShelfItem]) -> list[Card]:
    rows = list(items)
    prices = prices_of(host, [item.product_id for item in rows])
    return [_card(prices, item.product, item) for item in rows]


def with_buyers(host: Host, cards: Sequence[Card], now: datetime) -> list[Card]:
    """The same with how many bought each, where those are enough to be told: one query."""
    with db_role.acting_as(host.pk):
        counts = bought_by_many(host, [card.product.pk for card in cards], now)
    return [replace(card, buyers=counts.get(card.product.pk, 0)) for card in cards]


def stories_about(host: Host, product: Product, now: datetime) -> list[Material]:
    """What consumers told of this product, as they agreed to it: what this host might share now, no more."""
    told = library.materials_for(host, now).filter(is_story=True, product=product)
    told = told.prefetch_related("pictures__image__renditions").order_by("-first_published_at", "-pk")
    return list(told[:STORIES])


def alternatives(host: Host, *, besides: Product | None = None) -> list[Card]:
    """A few things that can be bought now: what is like `besides` first, then the rest of her shelf.

    When `besides` can't be bought, what HQ offers of its kind fills up what her shelf lacks.
    """
    rows = shelf_on_sale(host).filter(product__in=Sku.objects.filter(stock__gt=0).values("product"))
    if besides is None:
        return cards_of(host, rows[:ALTERNATIVES])
    like = list(substitutes(besides).values_list("pk", flat=True)[:SUBSTITUTES])
    items = list(rows.exclude(product=besides)[:SHELF_LOOKED_AT])
    items.sort(key=lambda item: item.product_id not in like)
    cards = cards_of(host, items[:ALTERNATIVES])
    if len(cards) == ALTERNATIVES:
        return cards
    availability = availability_of(besides)
    if availability is not None and availability.is_gone:
        known = {card.product.pk for card in cards}
        more = catalog.products_offered().with_cards().filter(pk__in=[pk for pk in like if pk not in known])
        more = more.prefetch_related("pictures__image__renditions")
        prices = prices_of(host, like)
        cards += [_card(prices, product, None) for product in more[: ALTERNATIVES - len(cards)]]
    return cards


def _card(prices: PriceList, product: Product, item: ShelfItem | None) -> Card:
    offers = [Offer(sku, prices.of(sku)) for sku in product.skus.all()]
    return Card(product, item, offers, prices.tag(product))
