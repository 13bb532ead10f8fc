"""Celery's broker tables (schema `broker`), when the broker is this database."""

from django.db import connection

#: Rings pile up while no worker runs. The lane rings again for whatever is due.
MOST_RINGS = 2000


def delete_consumed() -> int:
    """Delete what workers have taken, and all but the newest of what nobody takes: kombu never does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('broker.kombu_message')")
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute("DELETE FROM broker.kombu_message WHERE NOT visible")
        deleted: int = cursor.rowcount
        cursor.execute(
            "DELETE FROM broker.kombu_message WHERE id <= "
            "(SELECT id FROM broker.kombu_message WHERE visible ORDER BY id DESC OFFSET %s LIMIT 1)",
            [MOST_RINGS],
        )
        return deleted + cursor.rowcount
