"""The doorbell's other end. Any task may be run at any time, any number of times: rows say what is due."""

from celery import shared_task


@shared_task(ignore_result=True)
def send_normal() -> None:
    from apps.outbox.models import Lane
    from apps.outbox.services import deliveries

    deliveries.drain(Lane.NORMAL)


@shared_task(ignore_result=True)
def send_bulk() -> None:
    from apps.outbox.models import Lane
    from apps.outbox.services import deliveries

    deliveries.drain(Lane.BULK)


@shared_task(ignore_result=True, soft_time_limit=600, time_limit=660)
def run_jobs() -> None:
    from apps.outbox.services import jobs

    jobs.drain(seconds=300)


@shared_task(ignore_result=True)
def beat_heart() -> None:
    """Say that rings are heard."""
    from apps.outbox.services import heartbeats

    heartbeats.beat(heartbeats.WORKER)


@shared_task(ignore_result=True)
def start_period(*, name: str) -> None:
    """Beat calls this; the job runs once for the period that holds this moment."""
    from django.utils import timezone

    from apps.outbox.services import jobs

    jobs.queue_period(name, now=timezone.now())


@shared_task(ignore_result=True)
def delete_consumed_rings() -> None:
    from apps.outbox.services import broker

    broker.delete_consumed()
