"""The clock of learning: each morning."""

from celery import shared_task
from django.utils import timezone


@shared_task(ignore_result=True)
def prepare_next_case() -> None:
    from apps.learning.cases import services

    services.ensure_next_case(now=timezone.now())
