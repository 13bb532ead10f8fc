"""At which node of the tree a host was on a day: the one at which she was when the day ended.

Today's may still change; a past day's never does.
"""

from apps.lib.clock import SHANGHAI

#: Each place a host has left again: after `since` (null: from her beginning) up to `until`.
_LEFT = """
(SELECT host_id, from_organisation_id AS organisation_id,
        lag(at) OVER (PARTITION BY host_id ORDER BY at, id) AS since, at AS until
   FROM accounts_hosttransition WHERE to_organisation_id IS NOT NULL)
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
