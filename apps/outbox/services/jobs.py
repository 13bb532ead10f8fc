"""What is due: one run for each job and period, or one-off."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.lib.clock import SHANGHAI
from apps.outbox import doorbell, registry
from apps.outbox.models import Job
from apps.outbox.registry import LaterError, Period

logger = logging.getLogger(__name__)

MAX_FAILURES = 5
MAX_CRASHES = 5


def queue(
    name: str,
    *,
    key: str,
    payload: dict[str, Any] | None = None,
    not_before: datetime | None = None,
    period_start: datetime | None = None,
) -> bool:
    """Make sure that job `name` runs once for `key`. The payload holds ids. False when it is known."""
    registry.job_of(name)
    fields: dict[str, Any] = {"name": name, "payload": payload or {}, "period_start": period_start}
    if not_before is not None:
        fields["not_before"] = not_before
    with transaction.atomic():
        _, created = Job.objects.get_or_create(key=f"{name}:{key}", defaults=fields)
        if created:
            doorbell.ring(doorbell.RUN_JOBS)
    return created


def queue_period(name: str, *, now: datetime) -> None:
    """Make the run of the period that holds `now`. Two clocks that tick at once make one run."""
    period = registry.job_of(name).period
    if period is None:
        raise ValueError(f"{name} has no period")
    start = start_of_period(period, now)
    queue(name, key=start.isoformat(), period_start=start)


def start_of_period(period: Period, now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI).replace(second=0, microsecond=0)
    match period:
        case Period.MINUTE:
            return local
        case Period.TEN_MINUTES:
            return local.replace(minute=local.minute // 10 * 10)
        case Period.HOUR:
            return local.replace(minute=0)
        case Period.DAY:
            return local.replace(hour=0, minute=0)


def drain(*, stop: Callable[[], bool] = lambda: False, seconds: float = 60) -> int:
    """Run what is due until nothing is, or time is up; how many jobs were run."""
    until = time.monotonic() + seconds
    run = 0
    while not stop() and time.monotonic() < until and (job := _take()) is not None:
        _run(job)
        run += 1
    return run


def _take() -> Job | None:
    due = Q(state=Job.State.NEW, not_before__lte=Now()) | Q(state=Job.State.LEASED, lease_until__lt=Now())
    while True:
        with transaction.atomic():
            job = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(due, name__in=registry.job_names())
                .order_by("not_before", "pk")
                .first()
            )
            if job is None:
                return None
            job.crashes += job.state == Job.State.LEASED
            job.fence += 1
            if job.crashes >= MAX_CRASHES:
                _end(job, Job.State.DEAD, "运行它的进程多次中断")
                continue
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.LEASED,
                tries=F("tries") + 1,
                crashes=job.crashes,
                fence=job.fence,
                lease_until=Now() + registry.job_of(job.name).lease,
            )
            return job


def _run(job: Job) -> None:
    try:
        outcome = registry.job_of(job.name).run(job.payload, timezone.now())
    except LaterError as later:
        _write(job, partial(_put_off, wait=later.wait, outcome=later.note))
    except Exception:
        logger.exception("job %s (%s) broke", job.pk, job.name)
        _write(job, _count_failure)
    else:
        _write(job, partial(_end, state=Job.State.DONE, outcome=outcome))


def _write(job: Job, write: Callable[[Job], None]) -> None:
    with transaction.atomic():
        held = (
            Job.objects.select_for_update().filter(pk=job.pk, fence=job.fence, state=Job.State.LEASED).first()
        )
        if held is not None:
            write(held)


def _count_failure(job: Job) -> None:
    job.failures += 1
    if job.failures >= MAX_FAILURES:
        _end(job, Job.State.DEAD, "运行时程序多次出错")
    else:
        _put_off(job, timedelta(seconds=30 * 2**job.failures), "运行时程序出错")


def _put_off(job: Job, wait: timedelta, outcome: str) -> None:
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.NEW,
        lease_until=None,
        not_before=Now() + wait,
        failures=job.failures,
        outcome=outcome[:200],
    )


def _end(job: Job, state: str, outcome: str) -> None:
    if state == Job.State.DEAD:
        logger.error("job %s (%s) given up: %s", job.pk, job.name, outcome)
    Job.objects.filter(pk=job.pk).update(
        state=state,
        lease_until=None,
        failures=job.failures,
        crashes=job.crashes,
        outcome=outcome[:200],
        finished_at=Now(),
    )
