"""Partitions that stop nobody, reading by the index alone, and a ledger restored into another cluster."""

from typing import ClassVar

from django.db import migrations, models

FUNCTIONS = """
-- One partition holds one month as Asia/Shanghai counts it. Safe to call again and from two places at once.
-- ATTACH waits for no writer and stops none; CREATE … PARTITION OF would lock the whole ledger.
CREATE OR REPLACE FUNCTION tracking_make_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
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
    EXECUTE format(
        'ALTER TABLE tracking_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        child,
        month::timestamp AT TIME ZONE 'Asia/Shanghai',
        (month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai'
    );
END $$;

-- The next events in commit order, none of a transaction that still runs or has an older one running beside
-- it. Always by the index: after an import the planner's statistics are stale, and it would sort all that is
-- left for each batch. Planned once a session, since planning over many months costs more than reading.
CREATE FUNCTION tracking_read(after_tx xid8, after_id uuid, at_most int) RETURNS SETOF tracking_event
LANGUAGE plpgsql SET enable_sort = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    ahead bigint := (SELECT tx_offset FROM tracking_ledger WHERE id = 1);
BEGIN
    RETURN QUERY
        SELECT e.* FROM tracking_event e
         WHERE (e.tx, e.id) > (after_tx, after_id)
           AND e.tx < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + coalesce(ahead, 0))::text::xid8
         ORDER BY e.tx, e.id
         LIMIT at_most;
END $$;

-- After a dump was restored into another cluster: its transaction numbers begin anew, lower than those the
-- events carry. From here on they are counted so that they follow, and every projection begins from zero.
CREATE FUNCTION tracking_adopt() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    highest bigint;
    ahead   bigint;
BEGIN
    LOCK TABLE tracking_event IN SHARE ROW EXCLUSIVE MODE;
    SELECT tx::text::bigint INTO highest FROM tracking_event ORDER BY tx DESC LIMIT 1;
    -- Every transaction that runs now or later has a number of at least xmin.
    ahead := greatest(0, coalesce(highest, 0) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
    EXECUTE format(
        'ALTER TABLE tracking_event ALTER COLUMN tx SET DEFAULT '
        '((pg_current_xact_id()::text::bigint + %s)::text::xid8)', ahead
    );
    INSERT INTO tracking_ledger (id, epoch, tx_offset) VALUES (1, 2, ahead)
        ON CONFLICT (id) DO UPDATE SET epoch = tracking_ledger.epoch + 1, tx_offset = ahead;
    RETURN ahead;
END $$;
"""

UNDO = """
DROP FUNCTION tracking_adopt();
DROP FUNCTION tracking_read(xid8, uuid, int);
ALTER TABLE tracking_event ALTER COLUMN tx SET DEFAULT pg_current_xact_id();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tracking", "0002_ledger")]
    operations: ClassVar = [
        migrations.AddField("ledger", "tx_offset", models.BigIntegerField(default=0)),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
