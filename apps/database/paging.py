"""Pages that begin after a row, not at a number: rows that move meanwhile push no other out of sight.

The address of the next page carries the sort values of the last row that was shown, sealed, since they may be
somebody's money and hold internal keys. A page costs the same however far down it is.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model, Q, QuerySet
from django.db.models.expressions import OrderBy

from apps.database.crypto import CannotDecryptError
from apps.database.sealing import seal, unseal

Row = TypeVar("Row")

#: So many keys of rows shown fit into an address.
REMEMBERED = 300

_READERS: dict[str, Callable[[str], Any]] = {
    "at": datetime.fromisoformat,
    "on": date.fromisoformat,
    "id": UUID,
}


class BadPlaceError(ValueError):
    """The text names no place in this list: cut off, made up, or from a list in another order."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    rows: list[Row]
    #: Where the next page begins; empty when this is the last.
    next: str

    @property
    def has_next(self) -> bool:
        return bool(self.next)


@dataclass(frozen=True)
class _Key:
    """One column that rows are sorted by."""

    name: str
    is_descending: bool
    may_be_null: bool
    nulls_first: bool

    def of(self, row: Any) -> Any:
        for part in self.name.split("__"):
            row = getattr(row, part)
        return row.pk if isinstance(row, Model) else row

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: Any) -> Q | None:
        """What comes strictly after `value`; None when nothing can."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.nulls_first else None
        found = Q(**{f"{self.name}__{'lt' if self.is_descending else 'gt'}": value})
        if self.may_be_null and not self.nulls_first:
            found |= Q(**{f"{self.name}__isnull": True})
        return found


def page_after(
    rows: QuerySet[Any],
    place: str,
    *,
    size: int,
    now: datetime | None = None,
    dealt_with: Callable[[datetime], Q] | None = None,
) -> Page[Any]:
    """The `size` rows of an ordered query that come after `place` (empty: the first). BadPlaceError.

    Where working on a row sends it to the end of the list, `dealt_with` says which rows were since `now` of
    the first page: they are not shown again.
    """
    keys = _keys_of(rows)
    context = f"page:{rows.model._meta.label}:{','.join(f'{key.name}{key.is_descending:d}' for key in keys)}"
    begun = now
    if place:
        begun, *values = _opened(place, context, len(keys) + 1)
        rows = rows.filter(_after(keys, values))
        if dealt_with is not None:
            rows = rows.exclude(dealt_with(begun))
    taken = list(rows[: size + 1])
    shown = taken[:size]
    following = _sealed([begun, *(key.of(shown[-1]) for key in keys)], context) if len(taken) > size else ""
    return Page(shown, following)


def page_of_keys(
    keys: Sequence[int], place: str, *, of: str, rank: Callable[[int], Sequence[Any]], size: int
) -> Page[int]:
    """The same of primary keys that lie in the order of `rank` already; `of` names the list. BadPlaceError.

    The place carries what was shown, since all of the order may change meanwhile: whoever moves is neither
    lost nor shown twice. After `REMEMBERED` keys it begins anew with the rank that was reached.
    """
    context = f"page:keys:{of}"
    floor: list[Any] | None = None
    shown: set[int] = set()
    if place:
        floor, steps = _opened(place, context, 2)
        shown = set(accumulate(steps))
    rest = [key for key in keys if key not in shown and (floor is None or list(rank(key)) > floor)]
    rows = rest[:size]
    if len(rest) <= size:
        return Page(rows, "")
    known = sorted(shown.union(rows))
    if len(known) > REMEMBERED:
        floor, known = list(rank(rows[-1])), sorted(rows)
    steps = [key - before for key, before in zip(known, [0, *known], strict=False)]
    return Page(rows, _sealed([floor, steps], context))


def _keys_of(rows: QuerySet[Any]) -> list[_Key]:
    named = list(rows.query.order_by) or list(rows.model._meta.ordering)
    found = [_key(rows.model, item) for item in named]
    if not found or found[-1].name not in {"pk", "id", "relation"}:
        raise TypeError("a list that is paged ends its order with a key")
    return found


def _key(model: type[Model], item: Any) -> _Key:
    if isinstance(item, str):
        name, is_descending, nulls_first = item.removeprefix("-"), item.startswith("-"), item.startswith("-")
    elif isinstance(item, OrderBy) and isinstance(item.expression, F):
        name = str(item.expression.name)  # type: ignore[attr-defined]
        is_descending = bool(item.descending)
        nulls_first = bool(item.nulls_first) or (is_descending and not item.nulls_last)
    else:
        raise TypeError(f"rows sorted by {item!r} can't be paged: annotate it and sort by its name")
    return _Key(name, is_descending, _may_be_null(model, name), nulls_first)


def _may_be_null(model: Any, path: str) -> bool:
    for part in path.split("__"):
        if part == "pk":
            return False
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:  # an annotation
            return True
        if field.null:
            return True
        model = field.related_model
    return False


def _after(keys: Sequence[_Key], values: Sequence[Any]) -> Q:
    found: Q | None = None
    for key, value in reversed(list(zip(keys, values, strict=True))):
        beyond = key.beyond(value)
        if found is not None:
            rest = key.same(value) & found
            beyond = rest if beyond is None else beyond | rest
        found = beyond
    assert found is not None
    return found


def _sealed(values: Sequence[Any], context: str) -> str:
    text = json.dumps([_written(value) for value in values])
    return seal(text.encode(), context=context)


def _opened(place: str, context: str, count: int) -> list[Any]:
    try:
        values = [_read(value) for value in json.loads(unseal(place, context=context))]
    except (CannotDecryptError, ValueError):
        raise BadPlaceError(place[:20]) from None
    if len(values) != count:
        raise BadPlaceError(place[:20])
    return values


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    return {"id": str(value)} if isinstance(value, UUID) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return _READERS[kind](text)
