"""What a number is: where its rows are, what of them is counted, and by what it can be narrowed.

Totals, days, breakdowns and the rows behind a number are all computed from its one definition
(`engine.py`). docs/metrics.md is written from the same definitions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from apps.accounts import places
from apps.accounts.models import Organisation
from apps.accounts.scope import Whose
from apps.insights.periods import Span
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue
from apps.profiles import wording
from apps.tracking.models import Channel

#: One row of a page of rows, by column.
Listed = dict[str, Any]
Say = Callable[[Listed, wording.Subjects], str]


class UnknownFilterError(Exception):
    """A number was asked to be narrowed by something it does not know; `metric` and `filter` say which."""

    def __init__(self, metric: str, filter_: str) -> None:
        super().__init__(f"{metric} is not counted by {filter_}")
        self.metric, self.filter = metric, filter_


class Filter(StrEnum):
    """By what a number may be narrowed, besides whose it is and which days."""

    ISSUE = "issue"
    SUBJECT = "subject"
    KIND = "kind"
    CHANNEL = "channel"
    HOUR = "hour"
    ORGANISATION = "organisation"


class Side(StrEnum):
    """By what a number may be broken down."""

    DAY = "day"
    HOST = "host"
    SUBJECT = "subject"
    KIND = "kind"
    CHANNEL = "channel"
    HOUR = "hour"
    #: Where the host was on the day, whatever became of her since (`places.py`).
    ORGANISATION = "organisation"


class When(Enum):
    """How a source's rows lie in time."""

    MOMENT = "moment"
    DAY = "day"
    #: A span as a whole: the source's condition looks at it.
    SPAN = "span"
    #: The state of things as they are: a span says nothing about it.
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whose numbers, of which days, narrowed by what. Whose is never left out."""

    hosts: Whose
    span: Span
    now: datetime
    #: Of the issue's materials.
    issue: Issue | None = None
    #: Of materials, products or shelves: their kind, and their ids unless all are meant.
    subjects: tuple[str, tuple[int, ...] | None] | None = None
    #: Of materials of one kind.
    kind: str = ""
    #: By links of one channel.
    channel: str = ""
    #: In one hour of the Shanghai day.
    hour: int | None = None
    #: By hosts who were at this very node on the day; of things as they are now: who are there now.
    organisation: Organisation | None = None

    @property
    def filters(self) -> frozenset[Filter]:
        """What it narrows by."""
        asked = {
            Filter.ISSUE: self.issue is not None,
            Filter.SUBJECT: self.subjects is not None,
            Filter.KIND: bool(self.kind),
            Filter.CHANNEL: bool(self.channel),
            Filter.HOUR: self.hour is not None,
            Filter.ORGANISATION: self.organisation is not None,
        }
        return frozenset(name for name, is_asked in asked.items() if is_asked)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL and its parameters."""

    sql: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that numbers are counted from. Each has `host_id`: for whom it counts.

    `table` is aliased `t`; `at` is its column of time. `has_subject` says that `subject_kind` and
    `subject_id` are there; `channel` is the SQL of the channel, `join` what it needs. `condition` narrows by
    the question.
    """

    name: str
    table: str
    when: When
    at: str = ""
    where: str = "TRUE"
    has_subject: bool = False
    channel: str = ""
    join: str = ""
    condition: Callable[[Question], Condition] | None = None
    #: What a page of rows reads of each.
    listed: str = ""

    @property
    def day(self) -> str:
        if self.when is When.MOMENT:
            return f"({self.at} AT TIME ZONE '{SHANGHAI.key}')::date"
        return self.at

    @property
    def filters(self) -> frozenset[Filter]:
        known = {
            Filter.ISSUE: self.has_subject,
            Filter.SUBJECT: self.has_subject,
            Filter.KIND: self.has_subject,
            Filter.CHANNEL: bool(self.channel),
            Filter.HOUR: self.when is When.MOMENT,
            Filter.ORGANISATION: True,
        }
        return frozenset(name for name, is_known in known.items() if is_known)

    def side(self, side: Side) -> str | None:
        """The SQL of a side; None when these rows can't be told apart by it."""
        of_subject = {Side.SUBJECT: "t.subject_id", Side.KIND: "m.kind"}
        if side in of_subject:
            return of_subject[side] if self.has_subject else None
        return {
            Side.HOST: "t.host_id",
            Side.DAY: self.day or None,
            Side.CHANNEL: self.channel or None,
            Side.HOUR: f"extract(hour FROM {self.at} AT TIME ZONE '{SHANGHAI.key}')::int"
            if self.when is When.MOMENT
            else None,
            Side.ORGANISATION: places.PLACE if self.day else None,
        }[side]


@dataclass(frozen=True, slots=True)
class Rollup:
    """The same number kept ready in another source: the sum of a column, or what `counts` says in SQL.

    With `by_host` the sums of several hosts are not their number together (people are counted twice).
    """

    source: Source
    column: str = ""
    counts: str = ""
    by_host: bool = False

    @property
    def measure(self) -> str:
        return self.counts or f"coalesce(sum(t.{self.column}), 0)::bigint"


def _nothing(row: Listed, subjects: wording.Subjects) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number. What it counts: each row of its source that fits `where`, each different `each` of them,
    or the sum of `sums`.
    """

    name: str
    title: str
    #: What the number is counted in; 元 is kept in fen.
    unit: str
    #: In plain words, as docs/metrics.md and the page of its rows tell it.
    formula: str
    source: Source
    where: str = "TRUE"
    each: tuple[str, ...] = ()
    sums: str = ""
    rollups: tuple[Rollup, ...] = ()
    filters: frozenset[Filter] | None = None
    #: What its rows are counted in, where that is not the number's unit.
    rows_unit: str = ""
    #: The money of a row, if it has any.
    fen: str = ""
    #: What a page reads of each row (with `each`: aggregates), and in which order.
    listed: str = ""
    order: str = "at DESC NULLS LAST"
    say: Say = field(default=_nothing)

    @property
    def is_money(self) -> bool:
        return self.unit == YUAN

    @property
    def field(self) -> str:
        """The name of the number in Python: money says that it is in fen."""
        return f"{self.name}_fen" if self.is_money else self.name

    @property
    def known(self) -> frozenset[Filter]:
        """What it can be narrowed by."""
        return self.source.filters if self.filters is None else self.filters | {Filter.ORGANISATION}

    @property
    def is_of_now(self) -> bool:
        """It counts how things stand, whatever the days."""
        return self.source.when is When.NOW

    @property
    def worth(self) -> str:
        """The money of the rows that are counted, in SQL."""
        only = f" FILTER (WHERE {self.where})" if self.where != "TRUE" else ""
        return f"coalesce(sum(t.{self.fen}){only}, 0)::bigint"

    @property
    def measure(self) -> str:
        """What is counted of the rows `t`, in SQL."""
        only = f" FILTER (WHERE {self.where})" if self.where != "TRUE" else ""
        if self.sums:
            return f"coalesce(sum(t.{self.sums}){only}, 0)::bigint"
        if len(self.each) == 1:
            return f"count(DISTINCT t.{self.each[0]}){only}"
        counted = f"DISTINCT ({', '.join(f't.{name}' for name in self.each)})" if self.each else "*"
        return f"count({counted}){only}"


YUAN = "元"


def host_of(moment: str, *, then: str) -> str:
    """The host of a group's newest row (`moment` ends with DESC) or oldest one, in SQL; `then` decides ties.

    Not just any of the group's: a line with a time beside a host says that it happened there. `hosts` is how
    many there are.
    """
    return (
        f"(array_agg(t.host_id ORDER BY {moment}, {then}))[1] AS host_id, count(DISTINCT t.host_id) AS hosts"
    )


def say_link(row: Listed, subjects: wording.Subjects) -> str:
    """What the link led to, and by which channel it was shared."""
    if not row.get("subject_kind"):
        return "没有经过分享链接"
    channel = f"（{Channel(row['channel']).label}）" if row.get("channel") else ""
    return f"{wording.say_subject(row['subject_kind'], row['subject_id'], subjects)}{channel}"
