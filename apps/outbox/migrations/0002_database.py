"""What leaves and what arrives, behind the second wall; how a callback is stored; Celery's broker.

What leaves and arrives holds words to and from people: jobs carry it, HQ counts it, no host reads it. A callback is
a stranger's request, which sees nothing: storing what came is one answer of the worker's role, in one round trip,
since every callback waits for it. After `migrate` the function is app_worker's, by its name's ending
(apps/database/grants.py).

The broker's schema and tables are those that kombu 5.7 would make. Made here because several processes start at
once, and each of them would try to make the tables.
"""

from typing import ClassVar

from django.db import migrations

from apps.database.row_security import NONE, EnableRowSecurity

BROKER = """
CREATE SCHEMA IF NOT EXISTS broker;
CREATE SEQUENCE IF NOT EXISTS broker.queue_id_sequence;
CREATE SEQUENCE IF NOT EXISTS broker.message_id_sequence;
CREATE TABLE IF NOT EXISTS broker.kombu_queue (
    id integer NOT NULL PRIMARY KEY,
    name varchar(200) UNIQUE
);
CREATE TABLE IF NOT EXISTS broker.kombu_message (
    id integer NOT NULL PRIMARY KEY,
    visible boolean,
    timestamp timestamp without time zone,
    payload text NOT NULL,
    version smallint NOT NULL,
    queue_id integer,
    CONSTRAINT "FK_kombu_message_queue" FOREIGN KEY (queue_id) REFERENCES broker.kombu_queue (id)
);
CREATE INDEX IF NOT EXISTS ix_kombu_message_timestamp_id ON broker.kombu_message (timestamp, id);
CREATE INDEX IF NOT EXISTS ix_kombu_message_timestamp ON broker.kombu_message (timestamp);
CREATE INDEX IF NOT EXISTS ix_kombu_message_visible ON broker.kombu_message (visible);
"""
ACCEPT = """
CREATE FUNCTION outbox_accept_as_worker(
    public_id uuid, digest bytea, kind text, lane text, body bytea, state text, fence int, held_for interval, reason text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    made bigint;
BEGIN
    INSERT INTO outbox_inbox (public_id, digest, kind, lane, body, state, tries, failures, crashes, fence, lease_until,
                              reason, reply, finished_at)
    VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, now() + $8, $9, '', CASE WHEN $9 = '' THEN NULL ELSE now() END)
        ON CONFLICT (digest) DO NOTHING RETURNING id INTO made;
    RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION outbox_accept_as_worker FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outbox_accept_as_worker TO app_host, app_hq, app_worker;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("outbox", "0001_initial")]
    operations: ClassVar = [
        EnableRowSecurity("outbox_letter", host_reads=NONE),
        EnableRowSecurity("outbox_deliverycall", host_reads=NONE),
        EnableRowSecurity("outbox_delivery", host_reads=NONE),
        EnableRowSecurity("outbox_inbox", host_reads=NONE),
        migrations.RunSQL(ACCEPT, "DROP FUNCTION outbox_accept_as_worker"),
        migrations.RunSQL(BROKER, "DROP SCHEMA IF EXISTS broker CASCADE"),
    ]
