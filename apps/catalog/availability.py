"""Whether a product can be bought now, and what can be bought instead."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from apps.catalog.models import Product, ProductQuerySet

#: Fewer than this are worth saying.
FEW = 10
#: How many of the products like a gone one a consumer's link may lead on to.
SUBSTITUTES = 8


def is_few(left: int) -> bool:
    """So little is left that hosts and consumers are told."""
    return 0 < left < FEW


@dataclass(frozen=True, slots=True)
class Availability:
    """How many are left of a product, and whether HQ offers it."""

    left: int
    is_on_sale: bool = True

    @property
    def is_gone(self) -> bool:
        """Nobody can buy it now."""
        return not self.is_on_sale or self.left <= 0

    @property
    def is_short(self) -> bool:
        return self.is_gone or is_few(self.left)

    @property
    def label(self) -> str:
        if not self.is_on_sale:
            return "已下架"
        if self.left <= 0:
            return "卖完了"
        return f"只剩 {self.left} 件" if is_few(self.left) else f"库存 {self.left}"


def availabilities(product_ids: Iterable[int | None]) -> dict[int, Availability]:
    """How these products stand: one query, none when there are none."""
    wanted = {pk for pk in product_ids if pk is not None}
    if not wanted:
        return {}
    rows = Product.objects.filter(pk__in=wanted).annotate(left=Coalesce(Sum("skus__stock"), 0))
    return {
        pk: Availability(left, status == Product.Status.ACTIVE)
        for pk, left, status in rows.values_list("pk", "left", "status")
    }


@dataclass(frozen=True, slots=True)
class Shortage:
    """How many of the products on sale are gone, and how many nearly."""

    gone: int
    few: int


def shortage() -> Shortage:
    left = (
        Product.objects.on_sale()
        .filter(is_placeholder=False)
        .annotate(left=Coalesce(Sum("skus__stock"), 0))
        .values_list("left", flat=True)
    )
    stocks = list(left)
    return Shortage(sum(one <= 0 for one in stocks), sum(map(is_few, stocks)))


def availability_of(product: Product | None) -> Availability | None:
    return availabilities([product.pk]).get(product.pk) if product is not None else None


def substitutes(product: Product) -> ProductQuerySet:
    """What can be bought instead: of its category or its brand, on sale and in stock, the nearest first."""
    same_brand = Q(brand=product.brand_id) if product.brand_id is not None else Q(pk__in=[])
    nearness = Case(
        When(same_brand & Q(category=product.category_id), then=Value(0)),
        When(category=product.category_id, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        Product.objects.on_sale()
        .filter(same_brand | Q(category=product.category_id))
        .exclude(pk=product.pk)
        .annotate(left=Coalesce(Sum("skus__stock"), 0), nearness=nearness)
        .filter(left__gt=0)
        .order_by("nearness", "-left", "pk")
    )
