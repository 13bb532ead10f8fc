"""What accounts does by the clock."""

from celery import shared_task
from django.utils import timezone


@shared_task
def forget_knocks() -> int:
    """Clear away the counts of doors that no window reaches any more."""
    from apps.accounts.services import doors

    return doors.forget(now=timezone.now())
