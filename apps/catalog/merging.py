"""Two categories, brands or suppliers that mean the same become one: the other stays behind, out of use.

Its products and the categories below it go over; files that still name it mean the one that stayed.
"""

from typing import Any

from django.db import transaction
from wagtail.log_actions import log

from apps.catalog import sorting
from apps.catalog.models import Category, Product, Sorted


class NotMergedError(Exception):
    """These two can't become one. The message says why."""


def why_not(gone: Sorted, into: Sorted) -> str:
    if gone.pk == into.pk:
        return "不能并到它自己"
    if gone.merged_into_id is not None:
        return f"已经并入「{gone.merged_into}」"
    if not into.is_active:
        return f"「{into}」停用了，先启用"
    if isinstance(gone, Category) and into.pk in gone.with_those_below():
        return f"「{into}」在它下面，先给「{into}」换个上级"
    return ""


def _field(row: Sorted) -> str:
    return str(row._meta.model_name)


def products_of(row: Sorted) -> Any:
    return Product.objects.filter(**{_field(row): row.pk}).order_by("pk")


def read(row: Sorted) -> dict[str, Any]:
    """What merging changes of it."""
    return {
        "is_active": row.is_active,
        "merged_into": row.merged_into_id,
        "products": list(products_of(row).values_list("pk", flat=True)),
        "below": _below(row),
    }


def _below(row: Sorted) -> list[int]:
    if not isinstance(row, Category):
        return []
    return list(Category.objects.filter(parent=row.pk).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def merge(gone: Sorted, into: Sorted) -> None:
    """NotMergedError. All of it or nothing."""
    model: Any = type(gone)
    held = {
        row.pk: row
        for row in model.objects.select_for_update().filter(pk__in=[gone.pk, into.pk]).order_by("pk")
    }
    if len(held) < 2 and gone.pk != into.pk:
        raise NotMergedError("其中一个刚被删掉了")
    gone_now, into_now = held[gone.pk], held[into.pk]
    if reason := why_not(gone_now, into_now):
        raise NotMergedError(reason)
    _move(gone_now, into_now, products_of(gone_now).values_list("pk", flat=True), _below(gone_now))
    gone_now.is_active, gone_now.merged_into = False, into_now
    gone_now.save(update_fields=["is_active", "merged_into"])
    for row in (gone_now, into_now):
        log(instance=row, action="wagtail.edit", content_changed=True)


@transaction.atomic
def take_apart(row: Sorted, before: dict[str, Any]) -> None:
    """Give back what went over and is still there; what was sorted anew since stays where it is."""
    into = row.merged_into
    if into is not None:
        still = Product.objects.filter(pk__in=before["products"], **{_field(row): into.pk})
        below = Category.objects.filter(pk__in=before["below"], parent=into.pk)
        _move(into, row, *(list(rows.values_list("pk", flat=True)) for rows in (still, below)))
    row.is_active, row.merged_into_id = before["is_active"], before["merged_into"]
    row.save(update_fields=["is_active", "merged_into"])
    log(instance=row, action="wagtail.edit", content_changed=True)


def _move(source: Sorted, to: Sorted, products: Any, below: list[int]) -> None:
    for product in Product.objects.filter(pk__in=products).order_by("pk").select_for_update():
        sorting.change(product, **{_field(source): to})
    Category.objects.filter(pk__in=below).update(parent=to.pk if below else None)


def switch(row: Sorted, is_active: bool) -> None:
    """Out of use, or in use again: one that was merged then stands for itself."""
    row.is_active = is_active
    if is_active:
        row.merged_into = None
    row.save(update_fields=["is_active", "merged_into"])
