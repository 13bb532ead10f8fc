"""A callback is a stranger's request, which sees nothing: storing what came is one answer of the worker's role.

In one round trip, since every callback waits for it. After `migrate` the function is app_worker's, by its name's
ending (apps/lib/database_roles.py).
"""

from typing import ClassVar

from django.db import migrations

MAKE = """
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
    dependencies: ClassVar = [("outbox", "0004_row_security")]
    operations: ClassVar = [migrations.RunSQL(MAKE, "DROP FUNCTION outbox_accept_as_worker")]
