"""What waits for somebody at HQ: declared once, counted on her home, and a filter of the list that holds it.

So the figure and the rows that it opens are of one query.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.urls import reverse
from wagtail.admin.filters import WagtailFilterSet

Rows = QuerySet[Any]
#: `?waiting=me` in the address of a list.
PARAMETER, MINE = "waiting", "me"


@dataclass(frozen=True)
class Waiting:
    """`rows` are those that this person could do something about now; `words` follow their number."""

    #: The name of the list's address.
    list: str
    words: str
    permission: str
    rows: Callable[[Any], Rows]
    #: More to say where there are some, from the rows.
    more: Callable[[Rows], str] | None = None

    @property
    def href(self) -> str:
        return f"{reverse(self.list)}?{PARAMETER}={MINE}"


_DECLARED: dict[str, Waiting] = {}


def declare(one: Waiting) -> Waiting:
    _DECLARED[one.list] = one
    return one


def all_for(user: Any) -> list[Waiting]:
    return [one for one in _DECLARED.values() if user.has_perm(one.permission)]


def counted(user: Any) -> list[tuple[Waiting, int]]:
    """What waits for her of each kind, in one query; kinds of which nothing waits are left out."""
    parts: list[str] = []
    params: list[Any] = []
    told: list[Waiting] = []
    for one in all_for(user):
        try:
            sql, given = one.rows(user).order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS rows_{len(parts)})")  # noqa: S608 - Django's own SQL
        params += given
        told.append(one)
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        counts = cursor.fetchone()
    return [(one, count) for one, count in zip(told, counts, strict=True) if count]


def filters_of(list_name: str, model: type[Model], own: Any) -> dict[str, Any]:
    """`filterset_class` for a list of which something can wait for somebody: its own with 「等我处理的」."""
    one = _DECLARED.get(list_name)
    if one is None:
        return {}
    if not isinstance(own, type):
        own = type("Filters", (WagtailFilterSet,), {"Meta": type("Meta", (), {"model": model, "fields": []})})

    def narrowed(self: Any, rows: Rows, name: str, value: str) -> Rows:
        user = self.request.user
        return (
            rows.filter(pk__in=one.rows(user).values("pk")) if user.has_perm(one.permission) else rows.none()
        )

    choice = django_filters.ChoiceFilter(
        choices=[(MINE, "等我处理的")], label="待办", empty_label="全部", method="narrowed_to_waiting"
    )
    more = {PARAMETER: choice, "narrowed_to_waiting": narrowed}
    return {"filterset_class": type(own.__name__, (own,), more)}
