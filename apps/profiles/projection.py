"""From the ledger to the facts about each relation (docs/ledger.md).

An event says which relations to look at again. Their numbers are then counted anew from what they are about
(the orders, the visits in the ledger), so that a batch applied twice, or cut elsewhere, gives the same rows.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from apps.lib import clock
from apps.profiles import relation_days
from apps.profiles.models import VisitorRelation
from apps.tracking.facts import BY_CUSTOMER, DEALINGS, ORDERED, VIEWED, Fact
from apps.tracking.reader import LedgerEntry, Projection
from apps.trade.money import MOVES


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime
    name: str
    subject_kind: str
    subject_id: int


@dataclass(slots=True)
class Touched:
    """What a batch of events makes us look at again."""

    browsers: dict[tuple[int, int], int] = field(default_factory=dict)
    acts: dict[int, Act] = field(default_factory=dict)
    orders: set[int] = field(default_factory=set)
    visits: set[int] = field(default_factory=set)
    days: set[relation_days.RelationDay] = field(default_factory=set)


def fold(entries: list[LedgerEntry]) -> None:
    touched = _touched_by(entries)
    _lock(touched)
    _keep_browsers(touched.browsers)
    _keep_acts(touched.acts)
    _count_orders(sorted(touched.orders))
    _count_visits(sorted(touched.visits))
    relation_days.count(touched.days | relation_days.of_browsers(touched.browsers))


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE profiles_facts, profiles_visitorrelation, profiles_relationday")
        cursor.execute("SELECT profiles_seed()")


PROJECTION = Projection("profiles", 2, fold, clear)


def _touched_by(entries: list[LedgerEntry]) -> Touched:
    touched = Touched()
    known = _browsers_of(entries)
    for entry in entries:
        browser = (entry.host_id, entry.visitor_id) if entry.host_id and entry.visitor_id else None
        if entry.name == Fact.ORDER_PLACED and browser and entry.relation_id and browser not in known:
            known[browser] = touched.browsers[browser] = entry.relation_id
            touched.visits.add(entry.relation_id)
        relation_id = entry.relation_id or (known.get(browser) if browser else None)
        if relation_id is None:
            continue
        if entry.name in DEALINGS:
            touched.days.add((relation_id, clock.day_of(entry.occurred_at)))
        if entry.name in ORDERED:
            touched.orders.add(relation_id)
        if entry.name in VIEWED:
            touched.visits.add(relation_id)
        if entry.name in BY_CUSTOMER:
            before = touched.acts.get(relation_id)
            if before is None or entry.occurred_at >= before.at:
                touched.acts[relation_id] = Act(
                    entry.occurred_at, entry.name, entry.subject_kind, entry.subject_id or 0
                )
    return touched


def _browsers_of(entries: list[LedgerEntry]) -> dict[tuple[int, int], int]:
    """Whose browsers the visitors of these events are already, by host and visitor."""
    visitors = {entry.visitor_id for entry in entries if entry.visitor_id}
    rows = VisitorRelation.objects.filter(visitor_id__in=visitors) if visitors else []
    return {(row.host_id, row.visitor_id): row.relation_id for row in rows}


def _lock(touched: Touched) -> None:
    """Take the rows in one order, so that we never wait for somebody who waits for us."""
    ids = sorted(touched.orders | touched.visits | touched.acts.keys())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM profiles_facts WHERE relation_id = ANY(%s) ORDER BY relation_id FOR UPDATE", [ids]
        )


def _keep_browsers(browsers: dict[tuple[int, int], int]) -> None:
    if not browsers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO profiles_visitorrelation (host_id, visitor_id, relation_id)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[])
                ON CONFLICT (host_id, visitor_id) DO NOTHING
            """,
            [
                [host for host, _ in browsers],
                [visitor for _, visitor in browsers],
                list(browsers.values()),
            ],
        )


def _keep_acts(acts: dict[int, Act]) -> None:
    if not acts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE profiles_facts f
               SET last_event_at = act.at, last_event = act.name,
                   last_subject_kind = act.subject_kind, last_subject_id = act.subject_id
              FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::bigint[])
                   AS act (relation_id, at, name, subject_kind, subject_id)
             WHERE f.relation_id = act.relation_id AND act.at >= f.last_event_at
            """,
            [
                list(acts),
                [act.at for act in acts.values()],
                [act.name for act in acts.values()],
                [act.subject_kind for act in acts.values()],
                [act.subject_id for act in acts.values()],
            ],
        )


def _count_orders(relation_ids: list[int]) -> None:
    if not relation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE profiles_facts f
               SET orders_count = c.orders_count, first_order_at = c.first_order_at,
                   last_order_at = c.last_order_at, gmv_fen = c.gmv_fen,
                   gmv_year = c.gmv_year, gmv_year_fen = c.gmv_year_fen
              FROM ({COUNTED_ORDERS}) AS c
             WHERE f.relation_id = c.relation_id
               AND (f.orders_count, f.first_order_at, f.last_order_at, f.gmv_fen, f.gmv_year, f.gmv_year_fen)
                   IS DISTINCT FROM
                   (c.orders_count, c.first_order_at, c.last_order_at, c.gmv_fen, c.gmv_year, c.gmv_year_fen)
            """,  # noqa: S608 - a constant of this module
            {"relations": relation_ids},
        )


def _count_visits(relation_ids: list[int]) -> None:
    if not relation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE profiles_facts f
               SET visits = c.visits
              FROM (SELECT b.relation_id,
                           count(DISTINCT (e.link_id, e.visitor_id,
                                           (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date)) AS visits
                      FROM profiles_visitorrelation b
                      JOIN tracking_event e ON e.visitor_id = b.visitor_id AND e.host_id = b.host_id
                     WHERE b.relation_id = ANY(%s) AND e.name = ANY(%s)
                     GROUP BY b.relation_id) AS c
             WHERE f.relation_id = c.relation_id AND f.visits <> c.visits
            """,
            [relation_ids, list(VIEWED)],
        )


#: The order facts of some relations, counted from the orders. Money moves on the day of placing and on the
#: day of each reversal; a year is Shanghai's.
COUNTED_ORDERS = f"""
SELECT valid.*, money.gmv_fen, money.gmv_year, money.gmv_year_fen
  FROM (SELECT relation_id,
               count(*) FILTER (WHERE status <> 'cancelled')::int AS orders_count,
               coalesce(min(placed_at) FILTER (WHERE status <> 'cancelled'), 'epoch') AS first_order_at,
               coalesce(max(placed_at) FILTER (WHERE status <> 'cancelled'), 'epoch') AS last_order_at
          FROM trade_order
         WHERE relation_id = ANY(%(relations)s)
         GROUP BY relation_id) AS valid
  JOIN (SELECT relation_id, sum(fen)::bigint AS gmv_fen, max(year)::smallint AS gmv_year,
               (array_agg(fen ORDER BY year DESC))[1]::bigint AS gmv_year_fen
          FROM (SELECT relation_id, sum(fen) AS fen,
                       extract(year FROM at AT TIME ZONE 'Asia/Shanghai') AS year
                  FROM ({MOVES}) AS moved
                 WHERE relation_id = ANY(%(relations)s)
                 GROUP BY relation_id, year) AS yearly
         GROUP BY relation_id) AS money USING (relation_id)
"""  # noqa: S608 - a constant of trade
