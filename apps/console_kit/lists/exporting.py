"""The rows that a list finds, as a file: in the columns that somebody sees, and no other row.

A list that tells of persons (`Desk.personal`) leaves only by two people; the app that keeps those requests
takes the choice over (`by_two_people`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from apps.console_kit.lists.choosing import Choice
from apps.console_kit.lists.columns import exportable
from apps.console_kit.lists.declaring import Desk
from apps.console_kit.models import BulkRun
from apps.files.sheets import csv_table, workbook
from apps.lib.clock import SHANGHAI

KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
#: An export that was taken is written down like an act (`BulkRun.act`).
EXPORT = "export"


@dataclass(frozen=True)
class TwoPeople:
    """How a second person is asked, and who may ask: `ask` gets the request, the choice and the columns."""

    permission: str
    ask: Callable[[HttpRequest, Choice, list[str]], HttpResponse]


by_two_people: list[TwoPeople] = []


def may_export(user: Any, desk: Desk) -> bool:
    return not desk.personal or any(user.has_perm(way.permission) for way in by_two_people)


def headings(columns: Iterable[Any]) -> list[str]:
    return [str(one.label) for one in columns]


def lines(choice: Choice, columns: list[Any], *, is_clear: bool = False) -> Iterable[tuple[Any, list[Any]]]:
    """Each row with its cells; personal ones unmasked only with `is_clear`."""
    desk, user = choice.of.viewset.desk, choice.of.view.request.user
    rows = list(choice.rows)
    desk.dress(rows)
    desk.count(rows, user)
    for row in rows:
        yield (
            row,
            [
                desk.clear[one.name](row) if is_clear and one.name in desk.clear else _cell(one, row)
                for one in columns
            ],
        )


def _cell(column: Any, row: Any) -> Any:
    value = column.get_value(row)
    if isinstance(value, bool):
        return "是" if value else "否"
    return value


def columns_of(choice: Choice, names: Iterable[str]) -> list[Any]:
    """The list's columns by name, in this order; those that she sees when none is named."""
    known = {one.name: one for one in exportable(choice.of.view.all_columns)}
    title, *_ = choice.of.view.all_columns
    found = [known[name] for name in names if name in known and name != title.name]
    return [title, *found] if found else exportable(choice.of.view.shown_columns)


def download(
    choice: Choice, kind: str, names: Iterable[str], *, by: Any, public_id: UUID, now: Any
) -> HttpResponse:
    """The file, for a list that tells of nobody. Who took it stands in `BulkRun`."""
    viewset = choice.of.viewset
    columns = columns_of(choice, names)
    table = [cells for _, cells in lines(choice, columns)]
    BulkRun.objects.create(
        public_id=public_id,
        owner_id=by.pk,
        key=viewset.key,
        act=EXPORT,
        query=choice.kept_query,
        given={"kind": kind, "rows": len(table)},
        state=BulkRun.State.DONE,
        begun_at=now,
        ended_at=now,
    )
    title = str(viewset.menu_label)
    when = now.astimezone(SHANGHAI)
    if kind == "csv":
        content = csv_table(columns=headings(columns), rows=table)
    else:
        content = workbook(
            title=title,
            columns=headings(columns),
            rows=table,
            mark=[("导出人", by.name), ("时间", when.strftime("%Y-%m-%d %H:%M"))],
            marks_rows=False,
        )
    response = HttpResponse(content, content_type=KINDS[kind])
    name = f"{title}-{when:%Y%m%d-%H%M}.{kind}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
