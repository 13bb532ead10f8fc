"""At which node of the tree a host was on a day: the one at which she was when the day ended.

Today's may still change; a past day's never does.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connections

from apps.lib import clock
from apps.lib.clock import SHANGHAI

#: Each place a host has left again: after `since` (null: from her beginning) up to `until`.
_LEFT = """
(SELECT host_id, from_organisation_id AS organisation_id,
        lag(at) OVER (PARTITION BY host_id ORDER BY at, id) AS since, at AS until
   FROM accounts_hosttransition WHERE from_organisation_id IS NOT NULL)
"""
#: Where she was, of rows joined by `join`.
PLACE = "coalesce(stay.organisation_id, home.organisation_id)"


def join(host: str, end: str) -> str:
    """Her place at the moment `end`, for rows of a host; both are SQL. Few have ever moved."""
    return (
        f" LEFT JOIN accounts_host home ON home.id = {host}"
        f" LEFT JOIN {_LEFT} stay ON stay.host_id = {host} AND stay.until >= {end}"
        f" AND (stay.since IS NULL OR stay.since < {end})"
    )


def end_of(day: str) -> str:
    """The moment at which a Shanghai day ends, in SQL."""
    return f"(({day} + 1)::timestamp AT TIME ZONE '{SHANGHAI.key}')"


def names_on(asked: Sequence[tuple[int, datetime]], *, using: str = "default") -> list[str]:
    """The names of the organisations where these hosts (ids) were on the days of these moments, in order.

    One query; "" for a host who is not.
    """
    if not asked:
        return []
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(o.name, '')
              FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS asked (host_id, ends, number)
                   {join("asked.host_id", "asked.ends")}
              LEFT JOIN accounts_organisation o ON o.id = {PLACE}
             ORDER BY asked.number
            """,  # noqa: S608 - constants of this module
            [
                [host_id for host_id, _ in asked],
                [clock.day_range(clock.day_of(at))[1] for _, at in asked],
            ],
        )
        return [name for (name,) in cursor.fetchall()]
