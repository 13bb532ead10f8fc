"""The ledger: one table partitioned by Shanghai month, append-only, readable in commit order.

A host's role reads and writes the facts of her own; months are made, and ledgers adopted, under any role. Making a
partition and moving the ledger's counter change tables, which only their owner may: these two steps run as he does,
and by jobs alone. What they must read is read by whoever calls, since the owner sees no event.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.append_only import AppendOnly
from apps.database.row_security import NONE, OWN, EnableRowSecurity

TABLE = """
CREATE TABLE tracking_event (
    tx           xid8        NOT NULL DEFAULT pg_current_xact_id(),
    id           uuid        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    host_id      bigint,
    relation_id  bigint,
    visitor_id   bigint,
    link_id      bigint,
    actor_id     bigint,
    subject_id   bigint,
    name         text        NOT NULL,
    subject_kind text        NOT NULL DEFAULT '',
    props        jsonb       NOT NULL DEFAULT '{}',
    PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);

CREATE INDEX tracking_event_commit_order ON tracking_event (tx, id);
CREATE INDEX tracking_event_host ON tracking_event (host_id, occurred_at DESC, id DESC);
CREATE INDEX tracking_event_relation ON tracking_event (relation_id, occurred_at DESC, id DESC)
    WHERE relation_id IS NOT NULL;
CREATE INDEX tracking_event_visitor ON tracking_event (visitor_id, occurred_at DESC)
    WHERE visitor_id IS NOT NULL;
"""
FUNCTIONS = """
-- One partition holds one month as Asia/Shanghai counts it. Safe to call again and from two places at once.
-- ATTACH waits for no writer and stops none; CREATE … PARTITION OF would lock the whole ledger.
CREATE FUNCTION tracking_make_partition(month date) RETURNS void
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
    -- Unlike those for rows, a trigger for statements is not the table's above.
    EXECUTE format(
        'CREATE TRIGGER tracking_event_never_emptied BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
        'WHEN (current_user = ''app_worker'') EXECUTE FUNCTION append_only()',
        child
    );
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

CREATE FUNCTION tracking_count_from(ahead bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format(
        'ALTER TABLE tracking_event ALTER COLUMN tx SET DEFAULT '
        '((pg_current_xact_id()::text::bigint + %s)::text::xid8)', ahead
    );
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
    PERFORM tracking_count_from(ahead);
    INSERT INTO tracking_ledger (id, epoch, tx_offset) VALUES (1, 2, ahead)
        ON CONFLICT (id) DO UPDATE SET epoch = tracking_ledger.epoch + 1, tx_offset = ahead;
    RETURN ahead;
END $$;

REVOKE EXECUTE ON FUNCTION tracking_make_partition(date), tracking_count_from(bigint), tracking_adopt() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tracking_make_partition(date), tracking_count_from(bigint), tracking_adopt() TO app_worker;
"""
FIRST_MONTHS = """
-- Four months from the one in which this runs, so that a new installation can record at once.
SELECT tracking_make_partition((date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date)
  FROM generate_series(-1, 3) AS n;

INSERT INTO tracking_ledger (id, epoch, tx_offset) VALUES (1, 1, 0);
"""
UNDO = """
DROP TABLE tracking_event;
DROP FUNCTION tracking_adopt();
DROP FUNCTION tracking_count_from(bigint);
DROP FUNCTION tracking_make_partition(date);
DELETE FROM tracking_ledger;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tracking", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(TABLE, UNDO),
        # A fact is never changed. (Erasing a person replaces her ids under the owner's hand.)
        AppendOnly("tracking_event"),
        EnableRowSecurity("tracking_event", host_reads=OWN, host_changes=NONE),
        migrations.RunSQL(FUNCTIONS, "DROP FUNCTION tracking_read(xid8, uuid, int)"),
        migrations.RunSQL(FIRST_MONTHS, migrations.RunSQL.noop),
    ]
