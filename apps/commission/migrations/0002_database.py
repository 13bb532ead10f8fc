"""An entry is never changed, nor deleted. A host sees her own; none is added by a host's role."""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, OWN, EnableRowSecurity

APPEND_ONLY = """
CREATE FUNCTION commission_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER commission_entry_append_only BEFORE UPDATE OR DELETE ON commission_entry
    FOR EACH ROW EXECUTE FUNCTION commission_append_only();
-- The worker may truncate, since it begins projections anew. (The owner may change what he likes, trigger or not.)
CREATE TRIGGER commission_entry_never_emptied BEFORE TRUNCATE ON commission_entry
    FOR EACH STATEMENT WHEN (current_user = 'app_worker') EXECUTE FUNCTION commission_append_only();
"""
UNDO = """
DROP TRIGGER commission_entry_never_emptied ON commission_entry;
DROP TRIGGER commission_entry_append_only ON commission_entry;
DROP FUNCTION commission_append_only();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("commission", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        EnableRowSecurity("commission_entry", host_reads=OWN, host_adds=NONE, host_changes=NONE),
    ]
