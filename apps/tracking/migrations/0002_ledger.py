"""The ledger: one table partitioned by Shanghai month, append-only, readable in commit order."""

from typing import ClassVar

from django.db import migrations

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

-- One partition holds one month as Asia/Shanghai counts it. Safe to call again and from two places at once.
CREATE FUNCTION tracking_make_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    child text := format('tracking_event_%s', to_char(month, 'YYYY_MM'));
BEGIN
    IF to_regclass(format('%I.%I', current_schema(), child)) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext(child), 11);
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF tracking_event FOR VALUES FROM (%L) TO (%L)',
        child,
        month::timestamp AT TIME ZONE 'Asia/Shanghai',
        (month + interval '1 month')::timestamp AT TIME ZONE 'Asia/Shanghai'
    );
END $$;

-- A fact is never changed. (Erasing a person replaces her ids under the owner's hand, not by UPDATE from the product.)
CREATE FUNCTION tracking_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER tracking_event_append_only BEFORE UPDATE OR DELETE ON tracking_event
    FOR EACH ROW EXECUTE FUNCTION tracking_refuse_change();

-- Four months from the one in which this runs, so that a new installation can record at once.
SELECT tracking_make_partition((date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date)
  FROM generate_series(-1, 3) AS n;

INSERT INTO tracking_ledger (id, epoch) VALUES (1, 1);
"""

UNDO = """
DROP TABLE tracking_event;
DROP FUNCTION tracking_make_partition(date);
DROP FUNCTION tracking_refuse_change();
DELETE FROM tracking_ledger;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tracking", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(TABLE, UNDO)]
