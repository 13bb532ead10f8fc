"""Where HQ would lose money on each piece: one rule, for a form before it saves and for the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, IntegerField, OuterRef, Q

from apps.catalog.models import Sku
from apps.lib import money


@dataclass(frozen=True)
class Prices:
    """What one SKU costs and brings, in fen; without a supply price nobody knows."""

    name: str
    retail: int
    floor: int
    supply: int


def sentences(prices: Iterable[Prices], commission_bp: int) -> list[str]:
    """Which of them lose money, why, and how much on each piece."""
    return [sentence for one in prices for sentence in _of(one, commission_bp)]


def _of(one: Prices, commission_bp: int) -> list[str]:
    if not one.supply:
        return []
    commission = money.share_of(one.retail, commission_bp)
    lost = one.supply + commission - one.retail
    found = []
    if one.supply > one.retail:
        words = f"供货价 {_yuan(one.supply)} 比零售价 {_yuan(one.retail)} 高"
        found.append(f"{_called(one)}{words}，算上佣金每卖一件亏 {_yuan(lost)}。")
    elif lost > 0:
        words = f"佣金 {_yuan(commission)} 比毛利 {_yuan(one.retail - one.supply)} 多"
        found.append(f"{_called(one)}{words}，每卖一件亏 {_yuan(lost)}。")
    at_floor = one.supply + money.share_of(one.floor, commission_bp) - one.floor
    if 0 < one.floor < one.supply:
        words = f"最低售价 {_yuan(one.floor)} 低于供货价 {_yuan(one.supply)}"
        found.append(f"{_called(one)}{words}，大C按最低售价卖，每卖一件亏 {_yuan(at_floor)}。")
    return found


def _called(one: Prices) -> str:
    return f"「{one.name}」" if one.name else ""


def _yuan(fen: int) -> str:
    return money.show_yuan(fen)


def of_sku(sku: Sku) -> Prices:
    return Prices(str(sku), sku.retail_price_fen, sku.floor_price_fen, sku.supply_price_fen)


def of_product(product: Any) -> list[str]:
    """For a product with its SKUs."""
    return sentences([of_sku(sku) for sku in product.skus.all()], product.commission_bp)


def losing() -> Exists:
    """The same as a condition on products."""
    # Half up, as `money.share_of` rounds.
    commission = ExpressionWrapper(
        (F("retail_price_fen") * F("product__commission_bp") + 5_000) / 10_000, IntegerField()
    )
    skus = Sku.objects.filter(product=OuterRef("pk"), supply_price_fen__gt=0).annotate(commission=commission)
    return Exists(
        skus.filter(
            Q(supply_price_fen__gt=F("retail_price_fen"))
            | Q(commission__gt=F("retail_price_fen") - F("supply_price_fen"))
            | Q(floor_price_fen__gt=0, floor_price_fen__lt=F("supply_price_fen"))
        )
    )
