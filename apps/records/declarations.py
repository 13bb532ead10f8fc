"""What an app declares about the personal data it keeps: exports, erasure, and for how long."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from django.db.models import Model

from apps.accounts.models import HostQuerySet
from apps.lib.pii import Kept

# --- exports ------------------------------------------------------------------------------------------------


class Span(NamedTuple):
    """Shanghai days, both inclusive; None is open."""

    start: date | None
    end: date | None


class Row(NamedTuple):
    """One line of an export, and the host whose customer it tells of; None when it tells of no customer."""

    host_id: int | None
    cells: list[Any]


class Rows(Protocol):
    """Lines for these hosts' customers, masked unless `is_clear`; `is_own` is a host's, in her own words."""

    def __call__(self, hosts: HostQuerySet, span: Span, *, is_clear: bool, is_own: bool) -> Iterable[Row]: ...


@dataclass(frozen=True)
class Export:
    """Something that can be exported. `columns` are titles; `own_columns` those of a host's own export."""

    what: str
    label: str
    #: Who may ask for it at HQ.
    permission: str
    columns: tuple[str, ...]
    own_columns: tuple[str, ...]
    rows: Rows


# --- a person's rights --------------------------------------------------------------------------------------


class ShopNumber(NamedTuple):
    """Her number in an outside shop, as `source:number`, and the relation that it names at a host."""

    key: str
    host_id: int
    relation_id: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: the relations that the proof reaches, and the words by which her traces are found.

    `customer_ids` are those whom these relations alone know: empty when one host vouched for her, since then
    only what that host knows is hers to have. `host_ids` are the hosts who have or ever had one of the
    relations. What is looked for beyond them is in `proved`.
    """

    relation_ids: tuple[int, ...]
    customer_ids: tuple[int, ...]
    host_ids: tuple[int, ...]
    phones: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    shop_numbers: tuple["ShopNumber", ...] = ()
    names: frozenset[str] = frozenset()
    #: The phone that she showed to be hers. All the other words are what her hosts, or files, say of her.
    proved: frozenset[str] = frozenset()
    pseudonym: str = ""
    #: The one host whose word alone it is: her copy holds what that host may read, and nothing else.
    by_host: int | None = None


@dataclass(frozen=True)
class Holder:
    """An app that keeps something of people. Each part may be run again after it was killed.

    `export` gives {heading: rows of {word: value}}. `exported` and `exempt` name every personal column of its
    tables, `*` for the rest of one: in the copy, or not, and then why (tests compare them with the data map).
    """

    name: str
    export: Callable[[Subject], dict[str, list[dict[str, Any]]]]
    erase: Callable[[Subject, datetime], None]
    exported: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exempt: dict[str, dict[str, str]] = field(default_factory=dict)
    #: What stops at once, before erasing may begin (a hold can keep it waiting).
    block: Callable[[Subject, datetime], None] | None = None


# --- blind indexes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Index:
    """A model with blind indexes, and how they follow from one of its rows: {field: bytes or None}."""

    model: type[Model]
    compute: Callable[[Any], dict[str, bytes | None]]


# --- retention ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expiry:
    """Something that is emptied or deleted when its time is over. `kept` names the period in the settings.

    `due` counts what is past its time at the given moment, `clear` ends one batch of it and says how many.
    """

    name: str
    label: str
    kept: Kept
    due: Callable[[datetime], int]
    clear: Callable[[datetime], int]
