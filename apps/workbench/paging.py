"""Pages of a list: what `?after=` names, and the address of the next one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from apps.database import paging
from apps.lib import given

PAGE = 30
#: Of the lists behind a number, which are read and not worked through: those are counted in pages.
LAST_PAGE = 500


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    has_next: bool
    #: The query string of the next page, without `?`.
    next_query: str


def page_of(rows: QuerySet[Any], request: HttpRequest, *, size: int = PAGE) -> Page:
    """The page after the row that `?after=` names; Http404 when it names none."""
    return paged(request, lambda place: paging.page_after(rows, place, size=size))


def paged(request: HttpRequest, take: Callable[[str], paging.Page[Any]]) -> Page:
    """What `take` gives for the place in the address, with the address of what follows."""
    try:
        found = take(request.GET.get("after", ""))
    except paging.BadPlaceError:
        raise Http404 from None
    query = request.GET.copy()
    query["after"] = found.next
    return Page(found.rows, found.has_next, query.urlencode())


def page_number(request: HttpRequest) -> int:
    """What `?page=` says; Http404 when it is no number of a page."""
    found = given.number(request.GET.get("page", "1"), least=1, most=LAST_PAGE)
    if found is None:
        raise Http404
    return found
