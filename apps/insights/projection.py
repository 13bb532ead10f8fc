"""From the ledger to the numbers (docs/ledger.md).

An event says which host's which day to look at again; the day is then counted anew from the ledger, the
relations and the orders. So a batch applied twice, or cut elsewhere, gives the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from apps.lib import clock
from apps.tracking.facts import HANDLED, ORDERED, READ, SHARED, VIEWED, Fact
from apps.tracking.models import Link
from apps.tracking.reader import LedgerEntry, Projection

Day = tuple[int, date]


@dataclass(slots=True)
class Progress:
    """The first time a visitor of a link came so far, or further."""

    reached_at: datetime
    read_at: datetime | None = None
    ordered_at: datetime | None = None


@dataclass(slots=True)
class Touched:
    """What a batch of events makes us look at again."""

    days: set[Day] = field(default_factory=set)
    act_days: set[Day] = field(default_factory=set)
    relations: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    visits: dict[tuple[int, int], Progress] = field(default_factory=dict)


def apply(entries: list[LedgerEntry]) -> None:
    touched = _touched_by(entries)
    _keep_visits(touched.visits)
    days = touched.days | _days_joined(touched.relations) | _days_of_orders(touched.orders)
    _count_days(sorted(days))
    _count_acts(sorted(touched.act_days))


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE insights_hostday, insights_linkvisit, insights_actday")


PROJECTION = Projection("insights", 1, apply, clear)


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
            touched.relations.add(entry.relation_id)
        if entry.name in ORDERED and entry.subject_id:
            touched.orders.add(entry.subject_id)
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


def _days_joined(relation_ids: Iterable[int]) -> set[Day]:
    return _days(
        """
        SELECT DISTINCT coalesce(began_with_id, host_id), (joined_at AT TIME ZONE 'Asia/Shanghai')::date
          FROM customers_relation WHERE id = ANY(%(ids)s)
        """,
        relation_ids,
    )


def _days_of_orders(order_ids: Iterable[int]) -> set[Day]:
    """The days on which these orders were placed, and those on which money was taken back."""
    return _days(
        """
        SELECT coalesce(earned_by_id, host_id), (placed_at AT TIME ZONE 'Asia/Shanghai')::date
          FROM trade_order WHERE id = ANY(%(ids)s)
        UNION
        SELECT coalesce(o.earned_by_id, o.host_id), (r.at AT TIME ZONE 'Asia/Shanghai')::date
          FROM trade_orderreversal r JOIN trade_order o ON o.id = r.order_id WHERE o.id = ANY(%(ids)s)
        """,
        order_ids,
    )


def _days(query: str, ids: Iterable[int]) -> set[Day]:
    wanted = sorted(ids)
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(query, {"ids": wanted})
        return set(cursor.fetchall())


#: The numbers of some hosts' days, counted from the ledger, the relations and the orders. Customers and
#: orders that were handed over count for whom they began with: a day's number never changes afterwards.
#: (Two branches instead of one `coalesce`, so that each goes by its index.)
COUNTED_DAYS = """
WITH touched AS (
    SELECT * FROM unnest(%(hosts)s::bigint[], %(days)s::date[],
                         %(starts)s::timestamptz[], %(ends)s::timestamptz[])
           AS touched (host_id, day, starts, ends)
), reversals AS (
    SELECT coalesce(o.earned_by_id, o.host_id) AS host_id,
           (r.at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           sum(r.amount_fen)::bigint AS fen, sum(r.commission_fen)::bigint AS commission_fen
      FROM trade_orderreversal r
      JOIN trade_order o ON o.id = r.order_id
     WHERE r.at >= (SELECT min(starts) FROM touched) AND r.at < (SELECT max(ends) FROM touched)
     GROUP BY 1, 2
)
SELECT t.host_id, t.day, acts.visits, acts.visitors, joined.new_customers, placed.orders, acts.shares,
       placed.fen AS placed_fen, coalesce(reversals.fen, 0) AS reversed_fen,
       placed.commission_fen - coalesce(reversals.commission_fen, 0) AS commission_fen
  FROM touched t
 CROSS JOIN LATERAL (
       SELECT (count(DISTINCT (e.link_id, e.visitor_id))
                   FILTER (WHERE e.name = ANY(%(viewed)s)))::int AS visits,
              (count(DISTINCT e.visitor_id) FILTER (WHERE e.name = ANY(%(viewed)s)))::int AS visitors,
              (count(*) FILTER (WHERE e.name = ANY(%(shared)s)))::int AS shares
         FROM tracking_event e
        WHERE e.host_id = t.host_id AND e.occurred_at >= t.starts AND e.occurred_at < t.ends) AS acts
 CROSS JOIN LATERAL (
       SELECT count(*)::int AS new_customers
         FROM (SELECT FROM customers_relation r
                WHERE r.host_id = t.host_id AND r.began_with_id IS NULL
                  AND r.joined_at >= t.starts AND r.joined_at < t.ends
               UNION ALL
               SELECT FROM customers_relation r
                WHERE r.began_with_id = t.host_id
                  AND r.joined_at >= t.starts AND r.joined_at < t.ends) AS r) AS joined
 CROSS JOIN LATERAL (
       SELECT count(*)::int AS orders, coalesce(sum(o.total_fen), 0)::bigint AS fen,
              coalesce(sum(o.commission_fen), 0)::bigint AS commission_fen
         FROM (SELECT total_fen, commission_fen FROM trade_order o
                WHERE o.host_id = t.host_id AND o.earned_by_id IS NULL
                  AND o.placed_at >= t.starts AND o.placed_at < t.ends
               UNION ALL
               SELECT total_fen, commission_fen FROM trade_order o
                WHERE o.earned_by_id = t.host_id
                  AND o.placed_at >= t.starts AND o.placed_at < t.ends) AS o) AS placed
  LEFT JOIN reversals ON reversals.host_id = t.host_id AND reversals.day = t.day
"""


def _count_days(days: list[Day]) -> None:
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO insights_hostday (host_id, day, visits, visitors, new_customers, orders, shares,
                                          placed_fen, reversed_fen, commission_fen)
            {COUNTED_DAYS}
                ON CONFLICT (host_id, day) DO UPDATE
               SET visits = excluded.visits, visitors = excluded.visitors,
                   new_customers = excluded.new_customers, orders = excluded.orders,
                   shares = excluded.shares, placed_fen = excluded.placed_fen,
                   reversed_fen = excluded.reversed_fen, commission_fen = excluded.commission_fen
            """,  # noqa: S608 - a constant of this module
            {**_columns(days), "viewed": list(VIEWED), "shared": list(SHARED)},
        )


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
