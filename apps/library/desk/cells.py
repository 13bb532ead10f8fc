"""How a material looks in HQ's lists and pickers: picture, kind, product, state, what came of it."""

from typing import Any

from django.db.models import QuerySet
from wagtail.admin.ui.tables import Column, StatusTagColumn

from apps.catalog.models import Product
from apps.console_kit.lists.columns import PictureColumn
from apps.library import outcomes
from apps.library.models import Material
from apps.library.models.publishing import State
from apps.library.pictures import picture_ids, with_picture_id
from apps.library.selectors import with_state
from apps.media import pictures


def state_column() -> StatusTagColumn:
    return StatusTagColumn(
        "state",
        label="状态",
        accessor=lambda row: State(row.state).label,
        primary=lambda row: row.state == State.PUBLISHED,
    )


class OutcomeColumn(Column):
    """`12 人转发 · 8 单`, each of them the way to its rows."""

    cell_template_name = "desk/outcome_cell.html"

    def __init__(self) -> None:
        super().__init__("outcome", label="带来了", accessor=_words, classname="desk-outcome")


def _words(row: Any) -> str:
    return row.outcome.words if row.outcome else ""


def picker_columns() -> list[Column]:
    """Beside the title, where a material is chosen."""
    return [
        PictureColumn(),
        Column("kind", label="类型", accessor="get_kind_display"),
        Column("product", label="商品"),
        state_column(),
        OutcomeColumn(),
    ]


def with_looks(materials: "QuerySet[Material]") -> "QuerySet[Any]":
    """With what `dress` and the cells read of each."""
    return with_picture_id(with_state(materials)).select_related("product")


def dress(materials: list[Any], user: Any) -> None:
    """Give rows of `with_looks` their pictures and outcomes: three queries, however many there are."""
    pictures.dress(materials)
    outcomes.tell(materials, user)


def dress_drafts(drafts: list[Material], user: Any) -> None:
    """The same for materials as their newest version has them, not as the tables do."""
    ids = picture_ids(drafts)
    goods = Product.objects.in_bulk({draft.product_id for draft in drafts if draft.product_id})
    for draft in drafts:
        if draft.product_id:
            draft.product = goods[draft.product_id]
        draft.picture_id = ids.get(draft.pk)
    dress(drafts, user)
