"""What is due: one run for each job and period, or one-off."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.lib.clock import SHANGHAI
from apps.outbox import doorbell, registry
from apps.outbox.leases import Leases
from apps.outbox.models import Job
from apps.outbox.registry import LaterError, Period

logger = logging.getLogger(__name__)

LEASES = Leases(
    Job,
    waiting=Job.State.NEW,
    words="outcome",
    died="运行它的进程多次中断",
    broke="运行时程序出错",
    rest=lambda failures: timedelta(seconds=30 * 2**failures),
    given_up=lambda job: registry.job_of(job.name).given_up(job.payload),
)


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


def has_broken(name: str, *, key: str) -> bool:
    """Whether our own code has broken over this run, which waits to be tried again."""
    return Job.objects.filter(key=f"{name}:{key}", failures__gt=0).exists()


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
    done = 0
    while not stop() and time.monotonic() < until and (job := take()) is not None:
        run(job)
        done += 1
    return done


def take() -> Job | None:
    """Lease the oldest job that is due."""
    known = Job.objects.filter(name__in=registry.job_names())
    return LEASES.take(known, lease=lambda job: registry.job_of(job.name).lease)


def run(job: Job) -> None:
    """Run a leased job and write its outcome, unless the lease has passed on meanwhile."""
    try:
        outcome = registry.job_of(job.name).run(job.payload, timezone.now())
    except LaterError as later:
        wait, note = later.wait, later.note
        LEASES.settle(job.pk, job.fence, lambda held: LEASES.put_off(held, wait, note))
    except Exception:
        logger.exception("job %s (%s) broke", job.pk, job.name)
        LEASES.settle(job.pk, job.fence, LEASES.count_failure)
    else:
        LEASES.settle(job.pk, job.fence, lambda held: LEASES.end(held, Job.State.DONE, outcome))
