"""Pages of a list without counting it: one row more than is shown tells whether there is a next page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

Row = TypeVar("Row")
PAGE = 30
LAST_PAGE = 500


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    number: int
    has_next: bool
    #: The query string of the next page, without `?`.
    next_query: str


def page_of(rows: "Sequence[Row] | QuerySet[Row]", request: HttpRequest, *, size: int = PAGE) -> Page[Row]:  # type: ignore[type-var]
    """The page that `?page=` names."""
    number = page_number(request)
    start = (number - 1) * size
    found = list(rows[start : start + size + 1])
    query = request.GET.copy()
    query["page"] = str(number + 1)
    return Page(found[:size], number, len(found) > size, query.urlencode())


def page_number(request: HttpRequest) -> int:
    """What `?page=` says; Http404 when it is no number of a page."""
    text = request.GET.get("page", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LAST_PAGE:
        raise Http404
    return int(text)
