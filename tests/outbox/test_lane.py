"""What the lane does: rings for what is due and for nothing else, and ends when it is told to."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from apps.outbox import doorbell, lane, registry
from apps.outbox.models import Lane
from apps.outbox.registry import JobKind, LaneWork, Stop
from apps.outbox.services import deliveries, jobs
from tests.outbox.conftest import OtherSide

pytestmark = pytest.mark.django_db
PassTime = Callable[..., None]


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    monkeypatch.setitem(registry._jobs, "chore", JobKind("chore", lambda payload, now: ""))
    return rung


def look(rings: list[str]) -> list[str]:
    """What the lane rings for now."""
    rings.clear()
    lane.ring_for_what_is_due(lambda: False)
    return sorted(rings)


def test_it_rings_for_what_is_due_and_what_a_dead_worker_left(
    rings: list[str], other_side: OtherSide, pass_time: PassTime
) -> None:
    assert look(rings) == []
    deliveries.queue("post", key="k", body="b", host_id=1)
    jobs.queue("chore", key="a")
    both = sorted([doorbell.SEND_NORMAL, doorbell.RUN_JOBS])
    assert look(rings) == both

    assert deliveries.take(Lane.NORMAL) is not None
    assert jobs.take() is not None
    assert look(rings) == []

    pass_time(minutes=11)
    assert look(rings) == both
    other_side.paused = True
    assert look(rings) == [doorbell.RUN_JOBS]


@pytest.mark.filterwarnings("ignore")
def test_a_work_that_breaks_is_done_again_and_all_end_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "_PAUSE_S", 0.01)
    monkeypatch.setattr(lane.heartbeats, "beat", lambda name: None)
    tries: list[str] = []

    def work(stop: Stop) -> Any:
        tries.append("try")
        if len(tries) < 3:
            raise ValueError("a bug")
        process.stop()

    works = [LaneWork("one", work, 0.01, is_notified=False), LaneWork("two", bool, 0.01, is_notified=False)]
    process = lane.LaneProcess(works)
    thread = threading.Thread(target=process.run)
    thread.start()
    thread.join()

    assert len(tries) == 3
