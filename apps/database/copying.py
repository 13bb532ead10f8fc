"""Many rows at once: ids taken in one call, rows written by COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction


def take_ids(table: str, count: int) -> list[int]:
    """`count` primary keys of `table` that nobody else gets: rows may name each other before they exist."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
        )
        return [int(row[0]) for row in cursor.fetchall()]


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows into `table` by COPY; how many. Names come from code, never from a user."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active(%s)", [table])
        if not cursor.fetchone()[0]:
            return _copy(table, names, rows)
    # PostgreSQL takes no COPY into a table whose rows show by role: they land beside it first.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE landing ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608
        )
        count = _copy("landing", names, rows)
        if count:
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM landing")  # noqa: S608
        cursor.execute("DROP TABLE landing")
    return count


def _copy(table: str, names: str, rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    statement = f"COPY {table} ({names}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
