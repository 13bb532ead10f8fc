"""The hourly job that clears away what nobody needs any more."""

from datetime import datetime, timedelta
from typing import Any

from apps.outbox.models import Job
from apps.outbox.registry import JobKind, Period

JOBS_KEPT = timedelta(days=90)


def tidy(payload: dict[str, Any], now: datetime) -> str:
    old, _ = Job.objects.filter(state=Job.State.DONE, finished_at__lt=now - JOBS_KEPT).delete()
    return f"删除了 {old} 条旧任务记录"


JOB = JobKind("outbox.tidy", tidy, period=Period.HOUR)
