"""Tables whose rows are only added, in migrations: the database refuses the rest, whoever asks."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation

_REFUSE = """
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""
#: The last table that needed it takes it along.
_FORGET = """
DO $$ BEGIN
    DROP FUNCTION append_only();
EXCEPTION WHEN dependent_objects_still_exist THEN NULL;
END $$
"""


class AppendOnly(Operation):
    """Rows of `table` are never changed and never deleted.

    `may_go` is the condition under which a row may be deleted (one that is past its time), `may_change` names
    columns that may be emptied (words about a person). The worker may not truncate the table, though he
    begins projections anew by truncating theirs.
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, table: str, *, may_go: str = "", may_change: Sequence[str] = ()) -> None:
        self.table = table
        self.may_go = may_go
        self.may_change = tuple(may_change)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__name__, [self.table], {"may_go": self.may_go, "may_change": self.may_change}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not know."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        schema_editor.execute(_REFUSE, params=None)
        for name, event, each, condition in self.triggers():
            when = f" WHEN ({condition})" if condition else ""
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each}{when}"
                " EXECUTE FUNCTION append_only()",
                params=None,
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = schema_editor.quote_name(self.table)
        for name, *_ in self.triggers():
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)
        schema_editor.execute(_FORGET, params=None)

    def describe(self) -> str:
        return f"Refuse changes of {self.table}"

    def triggers(self) -> list[tuple[str, str, str, str]]:
        """(name, event, row or statement, condition) of each trigger."""
        changed = ""
        if self.may_change:
            kept = f"- '{{{','.join(self.may_change)}}}'::text[]"
            changed = f"to_jsonb(OLD) {kept} IS DISTINCT FROM to_jsonb(NEW) {kept}"
        stays = f"NOT ({self.may_go})" if self.may_go else ""
        return [
            (f"{self.table}_never_changes", "UPDATE", "ROW", changed),
            (f"{self.table}_never_goes", "DELETE", "ROW", stays),
            (f"{self.table}_never_emptied", "TRUNCATE", "STATEMENT", "current_user = 'app_worker'"),
        ]
