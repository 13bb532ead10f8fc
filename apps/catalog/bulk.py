"""Acts on many products in the console's list."""

from collections.abc import Callable
from typing import Any

from django import forms

from apps.catalog import ending, sorting
from apps.catalog.models import Brand, Category, Product, Supplier
from apps.console_kit.lists.declaring import Given, ListAct, TakingBack

CHANGE = "catalog.change_product"


def _back(field: str) -> TakingBack:
    return TakingBack(
        lambda product: {field: getattr(product, field)},
        lambda product, before, given: sorting.change(product, **before),
    )


def _why_not_offer(product: Product, given: Given) -> str:
    if product.is_on_sale:
        return "已经在售"
    return "" if list(product.skus.all()) else "还没有规格和价格"


def _why_not_take_off(product: Product, given: Given) -> str:
    return "" if product.is_on_sale else "现在没有在售"


OFFER = ListAct(
    "offer",
    "上架",
    CHANGE,
    apply=lambda product, given: sorting.change(product, status=Product.Status.ACTIVE),
    means=lambda products, given: [f"{len(products)} 个商品马上可以被大C选、被小c买。"],
    why_not=_why_not_offer,
    rows=lambda rows: rows.prefetch_related("skus"),
    taking_back=_back("status"),
)
TAKE_OFF = ListAct(
    "take-off",
    "下架",
    CHANGE,
    apply=lambda product, given: sorting.change(product, status=Product.Status.OFF),
    means=lambda products, given: ending.what_it_means(products),
    why_not=_why_not_take_off,
    taking_back=_back("status"),
    is_serious=True,
)


def _sorted_by(key: str, label: str, field: str, rows: Callable[[], Any], *, may_be_none: bool) -> ListAct:
    """Another category, brand or supplier."""

    class Chosen(forms.Form):
        def __init__(self, data: Any, user: Any) -> None:
            super().__init__(data)
            self.fields["to"] = forms.ModelChoiceField(
                queryset=rows(),
                label=f"改成哪个{label}",
                required=not may_be_none,
                empty_label=f"不填{label}" if may_be_none else "请选择",
                error_messages={"required": f"请选一个{label}。"},
            )

    def pk_of(given: Given) -> int | None:
        return given.data["to"].pk if given.data["to"] else None

    def why_not(product: Product, given: Given) -> str:
        return f"{label}已经是这个" if getattr(product, f"{field}_id") == pk_of(given) else ""

    def means(products: list[Product], given: Given) -> list[str]:
        return [
            f"{len(products)} 个商品的{label}改成「{given.data['to'] or '空'}」，价格、库存和货架都不变。"
        ]

    return ListAct(
        key,
        f"改{label}",
        CHANGE,
        apply=lambda product, given: sorting.change(product, **{f"{field}_id": pk_of(given)}),
        means=means,
        why_not=why_not,
        form=Chosen,
        taking_back=_back(f"{field}_id"),
    )


ACTS = (
    OFFER,
    TAKE_OFF,
    _sorted_by("category", "类目", "category", Category.objects.all, may_be_none=False),
    _sorted_by("brand", "品牌", "brand", lambda: Brand.objects.order_by("name"), may_be_none=True),
    _sorted_by("supplier", "供应商", "supplier", lambda: Supplier.objects.order_by("name"), may_be_none=True),
)
