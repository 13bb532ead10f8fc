"""The access log, its seals and the notices can be added to, and nothing else.

A row of the log knows its writing transaction, by which the sealer reads in commit order. Deletion is open for
rows older than the log is kept, and for nothing younger, whoever asks.
"""

from typing import ClassVar

from django.db import migrations

SQL = """
ALTER TABLE privacy_accesslog ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION privacy_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE FUNCTION privacy_is_past(at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT at < now() - interval '3 years' $$;

CREATE TRIGGER privacy_accesslog_never_changes BEFORE UPDATE ON privacy_accesslog
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only();
CREATE TRIGGER privacy_accesslog_never_goes BEFORE DELETE ON privacy_accesslog
    FOR EACH ROW WHEN (NOT privacy_is_past(OLD.at)) EXECUTE FUNCTION privacy_append_only();
CREATE TRIGGER privacy_accessseal_append_only BEFORE UPDATE OR DELETE ON privacy_accessseal
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only();
CREATE TRIGGER privacy_notice_append_only BEFORE UPDATE OR DELETE ON privacy_notice
    FOR EACH ROW EXECUTE FUNCTION privacy_append_only();
"""

UNDO = """
DROP TRIGGER privacy_notice_append_only ON privacy_notice;
DROP TRIGGER privacy_accessseal_append_only ON privacy_accessseal;
DROP TRIGGER privacy_accesslog_never_goes ON privacy_accesslog;
DROP TRIGGER privacy_accesslog_never_changes ON privacy_accesslog;
DROP FUNCTION privacy_is_past(timestamptz);
DROP FUNCTION privacy_append_only();
ALTER TABLE privacy_accesslog DROP COLUMN tx;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("privacy", "0002_records")]
    operations: ClassVar = [migrations.RunSQL(SQL, UNDO)]
