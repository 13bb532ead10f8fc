"""What one piece costs at a host: her own price of the SKU, else HQ's retail price; never below HQ's floor.

Spelled out here. A floor that HQ raises holds for the prices that hosts have set before, from then on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from apps.accounts.models import Host
from apps.catalog.models import Product, ShelfPrice, Sku
from apps.lib import money


@dataclass(frozen=True, slots=True)
class Tag:
    """What a product's card says of its price: the lowest in fen, and whether another SKU costs more."""

    lowest_fen: int
    has_several: bool = False

    @property
    def words(self) -> str:
        return f"{money.show_yuan(self.lowest_fen)}{'起' if self.has_several else ''}"


@dataclass(frozen=True, slots=True)
class PriceList:
    """A host's own prices, in fen by SKU; whatever she has not priced costs what HQ says."""

    own: Mapping[int, int]

    def of(self, sku: Sku) -> int:
        return max(self.own.get(sku.pk, sku.retail_price_fen), sku.floor_price_fen)

    def tag(self, product: Product) -> Tag:
        """The lowest price of what can be bought; of anything when all is gone; 0 without a SKU."""
        skus = list(product.skus.all())
        left = [sku for sku in skus if sku.stock > 0] or skus
        known = [self.of(sku) for sku in left]
        return Tag(min(known, default=0), len({self.of(sku) for sku in skus}) > 1)


#: HQ's own prices, for pages without a host.
RETAIL = PriceList({})


def prices_of(host: Host, products: Iterable[int]) -> PriceList:
    """What these products (by id) cost at this host, whatever of them is on her shelf: one query."""
    found = ShelfPrice.objects.filter(item__host=host, item__product__in=list(products))
    return PriceList(dict(found.values_list("sku_id", "price_fen")))


def lowest_at(host: Host) -> Subquery:
    """`PriceList.tag().lowest_fen` as a column of a product, for lists that are sorted by it."""
    own = ShelfPrice.objects.filter(sku=OuterRef("pk"), item__host=host).values("price_fen")
    skus = Sku.objects.filter(product=OuterRef("pk")).annotate(
        costs=Greatest(Coalesce(Subquery(own), F("retail_price_fen")), F("floor_price_fen")),
        is_gone=Case(When(stock__gt=0, then=Value(0)), default=Value(1)),
    )
    return Subquery(skus.order_by("is_gone", "costs").values("costs")[:1])


def below_floor(product: Product) -> list[tuple[str, int]]:
    """Which hosts set a price for this product that is below its floor now, and what they set, in fen."""
    found = ShelfPrice.objects.filter(
        sku__product=product, price_fen__lt=F("sku__floor_price_fen"), item__host__status=Host.Status.ACTIVE
    )
    return list(found.order_by("item__host__name", "sku").values_list("item__host__name", "price_fen"))
