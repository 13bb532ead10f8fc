"""What must be true of the ledger at any time."""

from django.db import connection


def check_ledger() -> list[str]:
    """Every event's transaction number is one this cluster has already given, so that readers reach it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT tx::text::bigint FROM tracking_event ORDER BY tracking_event.tx DESC LIMIT 1)
                   >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
                      + coalesce((SELECT tx_offset FROM tracking_ledger WHERE id = 1), 0)
            """
        )
        (is_foreign,) = cursor.fetchone()
    if is_foreign:
        return ["账本里有另一台数据库的事务编号，统计会停住：请运行 manage.py adopt_ledger"]
    return []
