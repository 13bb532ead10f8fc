"""The clock of content: each minute, and each morning."""

from celery import shared_task
from django.utils import timezone


@shared_task(ignore_result=True)
def tick() -> None:
    from apps.library import services

    services.tick(now=timezone.now())


@shared_task(ignore_result=True)
def prepare_next_issue() -> None:
    from apps.library import services

    services.ensure_next_issue(now=timezone.now())
