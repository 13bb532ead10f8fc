"""The access log, its seals and the notices can be added to, and nothing else.

A row of the log knows its writing transaction, by which the sealer reads in commit order. Deletion is open for
rows older than the log is kept, and for nothing younger, whoever asks. A host reads, and adds to, the log of what
was seen of her own customers.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, OWN, EnableRowSecurity

APPEND_ONLY = """
ALTER TABLE records_accesslog ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION records_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE FUNCTION records_is_past(at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT at < now() - interval '3 years' $$;

CREATE TRIGGER records_accesslog_never_changes BEFORE UPDATE ON records_accesslog
    FOR EACH ROW EXECUTE FUNCTION records_append_only();
CREATE TRIGGER records_accesslog_never_goes BEFORE DELETE ON records_accesslog
    FOR EACH ROW WHEN (NOT records_is_past(OLD.at)) EXECUTE FUNCTION records_append_only();
CREATE TRIGGER records_accessseal_append_only BEFORE UPDATE OR DELETE ON records_accessseal
    FOR EACH ROW EXECUTE FUNCTION records_append_only();
CREATE TRIGGER records_notice_append_only BEFORE UPDATE OR DELETE ON records_notice
    FOR EACH ROW EXECUTE FUNCTION records_append_only();
-- The worker may truncate, since it begins projections anew. (The owner may change what he likes, trigger or not.)
CREATE TRIGGER records_accesslog_never_emptied BEFORE TRUNCATE ON records_accesslog
    FOR EACH STATEMENT WHEN (current_user = 'app_worker') EXECUTE FUNCTION records_append_only();
CREATE TRIGGER records_accessseal_never_emptied BEFORE TRUNCATE ON records_accessseal
    FOR EACH STATEMENT WHEN (current_user = 'app_worker') EXECUTE FUNCTION records_append_only();
CREATE TRIGGER records_notice_never_emptied BEFORE TRUNCATE ON records_notice
    FOR EACH STATEMENT WHEN (current_user = 'app_worker') EXECUTE FUNCTION records_append_only();
"""
UNDO = """
DROP TRIGGER records_notice_never_emptied ON records_notice;
DROP TRIGGER records_accessseal_never_emptied ON records_accessseal;
DROP TRIGGER records_accesslog_never_emptied ON records_accesslog;
DROP TRIGGER records_notice_append_only ON records_notice;
DROP TRIGGER records_accessseal_append_only ON records_accessseal;
DROP TRIGGER records_accesslog_never_goes ON records_accesslog;
DROP TRIGGER records_accesslog_never_changes ON records_accesslog;
DROP FUNCTION records_is_past(timestamptz);
DROP FUNCTION records_append_only();
ALTER TABLE records_accesslog DROP COLUMN tx;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("records", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(APPEND_ONLY, UNDO),
        EnableRowSecurity("records_accesslog", host_reads=OWN, host_changes=NONE),
        # Imports and the sync alone ask by it: no host and nobody at HQ learns who was erased.
        EnableRowSecurity("records_erasedmark", host_reads=NONE, hq=NONE),
    ]
