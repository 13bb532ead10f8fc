"""Where a file's rows wait until the whole file is checked: two tables of one run in schema `staging`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from apps.database.copying import copy_rows

SCHEMA = "staging"


class Staging:
    """The rows of one run, and the rows it sends back.

    `rows` is unlogged: a crash of the database empties it, and the file is read again. `rejects` names a line
    of the file, or a key under which several lines stand (an order number). Its `chunk` is null for a line
    that could not be staged, 0 for what the check of the whole staged file found, and else the number of the
    chunk in whose transaction the reason was found and written; for that it is a logged table.
    """

    def __init__(self, run_id: int, columns: dict[str, str]) -> None:
        self.columns = columns
        self._prefix = f"{SCHEMA}.run_{run_id}_"
        self.rows = self.table("rows")
        self.rejects = self.table("rejects")

    def make(self) -> None:
        """Empty tables; reasons found while applying are kept from an earlier attempt."""
        definitions = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.rows}")
            cursor.execute(f"CREATE UNLOGGED TABLE {self.rows} ({definitions})")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {self.rejects}"
                " (line int, key text, reason text NOT NULL, chunk int)"
            )
            cursor.execute(f"DELETE FROM {self.rejects} WHERE chunk IS NULL OR chunk = 0")

    def table(self, name: str) -> str:
        """A table of this run's own, beside the rows; it goes when they go."""
        return f"{self._prefix}{name}"

    def drop(self) -> None:
        schema, _, prefix = self._prefix.partition(".")
        found = self.ask(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s AND starts_with(tablename, %s)",
            [schema, prefix],
        )
        if found:
            self.do(f"DROP TABLE {', '.join(f'{schema}.{name}' for (name,) in found)}")

    def holds(self, count: int) -> bool:
        """Whether the staged rows are still there, all of them."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s), to_regclass(%s)", [self.rows, self.rejects])
            if None in cursor.fetchone():
                return False
        return self.count() == count

    def count(self) -> int:
        return int(self.ask(f"SELECT count(*) FROM {self.rows}")[0][0])

    @contextmanager
    def copying(self, columns: Sequence[str]) -> Iterator[Callable[[bytes], None]]:
        """A function that stages whole lines of CSV as they are, while the caller reads on."""
        statement = f"COPY {self.rows} ({', '.join(columns)}) FROM STDIN (FORMAT csv)"
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(statement) as copy,
        ):
            yield copy.write

    def copy_values(self, values: Iterable[Sequence[Any]]) -> int:
        return copy_rows(self.rows, list(self.columns), values)

    def reject(self, rows: Iterable[tuple[int | None, str | None, str]]) -> int:
        """Send back lines or keys: (line, key, reason)."""
        return copy_rows(self.rejects, ("line", "key", "reason"), rows)

    def do(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> int:
        """Run a statement; how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    def ask(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
            return found

    def stream(
        self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a long answer, a few thousand at a time in memory."""
        with transaction.atomic(), connection.connection.cursor(name="staging_stream") as cursor:
            cursor.itersize = 5_000
            cursor.execute(statement, values)
            yield from cursor
