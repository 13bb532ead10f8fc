"""What happened on which day between a customer and her host: one row for each day and kind of event.

Timelines and audiences read it instead of the ledger. It is part of the projection `profiles`: the ledger
says which days to look at again, and each is then counted anew.
"""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from apps.lib import clock
from apps.profiles import browsers
from apps.tracking.facts import DEALINGS, VISITED

RelationDay = tuple[int, date]

#: What an event names her by; a visit names a browser.
_NAMING_HER = [str(fact) for fact in DEALINGS if fact not in VISITED]

#: The events of some relations' days: those that name the relation, and the visits of her browsers to her
#: present host's pages (`tracking` does not know whose a browser is).
_EVENTS = f"""
SELECT t.relation_id, t.day, e.name
  FROM touched t
  JOIN tracking_event e ON e.relation_id = t.relation_id
                       AND e.occurred_at >= t.starts AND e.occurred_at < t.ends
 WHERE e.name = ANY(%(dealings)s)
UNION ALL
SELECT t.relation_id, t.day, e.name
  FROM touched t
  JOIN ({browsers.WITH_HER_HOST}) ON r.id = t.relation_id
  JOIN tracking_event e ON {browsers.HERS} AND e.relation_id IS NULL
                       AND e.occurred_at >= t.starts AND e.occurred_at < t.ends
 WHERE e.name = ANY(%(visits)s)
"""  # noqa: S608 - a constant of ours

_COUNT = f"""
WITH touched AS (
    SELECT * FROM unnest(%(relations)s::bigint[], %(days)s::date[],
                         %(starts)s::timestamptz[], %(ends)s::timestamptz[])
           AS touched (relation_id, day, starts, ends)
)
INSERT INTO profiles_relationday (relation_id, day, fact, n)
SELECT relation_id, day, name, count(*) FROM ({_EVENTS}) AS happened GROUP BY 1, 2, 3
    ON CONFLICT (relation_id, day, fact) DO UPDATE SET n = excluded.n
 WHERE profiles_relationday.n <> excluded.n
"""  # noqa: S608 - constants of this module


def count(touched: Iterable[RelationDay]) -> None:
    """Count these days anew. While nobody loses a browser (`recount`), no row ever has to go."""
    days = sorted(touched)
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _COUNT,
            {
                "relations": [relation_id for relation_id, _ in days],
                "days": [day for _, day in days],
                "starts": [clock.day_range(day)[0] for _, day in days],
                "ends": [clock.day_range(day)[1] for _, day in days],
                "dealings": _NAMING_HER,
                "visits": list(VISITED),
            },
        )


def recount(relation_ids: Iterable[int]) -> None:
    """Begin these relations anew, after they got a browser or lost one."""
    wanted = sorted(relation_ids)
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM profiles_relationday WHERE relation_id = ANY(%s)", [wanted])
        cursor.execute(
            f"""
            SELECT DISTINCT e.relation_id, (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date
              FROM tracking_event e WHERE e.relation_id = ANY(%(relations)s) AND e.name = ANY(%(dealings)s)
            UNION
            SELECT b.relation_id, (e.occurred_at AT TIME ZONE 'Asia/Shanghai')::date
              FROM {browsers.WITH_HER_HOST}
              JOIN tracking_event e ON {browsers.HERS}
             WHERE b.relation_id = ANY(%(relations)s) AND e.relation_id IS NULL AND e.name = ANY(%(visits)s)
            """,  # noqa: S608 - a constant of ours
            {"relations": wanted, "dealings": _NAMING_HER, "visits": list(VISITED)},
        )
        days = cursor.fetchall()
    count(days)
