"""Many rows at once: ids taken in one call, rows written by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection


def take_ids(table: str, count: int) -> list[int]:
    """`count` primary keys of `table` that nobody else gets: rows may name each other before they exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows into `table` by COPY; how many. Names come from code, never from a user."""
    count = 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
