"""What is only ever added to can't be emptied either, by its own name or by a table's above it."""

import pytest
from django.db import DatabaseError, connection, transaction

pytestmark = pytest.mark.django_db

#: Tables of which rows may not be changed, or not be deleted: found by the functions that refuse it.
_APPEND_ONLY = """
SELECT DISTINCT t.tgrelid::regclass::text
  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE p.proname IN ('commission_append_only', 'records_append_only', 'tracking_refuse_change')
   AND t.tgtype & 1 = 1
"""


def test_the_worker_may_truncate_nothing_that_is_append_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_APPEND_ONLY)
        tables = {name for (name,) in cursor.fetchall()}
        months = {name for name in tables if name.startswith("tracking_event_")}

        assert tables - months == {
            "commission_entry",
            "reach_touch",
            "records_accesslog",
            "records_accessseal",
            "records_notice",
            "tracking_event",
        }
        assert len(months) >= 4
        for table in sorted(tables):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")
