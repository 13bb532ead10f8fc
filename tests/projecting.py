"""Bringing projections up to date inside a test."""

import time

from django.db import connection
from django.utils import timezone

from apps.database import db_role
from apps.lib import clock
from apps.tracking import reader
from apps.tracking import services as tracking
from apps.tracking.models import Checkpoint, Ledger


def project_now() -> None:
    """Every projection reflects every event this test has written.

    Inside the test's own transaction nothing is committed, so the events are replayed from zero; else they
    are read as in production, once no older transaction runs beside them (another test's, for one).
    """
    if connection.in_atomic_block:
        facts = reader.everything()
        for projection in reader.projections():
            projection.clear()
            projection.fold(facts)
        return
    wait_until_readable()
    for projection in reader.projections():
        reader.catch_up(projection)


def follow_along() -> None:
    """As a worker does: read on from where each projection stands."""
    wait_until_readable()
    reader.keep_up(lambda: False)


def wait_until_readable() -> None:
    """Until every committed event is older than all running transactions of the cluster."""
    wait_until_none(
        "SELECT count(*) FROM tracking_event WHERE tx::text::bigint >= "
        "pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
        "+ coalesce((SELECT tx_offset FROM tracking_ledger), 0)"
    )


def wait_until_none(count: str) -> None:
    """Until the query counts 0; whoever keeps a transaction open for too long is named."""
    patience = time.perf_counter() + 300
    with connection.cursor() as cursor:
        while time.perf_counter() < patience:
            cursor.execute(count)
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.02)
        cursor.execute(
            "SELECT datname, pid, state, now() - xact_start, wait_event, left(query, 200) "
            "FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)"
        )
        raise AssertionError(f"still held back by {cursor.fetchall()}")


def make_months_ahead(count: int) -> None:
    """The ledger's months for a test that travels into the future; beat makes three at a time."""
    months = [clock.first_of_month(clock.day_of(timezone.now()))]
    while len(months) <= count:
        months.append(clock.next_month(months[-1]))
    tracking.make_partitions(months)


def empty_ledger() -> None:
    """Forget all events: the flush after a test that commits leaves the ledger's table alone."""
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE tracking_event")
    Checkpoint.objects.all().delete()
    Ledger.objects.update_or_create(pk=1, defaults={"epoch": 1, "tx_offset": 0})
