"""Cells of our own, and which columns somebody sees in which order."""

from collections.abc import Callable, Iterable
from typing import Any

from wagtail.admin.ui.tables import BaseColumn, Column, StatusTagColumn

from apps.console_kit.access import choices_of
from apps.console_kit.models import ListChoice


class PickColumn(BaseColumn):
    """The box that takes a row into the selection; the heading's takes the page."""

    header_template_name = "console/lists/pick_header.html"
    cell_template_name = "console/lists/pick_cell.html"

    def __init__(self, title: Column) -> None:
        super().__init__("pick", label="选中", classname="hq-pick")
        self._title = title

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "called": self._title.get_value(instance)}


class PictureColumn(Column):
    """The row's `list_picture`, as `Desk.dress` put it there."""

    cell_template_name = "console/lists/picture_cell.html"

    def __init__(self, label: str = "图片") -> None:
        super().__init__("picture", label=label, accessor="list_picture", classname="hq-picture")


def in_use_column(label: str = "状态", of: Callable[[Any], str] = lambda row: "") -> StatusTagColumn:
    """Whether a row may still be chosen; `of` has more to say of one that may not."""
    return StatusTagColumn(
        "in_use",
        label=label,
        accessor=lambda row: "在用" if row.is_active else of(row) or "停用",
        primary=lambda row: row.is_active,
    )


def exportable(columns: Iterable[Any]) -> list[Any]:
    """Those that say something in a file."""
    return [one for one in columns if isinstance(one, Column) and not isinstance(one, PictureColumn)]


def choice_of(user: Any, key: str) -> ListChoice:
    """Her columns, in order, and her look at the list; an unsaved row without any when she chose nothing."""
    return choices_of(user).filter(key=key).first() or ListChoice(owner_id=user.pk, key=key)


def keep_choice(user: Any, key: str, **chosen: Any) -> None:
    """Keep `columns` or `is_grid` for her; what is not named stays, and the list's own is not kept at all."""
    ListChoice.objects.update_or_create(owner_id=user.pk, key=key, defaults=chosen)
    choices_of(user).filter(key=key, columns=[], is_grid=False).delete()


def arranged(columns: list[Any], names: Iterable[str], off: frozenset[str]) -> list[Any]:
    """The columns to show: the first one always leads, with its picture; unknown names count for nothing."""
    title, *rest = columns
    known = {one.name: one for one in rest}
    wanted = [known[name] for name in dict.fromkeys(names) if name in known]
    shown = wanted or [one for one in rest if one.name not in off]
    pictures = [one for one in shown if isinstance(one, PictureColumn)]
    return [*pictures, title, *(one for one in shown if one not in pictures)]
