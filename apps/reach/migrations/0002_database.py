"""A host reads and adds what was done to reach her own customers; touches never change.

A touch goes when its time has come (the retention job, as the worker); no host and nobody at HQ deletes one.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, EnableRowSecurity, through

SQL = """
CREATE TRIGGER reach_touch_never_changes BEFORE UPDATE ON reach_touch
    FOR EACH ROW EXECUTE FUNCTION records_append_only();
CREATE TRIGGER reach_touch_never_goes BEFORE DELETE ON reach_touch
    FOR EACH ROW WHEN (current_user <> 'app_worker') EXECUTE FUNCTION records_append_only();
CREATE TRIGGER reach_touch_never_emptied BEFORE TRUNCATE ON reach_touch
    FOR EACH STATEMENT WHEN (current_user = 'app_worker') EXECUTE FUNCTION records_append_only();
"""
UNDO = """
DROP TRIGGER reach_touch_never_emptied ON reach_touch;
DROP TRIGGER reach_touch_never_goes ON reach_touch;
DROP TRIGGER reach_touch_never_changes ON reach_touch;
"""


def by_relation(table: str) -> str:
    return through("customers_relation", f"{table}.relation_id")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reach", "0001_initial"), ("records", "0002_database")]
    operations: ClassVar = [
        migrations.RunSQL(SQL, UNDO),
        EnableRowSecurity("reach_touch", host_reads=by_relation("reach_touch"), host_changes=NONE),
        EnableRowSecurity("reach_asking", host_reads=by_relation("reach_asking")),
    ]
