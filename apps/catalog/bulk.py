"""Acts on many products in the console's list."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import OuterRef

from apps.catalog import ending, merging, sorting
from apps.catalog.models import Brand, Category, Product, Sorted, Supplier
from apps.console_kit.lists.acts import OFF, ON, deleting, switching
from apps.console_kit.lists.declaring import Given, Held, Life, ListAct, RefusedError, TakingBack
from apps.tracking.models import Link, Subject

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


def _offered(model: type[Sorted]) -> Any:
    return model._default_manager.filter(is_active=True)


PRODUCT_LIFE = Life(
    CHANGE,
    held=(
        Held(
            "分享链接",
            lambda: Link.objects.filter(subject_kind=Subject.PRODUCT, subject_id=OuterRef("pk")),
        ),
    ),
    unless=lambda product: "" if product.status == Product.Status.DRAFT else "上架过，不能删",
    retire="take-off",
    bring_back="offer",
)
ACTS = (
    OFFER,
    TAKE_OFF,
    _sorted_by("category", "类目", "category", lambda: _offered(Category), may_be_none=False),
    _sorted_by("brand", "品牌", "brand", lambda: _offered(Brand).order_by("name"), may_be_none=True),
    _sorted_by(
        "supplier", "供应商", "supplier", lambda: _offered(Supplier).order_by("name"), may_be_none=True
    ),
    deleting(PRODUCT_LIFE),
)


# --- what products are sorted under -----------------------------------------------------------------------


def _merging(model: type[Sorted], permission: str) -> ListAct:
    label = str(model._meta.verbose_name)

    class Into(forms.Form):
        def __init__(self, data: Any, user: Any) -> None:
            super().__init__(data)
            self.fields["into"] = forms.ModelChoiceField(
                queryset=_offered(model).order_by("name"),
                label=f"留下哪个{label}",
                empty_label="请选择",
                error_messages={"required": f"请选要留下的{label}。"},
            )

    def apply(row: Sorted, given: Given) -> None:
        try:
            merging.merge(row, given.data["into"])
        except merging.NotMergedError as error:
            raise RefusedError(str(error)) from None

    def means(rows: list[Any], given: Given) -> list[str]:
        into = given.data["into"]
        before = [merging.read(row) for row in rows]
        products, below = (sum(len(one[name]) for one in before) for name in ("products", "below"))
        names = "、".join(f"「{row}」" for row in rows[:_NAMED]) + ("等" if len(rows) > _NAMED else "")
        return [
            f"留下「{into}」，{names}停用，不再能选。",
            f"{products} 个商品改挂到「{into}」，价格、库存、货架和素材都不变。",
            *([f"{below} 个下级类目改挂到「{into}」下面。"] if below else []),
            f"以后导入的文件里写到它们的，都算「{into}」。",
        ]

    return ListAct(
        "merge",
        "并到另一个",
        permission,
        apply=apply,
        means=means,
        why_not=lambda row, given: merging.why_not(row, given.data["into"]),
        form=Into,
        rows=lambda rows: rows.select_related("merged_into"),
        taking_back=TakingBack(merging.read, lambda row, before, given: merging.take_apart(row, before)),
    )


_NAMED = 3


def sorted_life(model: type[Sorted]) -> tuple[Life, tuple[ListAct, ...]]:
    """What may become of categories, brands and suppliers, and the acts by which it does."""
    label = model._meta.label
    permission = f"catalog.change_{model._meta.model_name}"
    life = Life(
        permission, parts=frozenset({f"{label}.merged_into"}), merge="merge", retire=OFF, bring_back=ON
    )
    switched = switching(
        permission,
        on=("启用", "重新可以选；并到别处的，商品还在那边。"),
        off=("停用", "新商品不能再选，已经选上的不变。"),
        change=merging.switch,
    )
    return life, (*switched, _merging(model, permission), deleting(life))
