"""Exports of what a list of the console found: the list, its query or the ticked rows, and the columns.

The rows are looked up when the file is made, as the requester sees the list then: who moved to another region
gets no other region's, and who lost the right gets nothing. They are those at whom she has both the list's
right and the right to ask: each reaches as far as the role that grants it.
"""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied

from apps.accounts.models import HostQuerySet, User
from apps.console_kit.lists import exporting, registry
from apps.console_kit.lists.choosing import Choice
from apps.privacy.access import ASK
from apps.privacy.models import ExportRequest
from apps.records.declarations import Export, Row, Span

#: `ExportRequest.what` of these.
WHAT = "list"


def packed(choice: Choice, columns: list[str]) -> dict[str, Any]:
    """The choice as `ExportRequest.filters` keeps it."""
    found: dict[str, Any] = {"list": choice.of.viewset.key, "query": choice.query, "columns": columns}
    return found if choice.is_everything else {**found, "ids": list(choice.ids or ())}


def unpacked(filters: dict[str, Any], user: User) -> Choice:
    """The same choice: the rows that this person sees now, and may ask for. PermissionDenied."""
    viewset = registry.every().get(filters["list"])
    if viewset is None:
        raise PermissionDenied
    ids = filters.get("ids")
    query = filters["query"] if ids is None else ""
    of = registry.Opened(viewset, registry.view_of(viewset, user, query, also=(ASK,)))
    return Choice(of, query, None if ids is None else tuple(ids))


def may_see(filters: dict[str, Any], user: User) -> bool:
    try:
        unpacked(filters, user)
    except PermissionDenied:
        return False
    return True


def label_of(filters: dict[str, Any]) -> str:
    viewset = registry.every().get(filters.get("list", ""))
    return str(viewset.menu_label) if viewset is not None else "列表"


def scope_of(filters: dict[str, Any], user: User) -> str:
    """Which rows of this person's, in words, and how many that are now: for who decides."""
    try:
        choice = unpacked(filters, user)
    except PermissionDenied:
        return "申请人现在看不到这个列表"
    count = f"现在有 {choice.rows.count()} 条"
    if not choice.is_everything:
        return f"选好的 {len(choice.ids or ())} 条，{count}"
    view = choice.of.view
    said = [f"{one.field_label}：{one.value}" for one in view.active_filters]
    if view.search_query:
        said.insert(0, f"搜「{view.search_query}」")
    return f"{'，'.join(said) or '全部'}，{count}"


def export_of(request: ExportRequest) -> Export:
    filters = request.scope
    label = label_of(filters)

    def rows(hosts: HostQuerySet, span: Span, *, is_clear: bool, is_own: bool) -> Iterator[Row]:
        choice = unpacked(filters, request.requester)
        columns = exporting.columns_of(choice, filters["columns"])
        of_host = choice.of.desk.host_id_of
        for row, cells in exporting.lines(choice, columns, is_clear=is_clear):
            yield Row(of_host(row), cells)

    titles = tuple(headings(filters, request.requester))
    return Export(WHAT, label, "", titles, titles, rows)


def headings(filters: dict[str, Any], user: User) -> list[str]:
    try:
        choice = unpacked(filters, user)
    except PermissionDenied:
        return []
    return exporting.headings(exporting.columns_of(choice, filters["columns"]))
