"""What an operator runs."""

from io import StringIO

import pytest
from django.core.management import call_command

from apps.outbox import invariants
from apps.outbox.models import Heartbeat
from apps.outbox.services import broker, heartbeats
from tests.outbox.conftest import OtherSide

pytestmark = pytest.mark.django_db


def test_sound_data_is_one_line_a_check_and_exit_0() -> None:
    out = StringIO()

    call_command("verify_invariants", "outbox", stdout=out)

    assert out.getvalue() == "outbox: 好\n"


def test_a_violation_is_named_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(invariants._checks, "stars", lambda: ["两颗星不见了（3, 4）"])
    out = StringIO()

    with pytest.raises(SystemExit) as stop:
        call_command("verify_invariants", "stars", stdout=out)

    assert stop.value.code == 1
    assert out.getvalue() == "stars: 1 处不对\n  两颗星不见了（3, 4）\n"


def test_an_unknown_check_is_a_clear_error() -> None:
    err = StringIO()

    with pytest.raises(SystemExit) as stop:
        call_command("verify_invariants", "moon", stderr=err)

    assert stop.value.code == 2
    assert "没有这项检查：moon" in err.getvalue()


def test_work_outbox_does_what_is_due(other_side: OtherSide) -> None:
    from apps.outbox.services import deliveries

    deliveries.queue("post", key="k", body="b")
    out = StringIO()

    call_command("work_outbox", stdout=out)

    assert "发了 1 次请求" in out.getvalue()


def test_a_process_that_beats_is_not_silent() -> None:
    from django.utils import timezone

    heartbeats.beat("worker")
    heartbeats.beat("worker")

    assert Heartbeat.objects.count() == 1
    assert heartbeats.silent(["worker", "welcome"], now=timezone.now()) == ["welcome"]


def test_taken_and_surplus_rings_are_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    monkeypatch.setattr(broker, "MOST_RINGS", 2)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO broker.kombu_message (id, visible, payload, version) VALUES (%s, %s, '', 1)",
            [(number, number > 3) for number in range(1, 9)],
        )

    assert broker.delete_consumed() == 3 + 3

    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM broker.kombu_message ORDER BY id")
        assert cursor.fetchall() == [(7,), (8,)]
