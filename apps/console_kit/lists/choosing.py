"""From what somebody ticked, or "all that I filtered", to rows: always within what the list shows her."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from apps.console_kit.lists.declaring import Rows
from apps.console_kit.lists.registry import Opened, opened, view_of
from apps.lib import given

#: How many rows one act or file may take. More are narrowed down by filters first.
MOST_ROWS = 10_000
#: The filtered set is asked for by its query, never by the ids of its rows.
EVERYTHING, TICKED, QUERY = "everything", "row", "query"
#: What a query holds besides filters, words and sorting.
_PLACE = ("p", "v", "_w_filter_fragment", "page")
_LONGEST = 1000


class ChoiceError(Exception):
    """Nothing that an act could be done to. The message is for people."""


@dataclass(frozen=True)
class Choice:
    """Rows of a list: those that were ticked, or all that the query finds."""

    of: Opened
    query: str
    ids: tuple[int, ...] | None

    @property
    def rows(self) -> Rows:
        found: Rows = self.of.view.get_queryset()
        return found if self.ids is None else found.filter(pk__in=self.ids)

    @property
    def is_everything(self) -> bool:
        return self.ids is None

    @property
    def kept_query(self) -> str:
        """What a run remembers of the filtered set: no words, which may be a name that is gone one day."""
        return without_words(self.query) if self.is_everything else ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The hidden fields that say the same again."""
        picked = [(TICKED, str(pk)) for pk in self.ids or ()]
        return [(QUERY, self.query), *([(EVERYTHING, "on")] if self.ids is None else picked)]


def without_place(query: QueryDict | str) -> str:
    """Filters, words and sorting of a list, as in its address."""
    asked = QueryDict(query, mutable=True) if isinstance(query, str) else query.copy()
    for name in _PLACE:
        asked.pop(name, None)
    for name in [name for name, values in asked.lists() if not any(values)]:
        asked.pop(name)
    return asked.urlencode()


def without_words(query: str) -> str:
    """The same without what was typed into the search."""
    asked = QueryDict(query, mutable=True)
    asked.pop("q", None)
    return asked.urlencode()


def chosen(request: HttpRequest, key: str, *, or_all: bool = False) -> Choice:
    """What her form names, or with `or_all` everything where she ticked nothing.

    ChoiceError when it is nothing, too much, or no sound set.
    """
    query = without_place(request.POST.get(QUERY, ""))
    must_fit(query)
    is_everything = bool(request.POST.get(EVERYTHING)) or (or_all and TICKED not in request.POST)
    return made(opened(request, key, query), query, None if is_everything else _ticked(request))


def the_one(request: HttpRequest, key: str) -> Choice:
    """The row that a link to an act names; none but what the list shows her."""
    return made(opened(request, key), "", _numbers(request.GET.getlist(TICKED)[:1]))


def must_fit(query: str) -> None:
    """ChoiceError for a query that is longer than what keeps it."""
    if len(query) > _LONGEST:
        raise ChoiceError("筛选条件太长了，减掉几个再试。")


def _ticked(request: HttpRequest) -> tuple[int, ...]:
    return _numbers(request.POST.getlist(TICKED))


def _numbers(texts: list[str]) -> tuple[int, ...]:
    found = (given.number(one, most=2**63 - 1) for one in texts)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def made(of: Opened, query: str, ids: tuple[int, ...] | None) -> Choice:
    if ids is not None and not ids:
        raise ChoiceError("还没有选：先勾几行，或者选中全部筛选结果。")
    if ids is not None and len(ids) > MOST_ROWS:
        raise ChoiceError(too_many(len(ids)))
    view = of.view
    if ids is None and view.filters and not view.filters.is_valid():
        raise ChoiceError("筛选条件里有看不懂的地方，改好以后再选。")
    if ids is None and of.viewset.desk.search_finds_people and view.search_query:
        # Words by which a person is found are kept nowhere: whom they found is.
        ids = tuple(view.get_queryset().values_list("pk", flat=True)[: MOST_ROWS + 1])
        query = ""
    if ids is not None:
        # A row that was ticked is meant, whatever filters the list has meanwhile.
        of = Opened(of.viewset, view_of(of.viewset, view.request.user, "", view.request))
    return Choice(of, query, ids)


def too_many(count: int, most: int = MOST_ROWS) -> str:
    return f"一共 {count} 条，一次最多 {most} 条。先用筛选缩小范围，分几次做。"


def row_labels(of: Opened, rows: list[Any]) -> list[str]:
    """How the list calls its rows."""
    of.viewset.desk.dress(rows)
    column = of.view.title_column
    return [(str(column.get_value(row) or "").strip() or unnamed(row.pk))[:120] for row in rows]


def unnamed(pk: int) -> str:
    """What a row is called that has no name, or that the list does not show any more."""
    return f"第 {pk} 号"
