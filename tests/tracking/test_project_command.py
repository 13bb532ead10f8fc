"""`manage.py project` ends when the numbers are whole, whoever counted them."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from apps.database import db_role
from apps.insights.models import MoneyMove
from apps.insights.projection import PROJECTION
from apps.tracking import reader
from tests.factories import MORNING, a_host, a_sku
from tests.happenings import buy
from tests.projecting import wait_until_readable


@pytest.mark.parametrize("options", [(), ("--rebuild",)])
def test_it_waits_for_the_process_that_is_at_it(ledger: None, options: tuple[str, ...]) -> None:
    buy(a_host(), a_sku(), at=MORNING)
    wait_until_readable()
    is_held, may_end = threading.Event(), threading.Event()

    def somebody_else() -> None:
        """At a batch of the same projection, as the lane is."""
        with transaction.atomic(), db_role.as_worker(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), 7)", [f"projection:{PROJECTION.name}"])
            is_held.set()
            may_end.wait()
        connection.close()

    def command() -> None:
        with db_role.session_as(db_role.WORKER):
            call_command("project", PROJECTION.name, *options, stdout=StringIO())
        connection.close()

    lane, projecting = threading.Thread(target=somebody_else), threading.Thread(target=command)
    lane.start()
    is_held.wait()
    projecting.start()
    projecting.join(timeout=1)
    was_waiting = projecting.is_alive()
    may_end.set()
    lane.join()
    projecting.join()

    assert was_waiting
    assert reader.is_caught_up(PROJECTION)
    assert MoneyMove.objects.count() == 1
