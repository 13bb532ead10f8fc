"""The access log can only grow, and the chain over it tells of every hand that was laid on it."""

import io
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from apps.outbox import invariants
from apps.outbox.services import jobs
from apps.records import services as privacy
from apps.records.models import AccessLog, AccessSeal
from apps.records.services import seals
from tests.at_once import at_once
from tests.by_force import unguarded
from tests.factories import a_host
from tests.projecting import wait_until_none

pytestmark = pytest.mark.usefixtures("transactional_db")


def look(actor: Any, **fields: Any) -> AccessLog:
    return privacy.record_access(
        actor=actor,
        action="view",
        fields="姓名、电话（打码）",
        at=fields.pop("at", timezone.now()),
        is_hq=True,
        **fields,
    )


def seal_all() -> int:
    """Seal once no older transaction runs in the cluster (another test's, for one); how many rows."""
    wait_for_others()
    return seals.seal(now=timezone.now())


def wait_for_others() -> None:
    """Until every row is older than all running transactions of the cluster."""
    wait_until_none(
        "SELECT count(*) FROM records_accesslog WHERE tx >= pg_snapshot_xmin(pg_current_snapshot()) "
        "AND tx < pg_snapshot_xmax(pg_current_snapshot())"
    )


def verify() -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_access_log", stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), err.getvalue()
    return 0, out.getvalue()


def by_force(sql: str, values: list[Any]) -> None:
    with unguarded("records_accesslog", "records_accessseal"), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def sealed(transactional_db: None) -> list[AccessLog]:
    actor = a_host().user
    rows = [look(actor, purpose=f"第{n}次") for n in range(5)]
    assert seal_all() == 5
    return rows


def test_nobody_changes_or_deletes_a_look(sealed: list[AccessLog]) -> None:
    for sql in (
        "UPDATE records_accesslog SET purpose = '没看过'",
        "DELETE FROM records_accesslog",
        "UPDATE records_accessseal SET sha256 = ''",
        "DELETE FROM records_accessseal",
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(sql)

    assert verify()[0] == 0


def test_what_is_past_its_time_may_go_and_the_chain_holds(transactional_db: None) -> None:
    actor = a_host().user
    old = timezone.now() - timedelta(days=4 * 365)
    first = look(actor, at=old)
    look(actor)
    seal_all()
    AccessLog.objects.filter(pk=first.pk).delete()

    later = timezone.now() + timedelta(days=3 * 365 + 1)
    assert list(seals.problems(now=later, kept=timedelta(days=3 * 365))) == []


def test_a_row_touched_by_force_is_named(sealed: list[AccessLog]) -> None:
    victim = sealed[2]
    for sql, back, says in (
        ("purpose = '没看过'", "purpose = '第2次'", "被改过"),
        ("at = at + interval '1 microsecond'", "at = at - interval '1 microsecond'", "被改过"),
        ("actor_id = actor_id + 1", "actor_id = actor_id - 1", "被改过"),
        ("id = 999999", "id = %s", "不见了"),
    ):
        by_force(f"UPDATE records_accesslog SET {sql} WHERE public_id = %s", [victim.public_id])
        code, said = verify()
        assert code == 1
        assert f"第 {victim.pk} 行查看记录{says}" in said
        assert len(said.splitlines()) == 1
        assert invariants.checks()["access log"]() == said.splitlines()
        values = [victim.pk] if "%s" in back else []
        by_force(f"UPDATE records_accesslog SET {back} WHERE public_id = %s", [*values, victim.public_id])
        assert verify()[0] == 0


def test_a_seal_made_anew_breaks_the_next_one(sealed: list[AccessLog]) -> None:
    victim = AccessSeal.objects.get(log_id=sealed[2].pk)
    row = AccessLog.objects.get(pk=sealed[2].pk)
    row.purpose = "没看过"
    forged = seals.digest_of(row, position=victim.position, previous=bytes(victim.previous))
    by_force("UPDATE records_accesslog SET purpose = '没看过' WHERE id = %s", [row.pk])
    by_force("UPDATE records_accessseal SET sha256 = %s WHERE log_id = %s", [forged, row.pk])

    code, said = verify()

    assert code == 1
    assert f"第 {victim.position + 1} 号封条接不上" in said


def test_a_row_slipped_in_later_is_named(sealed: list[AccessLog]) -> None:
    actor_id = sealed[0].actor_id
    by_force(
        "INSERT INTO records_accesslog (id, public_id, actor_id, actor_name, is_hq, action, fields, purpose,"
        " count, request_id, at)"
        " VALUES (%s, gen_random_uuid(), %s, '某人', true, 'view', '', '', 1, '', now())",
        [-1, actor_id],
    )

    later = timezone.now() + timedelta(hours=2)
    found = list(seals.problems(now=later, kept=None))

    assert len(found) == 1
    assert "-1" in found[0]


def test_rows_are_sealed_in_commit_order_and_none_is_missed(transactional_db: None) -> None:
    actor = a_host().user
    written, done = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            look(actor, purpose="先写后提交")
            written.set()
            done.wait(300)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(300)
    fast = look(actor, purpose="后写先提交")
    before = seals.seal(now=timezone.now())
    done.set()
    thread.join()
    after = seal_all()

    # What is younger than an open transaction waits for it: nothing is sealed out of order.
    assert (before, after) == (0, 2)
    order = list(AccessSeal.objects.order_by("position").values_list("log_id", flat=True))
    assert order == sorted(order)
    assert order[-1] == fast.pk
    assert verify()[0] == 0


def test_sealers_at_once_make_one_chain(transactional_db: None) -> None:
    actor = a_host().user
    for n in range(40):
        look(actor, purpose=str(n))
    wait_for_others()

    counts = at_once([lambda: seals.seal(now=timezone.now())] * 8)

    assert sum(counts) == 40
    assert verify()[0] == 0


def test_the_job_seals_each_minute(transactional_db: None) -> None:
    look(a_host().user)

    wait_for_others()
    jobs.queue_period("records.seal", now=timezone.now())
    jobs.drain(seconds=20)

    assert AccessSeal.objects.count() == 1
