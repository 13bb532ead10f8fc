"""What only the owner of the tables can do: put aside the triggers that guard what is only added to."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from apps.database import db_role


@contextmanager
def unguarded(*tables: str) -> Iterator[None]:
    with transaction.atomic():
        _triggers("DISABLE", tables)
        yield
        _triggers("ENABLE", tables)


def _triggers(verb: str, tables: tuple[str, ...]) -> None:
    with db_role.as_owner(), connection.cursor() as cursor:
        # Checks that wait for the transaction's end would stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")
