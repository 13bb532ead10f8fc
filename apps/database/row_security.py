"""Row-level security in migrations: who may see and change which rows of a table (docs/isolation.md)."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

#: The host of the running transaction. Null when none is named, and then no comparison holds.
CURRENT_HOST = "nullif(current_setting('app.host_id', true), '')::bigint"
#: For tables with the host's own number.
OWN = f"host_id = {CURRENT_HOST}"
ALL = "true"
NONE = ""


def through(table: str, column: str, *, key: str = "id") -> str:
    """For tables that name a row of `table`, which has the host's number: an index lookup by `key`."""
    return f"EXISTS (SELECT FROM {table} AS owned WHERE owned.{key} = {column} AND owned.{OWN})"


class EnableRowSecurity(Operation):
    """Show a table's rows by role: ENABLE and FORCE, and for each role policies of its own.

    `host_reads`, `host_adds`, `host_changes` (update and delete) are conditions on the row for `app_host`,
    NONE for never; `host_adds` and `host_changes` are `host_reads` unless given. `hq` is the condition for
    `app_hq`. Jobs (`app_worker`) see everything, the owner nothing. No condition may hold an OR that names
    roles: one policy for all makes a look-up read the whole table, which is 2,000 times slower.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(
        self,
        table: str,
        *,
        host_reads: str,
        host_adds: str | None = None,
        host_changes: str | None = None,
        hq: str = ALL,
    ) -> None:
        self.table = table
        self.host_reads = host_reads
        self.host_adds = host_reads if host_adds is None else host_adds
        self.host_changes = host_reads if host_changes is None else host_changes
        self.hq = hq

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        words = ("host_reads", "host_adds", "host_changes", "hq")
        return type(self).__name__, [self.table], {word: getattr(self, word) for word in words}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not know."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY", params=None)
        for name, role, command, using, check in self.policies():
            text = f"CREATE POLICY {name} ON {table} FOR {command} TO {role}"
            text += f" USING ({using})" if using else ""
            text += f" WITH CHECK ({check})" if check else ""
            schema_editor.execute(text, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        for name, *_ in self.policies():
            schema_editor.execute(f"DROP POLICY {name} ON {table}", params=None)
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY", params=None)

    def describe(self) -> str:
        return f"Show rows of {self.table} by role"

    def policies(self) -> list[tuple[str, str, str, str, str]]:
        """(name, role, command, USING, WITH CHECK) of each policy."""
        found = [("app_worker_all", "app_worker", "ALL", ALL, ALL)]
        if self.hq:
            found.append(("app_hq_all", "app_hq", "ALL", self.hq, self.hq))
        reads, adds, changes = self.host_reads, self.host_adds, self.host_changes
        if reads and reads == adds == changes:
            return [*found, ("app_host_all", "app_host", "ALL", reads, reads)]
        for command, using, check in (
            ("SELECT", reads, ""),
            ("INSERT", "", adds),
            ("UPDATE", changes, changes),
            ("DELETE", changes, ""),
        ):
            if using or check:
                found.append((f"app_host_{command.lower()}", "app_host", command, using, check))
        return found
