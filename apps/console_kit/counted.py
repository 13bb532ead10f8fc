"""Searches for one person by her whole number: counted wherever a list takes one.

The app that keeps the quota of looks puts its count here; a list says by `Desk.search_finds_people` that its
search compares what is typed with a sealed value.
"""

from collections.abc import Callable

from django.http import HttpRequest

#: Functions of (request, words): whether she may be searched for, which they count and write down.
counts: set[Callable[[HttpRequest, str], bool]] = set()


def may_search(request: HttpRequest, words: str) -> bool:
    """Whether these words may be looked for; a whole number is counted, and refused when too many were."""
    return all(count(request, words) for count in counts)
