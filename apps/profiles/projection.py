"""From the ledger to the facts about each relation (docs/ledger.md).

An event says which relations to look at again. Their numbers are then counted anew from what they are about
(the orders, the visits in the ledger), so that a batch applied twice, or cut elsewhere, gives the same rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from apps.lib import clock
from apps.profiles import browsers, relation_days
from apps.profiles.models import VisitorRelation
from apps.tracking.facts import BY_CUSTOMER, DEALINGS, ORDERED, VIEWED, VISITED, Fact
from apps.tracking.models import Event
from apps.tracking.reader import LedgerEntry, Projection, Table
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

    #: The latest of each relation: what names her (0), and what her browser did with a host, by host.
    acts: dict[tuple[int, int], Act] = field(default_factory=dict)
    orders: set[int] = field(default_factory=set)
    visits: set[int] = field(default_factory=set)
    days: set[relation_days.RelationDay] = field(default_factory=set)


def fold(entries: list[LedgerEntry]) -> None:
    turned = browsers.keep(entries)
    touched = _touched_by(entries, turned)
    _lock(touched.orders | touched.visits | {pk for pk, _ in touched.acts} | turned.relations)
    _keep_acts(touched.acts)
    _count_orders(sorted(touched.orders))
    _count_visits(sorted(touched.visits - turned.relations))
    relation_days.count(touched.days)
    _begin_anew(turned.relations)


def forget(rows: Iterable[VisitorRelation]) -> None:
    """Cut the way from these browsers, in the transaction of the event that keeps it cut."""
    gone = list(rows)
    relations = {row.relation_id for row in gone}
    _lock(relations)
    for row in gone:
        row.delete()
    _begin_anew(relations)


def _begin_anew(relation_ids: set[int]) -> None:
    """Count anew all that visits are part of, for who got a browser or lost one."""
    wanted = sorted(relation_ids)
    _count_visits(wanted)
    _find_last_acts(wanted)
    relation_days.recount(wanted)


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE profiles_facts, profiles_visitorrelation, profiles_relationday")
        cursor.execute("SELECT profiles_seed()")


def seed(hosts: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT profiles_seed(%s::bigint[])", [hosts])


_THEIR_RELATIONS = "(SELECT r.id FROM customers_relation r WHERE r.host_id = ANY(%(hosts)s))"
PROJECTION = Projection(
    "profiles",
    8,
    fold,
    clear,
    tables=(
        Table("profiles_facts", ("relation_id",)),
        Table("profiles_visitorrelation", ("host_id", "visitor_id", "since")),
        Table("profiles_relationday", ("relation_id", "day", "fact"), f"t.relation_id IN {_THEIR_RELATIONS}"),
    ),
    events_of_hosts=f"""
        e.relation_id IN {_THEIR_RELATIONS} OR (e.host_id = ANY(%(hosts)s) AND e.visitor_id IS NOT NULL)
    """,
    seed=seed,
)


def _touched_by(entries: list[LedgerEntry], turned: browsers.Turned) -> Touched:
    touched = Touched()
    for entry in entries:
        relation_id = entry.relation_id or turned.whose(entry)
        # A visit is its browser's alone: as hers by name it would outlive her browser.
        if relation_id is None or (entry.relation_id and entry.name in VISITED):
            continue
        if entry.name in DEALINGS:
            touched.days.add((relation_id, clock.day_of(entry.occurred_at)))
        if entry.name in ORDERED:
            touched.orders.add(relation_id)
        if entry.name in VIEWED:
            touched.visits.add(relation_id)
        if entry.name in BY_CUSTOMER:
            key = (relation_id, 0 if entry.relation_id else entry.host_id or 0)
            before = touched.acts.pop(key, None)
            if before is not None and entry.occurred_at < before.at:
                touched.acts[key] = before
            else:  # the later of two stands behind
                touched.acts[key] = Act(
                    entry.occurred_at, entry.name, entry.subject_kind, entry.subject_id or 0
                )
    return touched


def _lock(relation_ids: set[int]) -> None:
    """Take the rows in one order, so that we never wait for somebody who waits for us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM profiles_facts WHERE relation_id = ANY(%s) ORDER BY relation_id FOR UPDATE",
            [sorted(relation_ids)],
        )


def _keep_acts(acts: dict[tuple[int, int], Act]) -> None:
    """What her browser did with another host is no act of hers here: her timeline has no line of it."""
    if not acts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE profiles_facts f
               SET last_event_at = act.at, last_event = act.name,
                   last_subject_kind = act.subject_kind, last_subject_id = act.subject_id
              FROM (SELECT DISTINCT ON (told.relation_id) told.*
                      FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[],
                                  %s::bigint[])
                           WITH ORDINALITY AS told (relation_id, host_id, at, name, subject_kind, subject_id,
                                                    place)
                      JOIN profiles_facts own ON own.relation_id = told.relation_id
                                             AND told.host_id IN (0, own.host_id)
                     ORDER BY told.relation_id, told.at DESC, told.place DESC) AS act
             WHERE f.relation_id = act.relation_id AND act.at >= f.last_event_at
            """,
            [
                [relation_id for relation_id, _ in acts],
                [host_id for _, host_id in acts],
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


#: What a customer does and an event names her by; a visit names a browser.
_NAMING_HER = [str(fact) for fact in BY_CUSTOMER if fact not in VISITED]


def _find_last_acts(relation_ids: list[int]) -> None:
    """The latest act of each from the whole ledger; joining, where there is none later."""
    if not relation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE profiles_facts f
               SET last_event_at = found.at, last_event = found.name,
                   last_subject_kind = found.subject_kind, last_subject_id = found.subject_id
              FROM (SELECT DISTINCT ON (relation_id) relation_id, at, name, subject_kind, subject_id
                      FROM (SELECT r.id AS relation_id, r.joined_at AS at, %(joined)s AS name,
                                   '' AS subject_kind, 0::bigint AS subject_id,
                                   '0'::xid8 AS tx, NULL::uuid AS id
                              FROM customers_relation r WHERE r.id = ANY(%(relations)s)
                             UNION ALL
                            SELECT e.relation_id, e.occurred_at, e.name, e.subject_kind,
                                   coalesce(e.subject_id, 0), e.tx, e.id
                              FROM tracking_event e
                             WHERE e.relation_id = ANY(%(relations)s) AND e.name = ANY(%(naming)s)
                             UNION ALL
                            SELECT b.relation_id, e.occurred_at, e.name, e.subject_kind,
                                   coalesce(e.subject_id, 0), e.tx, e.id
                              FROM {browsers.WITH_HER_HOST}
                              JOIN tracking_event e ON {browsers.HERS}
                             WHERE b.relation_id = ANY(%(relations)s) AND e.relation_id IS NULL
                               AND e.name = ANY(%(visits)s)) AS act
                     ORDER BY relation_id, at DESC, tx DESC, id DESC NULLS LAST) AS found
             WHERE f.relation_id = found.relation_id
            """,  # noqa: S608 - a constant of ours
            {
                "relations": relation_ids,
                "naming": _NAMING_HER,
                "visits": list(VISITED),
                "joined": Fact.CUSTOMER_JOINED,
            },
        )


def _count_visits(relation_ids: list[int]) -> None:
    if not relation_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE profiles_facts f
               SET visits = c.visits
              FROM (SELECT asked.relation_id,
                           count(DISTINCT (e.link_id, e.visitor_id,
                                           (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date))
                           FILTER (WHERE e.id IS NOT NULL) AS visits
                      FROM unnest(%s::bigint[]) AS asked (relation_id)
                      LEFT JOIN ({browsers.WITH_HER_HOST}) ON r.id = asked.relation_id
                      LEFT JOIN tracking_event e ON {browsers.HERS} AND e.relation_id IS NULL
                                                AND e.name = ANY(%s)
                     GROUP BY asked.relation_id) AS c
             WHERE f.relation_id = c.relation_id AND f.visits <> c.visits
            """,  # noqa: S608 - a constant of ours
            [relation_ids, list(VIEWED)],
        )


def visits_among(events: Iterable[Event]) -> int:
    """How many visits these are, as `Facts.visits` counts its own: by link, browser and day."""
    pages = (one for one in events if one.name in VIEWED)
    return len({(one.link_id, one.visitor_id, clock.day_of(one.occurred_at)) for one in pages})


#: The order facts of some relations, counted from the orders that count (a doubtful one does from its
#: host's yes). Money moves on that day and on the day of each reversal; a year is Shanghai's.
COUNTED_ORDERS = f"""
SELECT valid.*, money.gmv_fen, money.gmv_year, money.gmv_year_fen
  FROM (SELECT relation_id,
               count(*) FILTER (WHERE status <> 'cancelled')::int AS orders_count,
               coalesce(min(placed_at) FILTER (WHERE status <> 'cancelled'), 'epoch') AS first_order_at,
               coalesce(max(placed_at) FILTER (WHERE status <> 'cancelled'), 'epoch') AS last_order_at
          FROM trade_order
         WHERE relation_id = ANY(%(relations)s) AND holds_stock
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
