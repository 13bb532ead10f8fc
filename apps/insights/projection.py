"""From the ledger to the numbers (docs/ledger.md).

An event says what to look at again: a host's day, an order, a new customer; it is then counted anew from the
ledger and the orders. So a batch applied twice, or cut elsewhere, gives the same rows. What is counted of a
day is said by the numbers themselves (`metrics`).
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from apps.customers.services import LEARNED_AT
from apps.insights import metrics
from apps.insights.metrics.base import Condition, Source
from apps.insights.metrics.customers import NEWCOMERS
from apps.insights.metrics.days import DAYS
from apps.insights.metrics.engine import select
from apps.insights.metrics.money import MONEY
from apps.lib import clock
from apps.lib.ids import uuid7_moment_sql
from apps.tracking.facts import HANDLED, ORDERED, READ, SHARED, VIEWED, Fact
from apps.tracking.models import Link
from apps.tracking.reader import LedgerEntry, Projection, Table
from apps.trade.money import MOVES

Day = tuple[int, date]


@dataclass(slots=True)
class Progress:
    """The first time a visitor of a link came so far, or further."""

    reached_at: datetime
    read_at: datetime | None = None
    ordered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """With whom and when a relation began."""

    host_id: int
    at: datetime
    source: str
    #: When we learned of it, if that was on a later day.
    learned_at: datetime | None


@dataclass(slots=True)
class Touched:
    """What a batch of events makes us look at again."""

    days: set[Day] = field(default_factory=set)
    act_days: set[Day] = field(default_factory=set)
    began: dict[int, Began] = field(default_factory=dict)
    orders: set[int] = field(default_factory=set)
    #: Orders that an import corrected, and when it last did.
    corrected: dict[int, datetime] = field(default_factory=dict)
    visits: dict[tuple[int, int], Progress] = field(default_factory=dict)


def fold(entries: list[LedgerEntry]) -> None:
    touched = _touched_by(entries)
    _keep_visits(touched.visits)
    days = touched.days | _keep_newcomers(touched.began)
    days |= _keep_money(sorted(touched.orders), touched.corrected)
    _count_days(sorted(days))
    _count_acts(sorted(touched.act_days))


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE insights_hostday, insights_linkvisit, insights_actday, insights_moneymove, "
            "insights_newcustomer"
        )


PROJECTION = Projection(
    "insights",
    2,
    fold,
    clear,
    tables=(
        Table("insights_hostday", ("host_id", "day")),
        Table("insights_linkvisit", ("link_id", "visitor_id")),
        Table("insights_actday", ("host_id", "day", "subject_kind", "subject_id")),
        Table("insights_moneymove", ("order_id", "reversal_id")),
        Table("insights_newcustomer", ("relation_id",)),
    ),
    # An order's later events, and a customer's second joining, may be another host's.
    events_of_hosts=f"""
        e.host_id = ANY(%(hosts)s)
        OR (e.name IN ({", ".join(f"'{name}'" for name in ORDERED)}) AND e.subject_id IN (
            SELECT o.id FROM trade_order o WHERE coalesce(o.earned_by_id, o.host_id) = ANY(%(hosts)s)))
        OR (e.name = '{Fact.CUSTOMER_JOINED}' AND e.relation_id IN (
            SELECT j.relation_id FROM tracking_event j
             WHERE j.name = '{Fact.CUSTOMER_JOINED}' AND j.host_id = ANY(%(hosts)s)))
    """,  # noqa: S608 - constants of our own
)


def _touched_by(entries: list[LedgerEntry]) -> Touched:
    touched = Touched()
    for entry in entries:
        if entry.host_id is None:
            continue
        day = (entry.host_id, clock.day_of(entry.occurred_at))
        if entry.name in VIEWED or entry.name in SHARED:
            touched.days.add(day)
        if entry.name in HANDLED:
            touched.act_days.add(day)
        if entry.name == Fact.CUSTOMER_JOINED and entry.relation_id:
            known = touched.began.get(entry.relation_id)
            if known is None or entry.occurred_at < known.at:
                learned_at = entry.props.get(LEARNED_AT)
                touched.began[entry.relation_id] = Began(
                    entry.host_id,
                    entry.occurred_at,
                    str(entry.props.get("source", "")),
                    datetime.fromisoformat(learned_at) if learned_at else None,
                )
        if entry.name in ORDERED and entry.subject_id:
            touched.orders.add(entry.subject_id)
            if entry.name == Fact.ORDER_CHANGED:
                last = touched.corrected.get(entry.subject_id, entry.occurred_at)
                touched.corrected[entry.subject_id] = max(last, entry.occurred_at)
        if entry.link_id and entry.visitor_id:
            _note_progress(touched.visits, (entry.link_id, entry.visitor_id), entry)
    return touched


def _note_progress(visits: dict[tuple[int, int], Progress], key: tuple[int, int], entry: LedgerEntry) -> None:
    has_read = entry.name in READ or entry.name == Fact.ORDER_PLACED
    if not has_read and entry.name not in VIEWED:
        return
    at = entry.occurred_at
    seen = visits.setdefault(key, Progress(at))
    seen.reached_at = min(seen.reached_at, at)
    if has_read:
        seen.read_at = min(seen.read_at or at, at)
    if entry.name == Fact.ORDER_PLACED:
        seen.ordered_at = min(seen.ordered_at or at, at)


def _keep_visits(visits: dict[tuple[int, int], Progress]) -> None:
    if not visits:
        return
    links = Link.objects.in_bulk({link_id for link_id, _ in visits})
    rows = [
        (
            link.pk,
            visitor_id,
            link.host_id,
            link.subject_id,
            link.subject_kind,
            seen.reached_at,
            seen.read_at,
            seen.ordered_at,
        )
        for (link_id, visitor_id), seen in visits.items()
        if (link := links.get(link_id)) is not None
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        # Each time is the earliest of its own step and of every further one, whatever order they come in.
        cursor.execute(
            """
            INSERT INTO insights_linkvisit AS known
                   (link_id, visitor_id, host_id, subject_id, subject_kind, reached_at, read_at, ordered_at)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                                 %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
                ON CONFLICT (link_id, visitor_id) DO UPDATE
               SET reached_at = least(known.reached_at, excluded.reached_at),
                   read_at = least(known.read_at, excluded.read_at),
                   ordered_at = least(known.ordered_at, excluded.ordered_at)
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


# --- customers and money ----------------------------------------------------------------------------------


def _keep_newcomers(began: dict[int, Began]) -> set[Day]:
    """Keep where each relation began: the earliest that is known. The days to count again."""
    if not began:
        return set()
    days = _days_of("insights_newcustomer", "relation_id", sorted(began))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO insights_newcustomer AS known (relation_id, host_id, at, source, learned_at)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::timestamptz[])
                ON CONFLICT (relation_id) DO UPDATE
               SET host_id = excluded.host_id, at = excluded.at, source = excluded.source,
                   learned_at = excluded.learned_at
             WHERE excluded.at < known.at
            """,
            [
                list(began),
                [one.host_id for one in began.values()],
                [one.at for one in began.values()],
                [one.source for one in began.values()],
                [one.learned_at for one in began.values()],
            ],
        )
    return days | _days_of("insights_newcustomer", "relation_id", sorted(began))


def _keep_money(order_ids: list[int], corrected: dict[int, datetime]) -> set[Day]:
    """Keep how the money of these orders moved. The days to count again, former ones included."""
    if not order_ids:
        return set()
    days = _days_of("insights_moneymove", "order_id", order_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP_MONEY,
            {
                "orders": order_ids,
                "corrected": list(corrected),
                "corrected_at": list(corrected.values()),
            },
        )
        cursor.execute(_MARK_REPEATS, {"orders": order_ids})
        days.update(cursor.fetchall())
    return days | _days_of("insights_moneymove", "order_id", order_ids)


_KEEP_MONEY = f"""
INSERT INTO insights_moneymove AS known
       (order_id, reversal_id, host_id, relation_id, link_id, subject_kind, subject_id, channel, at, kind,
        fen, commission_fen, is_repeat, imported_at)
SELECT moved.order_id, reversal_id, moved.host_id, relation_id, link_id,
       coalesce(l.subject_kind, ''), l.subject_id, coalesce(l.channel, ''), at, kind,
       fen, commission_fen, false, greatest(imported_at, c.corrected_at)
  FROM ({MOVES}) AS moved
  LEFT JOIN tracking_link l ON l.id = moved.link_id
  LEFT JOIN unnest(%(corrected)s::bigint[], %(corrected_at)s::timestamptz[]) AS c (order_id, corrected_at)
    ON c.order_id = moved.order_id AND moved.reversal_id = 0
 WHERE moved.order_id = ANY(%(orders)s)
    ON CONFLICT (order_id, reversal_id) DO UPDATE
   SET host_id = excluded.host_id, relation_id = excluded.relation_id, at = excluded.at, fen = excluded.fen,
       commission_fen = excluded.commission_fen,
       imported_at = greatest(known.imported_at, excluded.imported_at)
"""  # noqa: S608 - a constant of trade


def _known_at(order: str) -> str:
    """The SQL of when we knew of an order: of an import's, when it was written."""
    written_at = uuid7_moment_sql(f"{order}.public_id")
    return (
        f"CASE WHEN {order}.source <> '' THEN {written_at} "
        f"ELSE coalesce({order}.agreed_at, {order}.placed_at) END"
    )


#: Whether order `b` stood with the same host when `p` was placed.
_STOOD_BEFORE = """
      FROM trade_order b
     WHERE b.relation_id = p.relation_id AND coalesce(b.earned_by_id, b.host_id) = p.host_id
       AND b.holds_stock
       AND b.placed_at <= p.at AND (coalesce(b.agreed_at, b.placed_at), b.id) < (p.at, p.id)
       AND NOT EXISTS (SELECT FROM trade_orderreversal c
                        WHERE c.order_id = b.id AND c.kind = 'cancel' AND c.at <= p.at)
"""
#: An import that brings older orders changes whether she had ordered before, for what she ordered later: on
#: whose day none of them was known, it is marked. The days whose numbers or marks changed.
_MARK_REPEATS = f"""
WITH since AS (
    SELECT relation_id, min(at) AS at FROM insights_moneymove
     WHERE order_id = ANY(%(orders)s) AND kind = 'placed' GROUP BY relation_id
), placed AS (
    SELECT o.id, o.relation_id, coalesce(o.earned_by_id, o.host_id) AS host_id,
           coalesce(o.agreed_at, o.placed_at) AS at, {_known_at("o")} AS known_at
      FROM since JOIN trade_order o ON o.relation_id = since.relation_id AND o.placed_at >= since.at
     WHERE o.holds_stock
     UNION ALL
    SELECT o.id, o.relation_id, coalesce(o.earned_by_id, o.host_id), o.agreed_at,
           {_known_at("o")}
      FROM since JOIN trade_order o ON o.relation_id = since.relation_id AND o.agreed_at >= since.at
     WHERE o.placed_at < since.at
), compared AS (
    SELECT p.*, EXISTS (SELECT {_STOOD_BEFORE}) AS is_repeat,
           (date_trunc('day', greatest(p.at, p.known_at) AT TIME ZONE 'Asia/Shanghai') + interval '1 day')
           AT TIME ZONE 'Asia/Shanghai' AS day_ends
      FROM placed p
), told AS (
    SELECT p.id, p.is_repeat,
           CASE WHEN p.is_repeat
                 AND NOT EXISTS (SELECT {_STOOD_BEFORE} AND {_known_at("b")} < p.day_ends)
                THEN (SELECT min({_known_at("b")}) {_STOOD_BEFORE})
           END AS repeat_learned_at
      FROM compared p
)
UPDATE insights_moneymove m SET is_repeat = told.is_repeat, repeat_learned_at = told.repeat_learned_at
  FROM told
 WHERE m.order_id = told.id AND m.reversal_id = 0
   AND (m.is_repeat, m.repeat_learned_at) IS DISTINCT FROM (told.is_repeat, told.repeat_learned_at)
RETURNING m.host_id, (m.at AT TIME ZONE 'Asia/Shanghai')::date
"""  # noqa: S608 - expressions of our own


def _days_of(table: str, key: str, ids: list[int]) -> set[Day]:
    """The hosts' Shanghai days of these rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT host_id, (at AT TIME ZONE 'Asia/Shanghai')::date "  # noqa: S608 - names of our own
            f"FROM {table} WHERE {key} = ANY(%s)",
            [ids],
        )
        return set(cursor.fetchall())


# --- days -------------------------------------------------------------------------------------------------


def _kept_by_day() -> dict[Source, dict[str, str]]:
    """What a host's day keeps: for each source the columns, and the SQL of what is counted."""
    found: dict[Source, dict[str, str]] = {}
    for metric in metrics.ALL:
        for rollup in metric.rollups:
            if rollup.source == DAYS:
                found.setdefault(metric.source, {})[rollup.column] = metric.measure
    found[MONEY]["imported_at"] = "max(greatest(t.imported_at, t.repeat_learned_at))"
    found[NEWCOMERS]["learned_at"] = "max(t.learned_at)"
    return found


def _counting() -> str:
    """The statement that counts hosts' days anew, each source by its index on host and time."""
    columns: list[str] = []
    counted = []
    for source, measures in _kept_by_day().items():
        hers = f"t.host_id = touched.host_id AND {source.at} >= touched.starts AND {source.at} < touched.ends"
        rows = select(source, [Condition(source.where), Condition(hers)], ())
        told = ", ".join(f"{measure} AS {column}" for column, measure in measures.items())
        counted.append(f"CROSS JOIN LATERAL (SELECT {told} FROM ({rows.sql}) AS t) AS {source.name}")  # noqa: S608
        columns += measures
    return f"""
INSERT INTO insights_hostday (host_id, day, {", ".join(columns)})
SELECT touched.host_id, touched.day, {", ".join(columns)}
  FROM unnest(%(hosts)s::bigint[], %(days)s::date[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
       AS touched (host_id, day, starts, ends)
 {" ".join(counted)}
    ON CONFLICT (host_id, day) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in columns)}
"""  # noqa: S608 - the numbers' own SQL


_COUNT_DAYS = _counting()


def _count_days(days: list[Day]) -> None:
    if days:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_DAYS, _columns(days))


def _count_acts(days: list[Day]) -> None:
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO insights_actday
                   (host_id, day, subject_kind, subject_id, opened, copied, saved, shared)
            SELECT t.host_id, t.day, e.subject_kind, e.subject_id,
                   count(*) FILTER (WHERE e.name = %(opened)s),
                   count(*) FILTER (WHERE e.name = %(copied)s),
                   count(*) FILTER (WHERE e.name = %(saved)s),
                   count(*) FILTER (WHERE e.name = ANY(%(shared)s))
              FROM unnest(%(hosts)s::bigint[], %(days)s::date[], %(starts)s::timestamptz[],
                          %(ends)s::timestamptz[]) AS t (host_id, day, starts, ends)
              JOIN tracking_event e
                ON e.host_id = t.host_id AND e.occurred_at >= t.starts AND e.occurred_at < t.ends
             WHERE e.name = ANY(%(acts)s) AND e.subject_id IS NOT NULL
             GROUP BY 1, 2, 3, 4
                ON CONFLICT (host_id, day, subject_kind, subject_id) DO UPDATE
               SET opened = excluded.opened, copied = excluded.copied,
                   saved = excluded.saved, shared = excluded.shared
            """,
            {
                **_columns(days),
                "acts": list(HANDLED),
                "shared": list(SHARED),
                "opened": Fact.MATERIAL_OPENED,
                "copied": Fact.MATERIAL_COPIED,
                "saved": Fact.MATERIAL_SAVED,
            },
        )


def _columns(days: list[Day]) -> dict[str, list[object]]:
    return {
        "hosts": [host_id for host_id, _ in days],
        "days": [day for _, day in days],
        "starts": [clock.day_range(day)[0] for _, day in days],
        "ends": [clock.day_range(day)[1] for _, day in days],
    }
