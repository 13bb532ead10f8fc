"""A host's role reads and writes the facts of her own; months are made, and ledgers adopted, under any role.

Making a partition and moving the ledger's counter change tables, which only their owner may: these two steps run
as he does, and by jobs alone. What they must read is read by whoever calls, since the owner sees no event.
"""

from typing import ClassVar

from django.db import migrations

from apps.lib.row_security import NONE, OWN, EnableRowSecurity

FUNCTIONS = """
CREATE OR REPLACE FUNCTION tracking_make_partition(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    child text := format('tracking_event_%s', to_char(month, 'YYYY_MM'));
BEGIN
    IF to_regclass(format('%I.%I', current_schema(), child)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tracking_make_partition'), 11);
    -- By a query with its own snapshot: to_regclass may still remember that there was no such table.
    IF EXISTS (SELECT FROM pg_class WHERE relname = child AND relnamespace = current_schema()::regnamespace) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE tracking_event INCLUDING DEFAULTS)', child);
    -- The policies stand on the ledger's table: by its own name a month is the worker's alone.
    EXECUTE format('REVOKE ALL ON %I FROM app_host, app_hq', child);
    EXECUTE format(
        'ALTER TABLE tracking_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        child,
        month::timestamp AT TIME ZONE 'Asia/Shanghai',
        (month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai'
    );
END $$;

CREATE FUNCTION tracking_count_from(ahead bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format(
        'ALTER TABLE tracking_event ALTER COLUMN tx SET DEFAULT '
        '((pg_current_xact_id()::text::bigint + %s)::text::xid8)', ahead
    );
END $$;

CREATE OR REPLACE FUNCTION tracking_adopt() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    highest bigint;
    ahead   bigint;
BEGIN
    LOCK TABLE tracking_event IN SHARE ROW EXCLUSIVE MODE;
    SELECT tx::text::bigint INTO highest FROM tracking_event ORDER BY tx DESC LIMIT 1;
    -- Every transaction that runs now or later has a number of at least xmin.
    ahead := greatest(0, coalesce(highest, 0) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
    PERFORM tracking_count_from(ahead);
    INSERT INTO tracking_ledger (id, epoch, tx_offset) VALUES (1, 2, ahead)
        ON CONFLICT (id) DO UPDATE SET epoch = tracking_ledger.epoch + 1, tx_offset = ahead;
    RETURN ahead;
END $$;

REVOKE EXECUTE ON FUNCTION tracking_make_partition(date), tracking_count_from(bigint), tracking_adopt() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tracking_make_partition(date), tracking_count_from(bigint), tracking_adopt() TO app_worker;
"""
UNDO = """
DROP FUNCTION tracking_count_from(bigint);
ALTER FUNCTION tracking_make_partition(date) SECURITY INVOKER;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tracking", "0003_attach_and_adopt")]
    operations: ClassVar = [
        EnableRowSecurity("tracking_event", host_reads=OWN, host_changes=NONE),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
