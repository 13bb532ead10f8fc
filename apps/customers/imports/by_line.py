"""Imports whose every row stands for itself: staged with its line, applied by ranges of lines."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db import transaction

from apps.customers.imports.importer import Counts, Import
from apps.customers.models import ImportChunk


class LineImport(Import):
    """The staging table has a column `line`; a row is rejected alone."""

    #: Rows of one transaction.
    chunk_rows: ClassVar[int] = 2_000

    @abstractmethod
    def write_rows(self, rows: list[tuple[Any, ...]]) -> tuple[Counts, list[tuple[int, str]]]:
        """Write rows (cells as in `staged`); what became of them, and which lines go back and why."""

    def reject_whole(self) -> None:
        with transaction.atomic():
            self.staging.do(f"CREATE UNIQUE INDEX ON {self.staging.rows} (line)")
        self.staging.do(f"ANALYZE {self.staging.rows}")

    def reject_where(self, condition: str, reason: str, values: Sequence[Any] = ()) -> None:
        """Send back the staged rows of an SQL condition; `reason` is an SQL expression."""
        self.staging.do(
            f"""
            INSERT INTO {self.staging.rejects} (line, reason, chunk)
            SELECT line, {reason}, 0 FROM {self.staging.rows} AS staged WHERE {condition}
            """,
            values,
        )

    def reject_repeated(self, columns: str, reason: str) -> None:
        """Send back rows that repeat an earlier one's `columns`. In `reason`, `%s` is the earlier line."""
        self.staging.do(
            f"""
            INSERT INTO {self.staging.rejects} (line, reason, chunk)
            SELECT line, format(%s, first), 0
              FROM (SELECT line, min(line) OVER (PARTITION BY {columns}) AS first
                      FROM {self.staging.rows} WHERE ({columns}) IS NOT NULL) AS repeated
             WHERE line > first
            """,
            [reason],
        )

    def plan(self) -> Iterator[tuple[str, str]]:
        after = 0
        found = self.staging.ask(
            f"""
            SELECT line
              FROM (SELECT line, row_number() OVER (ORDER BY line) AS n FROM {self.staging.rows}) AS counted
             WHERE n %% %s = 0
            UNION SELECT max(line) FROM {self.staging.rows}
            ORDER BY line
            """,
            [self.chunk_rows],
        )
        for (line,) in found:
            if line is not None:
                yield str(after), str(line)
                after = line

    def rejected_of(self, after: str, up_to: str) -> int:
        found = self.staging.ask(
            f"""
            SELECT count(*) FROM {self.staging.rows} AS r
             WHERE line > %s AND line <= %s
               AND EXISTS (SELECT FROM {self.staging.rejects} AS j WHERE j.line = r.line AND chunk = 0)
            """,
            [int(after), int(up_to)],
        )
        return int(found[0][0])

    def write(self, chunk: ImportChunk) -> Counts:
        rows = self.staging.ask(
            f"""
            SELECT {", ".join(self.staged)} FROM {self.staging.rows} AS r
             WHERE line > %s AND line <= %s
               AND NOT EXISTS (SELECT FROM {self.staging.rejects} AS j WHERE j.line = r.line AND chunk = 0)
             ORDER BY line
            """,
            [int(chunk.after), int(chunk.up_to)],
        )
        counts, sent_back = self.write_rows(rows)
        for line, reason in sent_back:
            self.staging.do(
                f"INSERT INTO {self.staging.rejects} (line, reason, chunk) VALUES (%s, %s, %s)",
                [line, reason, chunk.number],
            )
        return Counts(
            counts.created,
            counts.changed,
            counts.unchanged,
            len(sent_back) + self.rejected_of(chunk.after, chunk.up_to),
        )
