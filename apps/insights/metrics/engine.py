"""Totals, sides and rows of any number, computed from its definition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts import places
from apps.accounts.models import Host
from apps.accounts.scope import clause
from apps.insights import replica
from apps.insights.metrics.base import (
    Condition,
    Filter,
    Listed,
    Metric,
    Question,
    Side,
    Source,
    UnknownFilterError,
    When,
)
from apps.lib.clock import SHANGHAI

#: Numbers by their name.
Counts = dict[str, int]


def totals(metrics: Sequence[Metric], asked: Question) -> Counts:
    """Each number, in one query for each source that they are counted from."""
    return sided(metrics, asked, ())[None][None]


def by(side: Side, metrics: Sequence[Metric], asked: Question) -> dict[Any, Counts]:
    """Each number by one side. What did not happen has no entry."""
    return sided(metrics, asked, (side,), with_total=False)[side]


def sided(
    metrics: Sequence[Metric], asked: Question, sides: Sequence[Side], *, with_total: bool = True
) -> dict[Side | None, dict[Any, Counts]]:
    """Each number by every side at once, the total under None: still one query for each source.

    UnknownFilterError: one of them can't be narrowed, or told apart, so.
    """
    found: dict[Side | None, dict[Any, Counts]] = {side: {} for side in sides}
    if with_total:
        found[None] = {None: dict.fromkeys((metric.name for metric in metrics), 0)}
    for source, measures in _by_source(metrics, asked, sides).items():
        for side, key, counts in _counted(source, measures, asked, sides, with_total=with_total):
            found[side].setdefault(key, {}).update(counts)
    return found


def of_hosts(metrics: Sequence[Metric], asked: Question, *, worth: Metric | None = None) -> Condition:
    """The SQL of the same for queries written by hand: `host_id` and each number under its name, a row for
    every host of whom there is anything; with the money of the rows of `worth` as `worth_fen`.

    All of them must be counted from one source. UnknownFilterError.
    """
    [(source, measures)] = _by_source(metrics, asked, (Side.HOST,)).items()
    rows = select(source, narrowed(source, asked), ())
    told = [f"{measure} AS {name}" for name, measure in measures.items()]
    if worth is not None:
        told.append(f"{worth.worth} AS worth_fen")
    return Condition(
        f"SELECT t.host_id, {', '.join(told)} FROM ({rows.sql}) AS t GROUP BY t.host_id",  # noqa: S608 - our own SQL
        rows.params,
    )


def check(metric: Metric, asked: Question) -> None:
    """UnknownFilterError when `metric` can't be narrowed as asked."""
    for name in sorted(asked.filters - metric.known):
        raise UnknownFilterError(metric.name, name)


def _by_source(
    metrics: Sequence[Metric], asked: Question, sides: Sequence[Side]
) -> dict[Source, dict[str, str]]:
    """What is counted from which source: the name and the SQL of each number."""
    found: dict[Source, dict[str, str]] = {}
    for metric in metrics:
        check(metric, asked)
        source, measure = _cheapest(metric, asked, sides)
        found.setdefault(source, {})[metric.name] = measure
    return found


def _cheapest(metric: Metric, asked: Question, sides: Sequence[Side]) -> tuple[Source, str]:
    """Where the number is kept ready if that answers the question, else where its rows are."""
    for rollup in metric.rollups:
        source = rollup.source
        is_told = asked.filters <= source.filters and all(source.side(side) for side in sides)
        if is_told and (not rollup.by_host or (isinstance(asked.hosts, Host) and set(sides) == {Side.DAY})):
            return source, rollup.measure
    for side in sides:
        if metric.source.side(side) is None:
            raise UnknownFilterError(metric.name, side)
    return metric.source, metric.measure


def _counted(
    source: Source, measures: dict[str, str], asked: Question, sides: Sequence[Side], *, with_total: bool
) -> Iterable[tuple[Side | None, Any, Counts]]:
    rows = select(source, narrowed(source, asked), sides)
    columns = [f"t.side_{side}" for side in sides]
    sets = ["()"] * with_total + [f"({column})" for column in columns]
    grouping = f"grouping({', '.join(columns)}), {', '.join(columns)}, " if sides else ""
    grouped = f" GROUP BY GROUPING SETS ({', '.join(sets)})" if sides else ""
    with replica.cursor() as cursor:
        cursor.execute(
            f"SELECT {grouping}{', '.join(measures.values())} FROM ({rows.sql}) AS t{grouped}",  # noqa: S608 - our own SQL
            rows.params,
        )
        answers = cursor.fetchall()
    for answer in answers:
        counts = dict(zip(measures, map(int, answer[len(answer) - len(measures) :]), strict=True))
        side = _side_of(answer[0], sides) if sides else None
        key = None if side is None else answer[1 + sides.index(side)]
        # What has no such side (an order without a link has no channel) is not told under it.
        if side is None or key not in (None, ""):
            yield side, key, counts


def _side_of(mask: int, sides: Sequence[Side]) -> Side | None:
    """Of which side a row of GROUPING SETS is: the one whose bit is not set."""
    last = len(sides) - 1
    return next((side for place, side in enumerate(sides) if not mask >> (last - place) & 1), None)


# --- rows -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a number; how many there are of them all, and the sum of their money."""

    rows: list[Listed]
    count: int
    fen: int | None


def page(metric: Metric, asked: Question, *, start: int, length: int) -> Page:
    """The rows behind `metric` from `start` on: two queries. UnknownFilterError."""
    check(metric, asked)
    source = metric.source
    rows = select(source, narrowed(source, asked), ())
    money = f", t.{metric.fen} AS fen" if metric.fen else ""
    grouped = f" GROUP BY {', '.join(f't.{name}' for name in metric.each)}" if metric.each else ""
    listed = (
        f"SELECT {metric.listed or source.listed}{money} FROM ({rows.sql}) AS t"  # noqa: S608 - our own SQL
        f" WHERE {metric.where}{grouped}"
    )
    with replica.cursor() as cursor:
        cursor.execute(f"{listed} ORDER BY {metric.order} LIMIT %s OFFSET %s", [*rows.params, length, start])
        names = [column.name for column in cursor.description or ()]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        of_all = "count(*), sum(listed.fen)" if metric.fen else "count(*), NULL"
        cursor.execute(f"SELECT {of_all} FROM ({listed}) AS listed", rows.params)  # noqa: S608
        count, fen = cursor.fetchone()
    return Page(found, count, int(fen or 0) if metric.fen else None)


# --- the rows of a source ---------------------------------------------------------------------------------


def select(source: Source, conditions: Sequence[Condition], sides: Sequence[Side]) -> Condition:
    """The rows `t` of a source that fit, with when they count and the sides they are told by."""
    columns = ["t.*"]
    if source.when is When.MOMENT:
        columns.append(f"{source.at} AS counted_at")
    if source.day:
        columns.append(f"{source.day} AS counted_on")
    columns += [f"{source.side(side)} AS side_{side}" for side in sides]
    used = " ".join([*(condition.sql for condition in conditions), *columns])
    joins = source.join if source.channel and source.channel in used else ""
    if "m.kind" in used:
        joins += " LEFT JOIN library_material m ON t.subject_kind = 'material' AND m.id = t.subject_id"
    if places.PLACE in used and source.day:
        joins += places.join("t.host_id", places.end_of(source.day))
    where = " AND ".join(condition.sql for condition in conditions)
    return Condition(
        f"SELECT {', '.join(columns)} FROM {source.table} {joins} WHERE {where}",  # noqa: S608 - our own SQL
        tuple(param for condition in conditions for param in condition.params),
    )


def narrowed(source: Source, asked: Question) -> list[Condition]:
    """Whose rows, of which days, and of what the question names."""
    whose, params = clause(asked.hosts, "t.host_id")
    found = [Condition(source.where), Condition(whose, tuple(params))]
    span = asked.span
    if source.when is When.MOMENT:
        found.append(Condition(f"{source.at} >= %s AND {source.at} < %s", (span.starts_at, span.ends_at)))
    elif source.when is When.DAY:
        found.append(Condition(f"{source.at} >= %s AND {source.at} < %s", (span.first, span.end)))
    if source.condition is not None:
        found.append(source.condition(asked))
    for name in sorted(asked.filters & source.filters):
        found += _of(name, source, asked)
    return found


def _of(name: Filter, source: Source, asked: Question) -> Iterable[Condition]:
    """The condition of one filter, for a source that knows it."""
    of_material = "t.subject_kind = 'material' AND t.subject_id IN (SELECT {} FROM {} WHERE {} = %s)"
    match name:
        case Filter.ISSUE if asked.issue is not None:
            yield Condition(
                of_material.format("material_id", "library_issueentry", "issue_id"), (asked.issue.pk,)
            )
        case Filter.SUBJECT if asked.subjects is not None:
            kind, ids = asked.subjects
            yield Condition("t.subject_kind = %s", (kind,))
            if ids is not None:
                yield Condition("t.subject_id = ANY(%s)", (list(ids),))
        case Filter.KIND:
            yield Condition(of_material.format("id", "library_material", "kind"), (asked.kind,))
        case Filter.CHANNEL:
            yield Condition(f"{source.channel} = %s", (asked.channel,))
        case Filter.HOUR:
            yield Condition(
                f"extract(hour FROM {source.at} AT TIME ZONE '{SHANGHAI.key}') = %s", (asked.hour,)
            )
        case Filter.ORGANISATION if asked.organisation is not None:
            node = asked.organisation.pk
            if source.day:
                yield Condition(f"{places.PLACE} = %s", (node,))
            elif source.when is When.SPAN:
                there = f"FROM accounts_host h {places.join('h.id', '%s')} WHERE {places.PLACE} = %s"
                ends_at = asked.span.ends_at
                yield Condition(f"t.host_id IN (SELECT h.id {there})", (ends_at, ends_at, node))
            else:
                yield Condition(
                    "t.host_id IN (SELECT h.id FROM accounts_host h WHERE h.organisation_id = %s)", (node,)
                )
