"""What a list of the console says of itself: `GuardedViewSet` holds one `Desk`, without words a plain one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

Rows = QuerySet[Any]
#: The name of a right; or who has it, where it is no plain one (rights to pictures belong to a collection).
Right = str | Callable[[Any], bool]


def may(user: Any, right: Right) -> bool:
    """Whether this person has that right now."""
    return bool(user.has_perm(right) if isinstance(right, str) else right(user))


class RefusedError(Exception):
    """An act can't be done to this row. The message says why, in words for people."""


@dataclass(frozen=True)
class Given:
    """Who does something to rows, when, and what she chose with it (`ListAct.form`)."""

    by: Any
    now: datetime
    data: dict[str, Any] = field(default_factory=dict)


def _may(row: Any, given: Given) -> str:
    return ""


def _as_they_are(rows: Rows) -> Rows:
    return rows


@dataclass(frozen=True)
class TakingBack:
    """How an act is undone: `reads` says what it changes of a row (as JSON), `restore` puts that back.

    A row that reads otherwise than the act left it has been changed since: it is left alone, and said.
    """

    reads: Callable[[Any], dict[str, Any]]
    restore: Callable[[Any, dict[str, Any], Given], None]


@dataclass(frozen=True)
class ListAct:
    """Something that can be done to many rows at once, each by the service that does it to one."""

    key: str
    label: str
    permission: Right
    #: Does it to one row, which is held; RefusedError says why it can't be.
    apply: Callable[[Any, Given], None]
    #: What it will do, in sentences, reckoned over the rows to which it can be done.
    means: Callable[[list[Any], Given], list[str]]
    #: Why it can't be done to this row, in words; empty when it can.
    why_not: Callable[[Any, Given], str] = _may
    #: What she has to say with it: a form for (what was posted or None, the person).
    form: Callable[[Any, Any], forms.Form] | None = None
    #: Gives rows what `why_not` and `means` read of them.
    rows: Callable[[Rows], Rows] = _as_they_are
    taking_back: TakingBack | None = None
    #: How many rows at once, where what it means is reckoned for each of them; None: as many as a list gives.
    most: int | None = None
    is_serious: bool = False


@dataclass(frozen=True)
class Held:
    """Who knows a row by its number without a key: how people call that, and its rows by `OuterRef("pk")`."""

    words: str
    rows: Callable[[], Rows]


@dataclass(frozen=True)
class Life:
    """What may become of the rows of a list.

    A row that nobody names (`uses.py`) can be deleted; one that is used is retired, merged or moved by the
    acts of the list that are named here. Its edit page offers the same acts for the one row.
    """

    #: The right to delete; empty where no row ever is, and why.
    permission: Right = ""
    never: str = ""
    #: Keys that make a row a part of it (`catalog.Sku.product`), besides modelcluster's: it goes along.
    parts: frozenset[str] = frozenset()
    held: tuple[Held, ...] = ()
    #: Why else not to delete this row.
    unless: Callable[[Any], str] = lambda row: ""
    #: The acts that take a row out of use, and bring it back.
    retire: str = ""
    bring_back: str = ""
    merge: str = ""
    move: str = ""

    @property
    def acts(self) -> list[str]:
        """Keys of the acts that its edit page offers."""
        wanted = [self.retire, self.bring_back, self.merge, self.move, "delete" if self.permission else ""]
        return [one for one in wanted if one]


@dataclass(frozen=True)
class Empty:
    """What a list says before there is a row: what belongs here, and what to do next for who may."""

    words: str
    next: str = ""
    url_name: str = ""
    permission: Right = ""


@dataclass(frozen=True)
class View:
    """A way to look at a list that everybody has: its name, its query, what it says without a row."""

    name: str
    query: str
    empty: str


@dataclass(frozen=True)
class Card:
    """A row of the grid: the template of what stands below its picture, and what gives rows that picture."""

    template: str
    dress: Callable[[list[Any]], None]


@dataclass(frozen=True)
class Desk:
    """A list's furniture, beside its columns, filters and search."""

    empty: Empty = Empty("这里还没有内容。")
    acts: tuple[ListAct, ...] = ()
    #: Delete, retire, merge, move: for rows that are edited here.
    life: Life | None = None
    #: Views that everybody has, in front of the saved ones.
    views: tuple[View, ...] = ()
    #: Columns that show only when somebody chooses them.
    off: frozenset[str] = frozenset()
    #: Columns that tell of persons: with one of them, the list leaves as a file only by two people.
    personal: frozenset[str] = frozenset()
    #: How personal columns read unmasked, for an export that was approved so.
    clear: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    #: The host of whose customer a row tells, for the log of looks.
    host_id_of: Callable[[Any], int | None] = lambda row: None
    #: Words typed into the search may be a person's phone: they are kept nowhere, and a whole one is counted.
    search_finds_people: bool = False
    #: Called once with the rows of a page or of a file: gives them what the columns read.
    dress: Callable[[list[Any]], None] = lambda rows: None
    #: The same for numbers, of which each person sees those that she may: called with rows and person.
    count: Callable[[list[Any], Any], None] = lambda rows, user: None
    #: Where the list may be looked at as cards too.
    card: Card | None = None

    def act(self, key: str) -> ListAct | None:
        return next((one for one in self.acts if one.key == key), None)
