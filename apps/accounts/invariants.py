"""What must be true of hosts at any time: their steps lead, one after the other, to how they stand."""

from django.db import connection

#: Each column of a host, and what its steps say of it. A step that leaves it alone says nothing.
_OF_HOSTS = {
    "状态": ("status", "from_status", "to_status", "''"),
    "等级": ("level", "from_level", "to_level", "NULL"),
    "组织": ("organisation_id", "from_organisation_id", "to_organisation_id", "NULL"),
}
_WRONG = """
SELECT h.id
  FROM accounts_host h
  LEFT JOIN (SELECT host_id, {after}, {before} IS NOT DISTINCT FROM
                    lag({after}, 1, {nothing}) OVER (PARTITION BY host_id ORDER BY id) AS follows,
                    row_number() OVER (PARTITION BY host_id ORDER BY id DESC) AS from_last
               FROM accounts_hosttransition WHERE {after} IS NOT NULL) s ON s.host_id = h.id
 GROUP BY h.id
HAVING max(s.{after}) FILTER (WHERE s.from_last = 1) IS DISTINCT FROM h.{column}
    OR NOT bool_and(s.follows)
"""


def check_hosts() -> list[str]:
    """A host's status, level and organisation are where her recorded steps led; none of these is missing."""
    found = []
    with connection.cursor() as cursor:
        for what, (column, before, after, nothing) in _OF_HOSTS.items():
            wrong = _WRONG.format(column=column, before=before, after=after, nothing=nothing)
            cursor.execute(
                f"SELECT id, count(*) OVER () FROM ({wrong}) AS wrong ORDER BY id LIMIT 5"  # noqa: S608
            )
            if rows := cursor.fetchall():
                ids = ", ".join(str(pk) for pk, _ in rows)
                found.append(f"大C的{what}和记下的变动对不上（共 {rows[0][1]} 位：{ids} 等）")
    return found
