"""A job runs once for its period or its key."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.lib.clock import SHANGHAI
from apps.outbox import registry
from apps.outbox.leases import MAX_CRASHES, MAX_FAILURES
from apps.outbox.models import Job
from apps.outbox.registry import JobKind, LaterError, Period
from apps.outbox.services import jobs

pytestmark = pytest.mark.django_db

PassTime = Callable[..., None]
MORNING = datetime(2026, 3, 5, 9, 41, 30, tzinfo=SHANGHAI)


class Chore:
    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.raises: list[Exception] = []

    def run(self, payload: dict[str, Any], now: datetime) -> str:
        self.runs.append(payload)
        if self.raises:
            raise self.raises.pop(0)
        return "fine"


@pytest.fixture
def chore(monkeypatch: pytest.MonkeyPatch) -> Chore:
    chore = Chore()
    monkeypatch.setitem(registry._jobs, "chore", JobKind("chore", chore.run, Period.HOUR))
    return chore


def test_two_clocks_make_one_run_a_period(chore: Chore) -> None:
    jobs.queue_period("chore", now=MORNING)
    jobs.queue_period("chore", now=MORNING + timedelta(minutes=10))
    jobs.drain()
    jobs.queue_period("chore", now=MORNING + timedelta(minutes=15))
    jobs.drain()
    assert len(chore.runs) == 1

    jobs.queue_period("chore", now=MORNING + timedelta(minutes=19))
    jobs.drain()
    assert len(chore.runs) == 2


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period.MINUTE, datetime(2026, 3, 5, 9, 41)),
        (Period.TEN_MINUTES, datetime(2026, 3, 5, 9, 40)),
        (Period.HOUR, datetime(2026, 3, 5, 9, 0)),
        (Period.DAY, datetime(2026, 3, 5)),
    ],
)
def test_periods_begin_by_the_clock_of_shanghai(period: Period, start: datetime) -> None:
    assert jobs.start_of_period(period, MORNING) == start.replace(tzinfo=SHANGHAI)


def test_a_one_off_job_gets_its_ids_once(chore: Chore) -> None:
    assert jobs.queue("chore", key="import:7", payload={"ids": [7]})
    assert not jobs.queue("chore", key="import:7", payload={"ids": [8]})
    jobs.drain()

    assert chore.runs == [{"ids": [7]}]
    assert Job.objects.get().outcome == "fine"


def test_a_job_that_must_wait_runs_again(chore: Chore, pass_time: PassTime) -> None:
    chore.raises = [LaterError(timedelta(minutes=5), "not now")]
    jobs.queue("chore", key="a")
    jobs.drain()
    assert Job.objects.get().state == "new"

    pass_time(minutes=6)
    jobs.drain()
    assert Job.objects.get().state == "done"


@pytest.mark.filterwarnings("ignore")
def test_a_broken_job_is_given_up_visibly(chore: Chore, pass_time: PassTime) -> None:
    chore.raises = [RuntimeError("bug")] * 9
    jobs.queue("chore", key="a")
    for _ in range(7):
        jobs.drain()
        pass_time(hours=1)

    assert len(chore.runs) == MAX_FAILURES
    assert Job.objects.get().state == "dead"


def test_a_job_of_a_dead_worker_is_taken_over(chore: Chore, pass_time: PassTime) -> None:
    jobs.queue("chore", key="a")
    assert jobs.take() is not None
    assert jobs.drain() == 0

    pass_time(minutes=11)
    assert jobs.drain() == 1
    assert Job.objects.get().state == "done"


def test_a_job_that_kills_its_workers_is_given_up(chore: Chore, pass_time: PassTime) -> None:
    jobs.queue("chore", key="a")
    for _ in range(MAX_CRASHES):
        assert jobs.take() is not None
        pass_time(minutes=11)

    assert jobs.take() is None
    assert Job.objects.get().state == "dead"


def test_a_worker_that_lost_its_job_writes_nothing(chore: Chore, pass_time: PassTime) -> None:
    jobs.queue("chore", key="a")
    slow = jobs.take()
    pass_time(minutes=11)
    heir = jobs.take()
    assert slow is not None
    assert heir is not None

    jobs.run(slow)
    assert Job.objects.get().state == "leased"
    jobs.run(heir)
    assert Job.objects.get().state == "done"
