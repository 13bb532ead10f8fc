"""Acts on many rows of a list that take too long to wait for: a worker carries them out."""

from datetime import datetime
from typing import Any

from apps.console_kit.lists import running
from apps.console_kit.models import BulkRun
from apps.outbox.registry import JobKind
from apps.outbox.services import jobs


def _run(payload: dict[str, Any], now: datetime) -> str:
    return running.carry_out(payload["id"], now)


JOB = JobKind("console.bulk", _run)


def have_done(run: BulkRun) -> None:
    jobs.queue(JOB.name, key=f"{run.pk}:{run.state}", payload={"id": run.pk})
