"""Which processes live: they say so themselves."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from apps.outbox import registry
from apps.outbox.models import Heartbeat

WORKER = "worker"
#: The works of the lane say so each for itself.
LANE = ("welcome", "inbox", "projections")

#: A process that was silent for longer than this is taken for dead.
SILENCE = timedelta(minutes=2)


def beat(process: str) -> None:
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, at=Now())],
        update_conflicts=True,
        unique_fields=["process"],
        update_fields=["at"],
    )


def silent(processes: list[str], *, now: datetime) -> list[str]:
    """Those of `processes` from which nothing was heard lately."""
    alive = set(
        Heartbeat.objects.filter(process__in=processes, at__gt=now - SILENCE).values_list(
            "process", flat=True
        )
    )
    return [process for process in processes if process not in alive]


def heard() -> dict[str, datetime | None]:
    """When each process last said that it lives; None for one that should and never did."""
    last = dict(Heartbeat.objects.values_list("process", "at"))
    expected = [WORKER, *(work.name for work in registry.lane_works())]
    return {process: last.get(process) for process in dict.fromkeys([*expected, *sorted(last)])}
