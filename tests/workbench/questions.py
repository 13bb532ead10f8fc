"""How often a page asks the database."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def questions(phone: Client, url: str) -> int:
    """Queries of one page; transactions and savepoints are no questions."""
    with CaptureQueriesContext(connection) as captured:
        assert phone.get(url).status_code == 200
    return sum(
        not query["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
        for query in captured.captured_queries
    )
