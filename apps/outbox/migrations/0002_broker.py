"""Celery's broker on the same PostgreSQL: the schema and the tables that kombu 5.7 would make.

Made here because several processes start at once, and each of them would try to make the tables.
"""

from django.db import migrations

MAKE = """
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


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "DROP SCHEMA IF EXISTS broker CASCADE")]
