"""What accounts does by the clock."""

from celery import shared_task
from django.utils import timezone


@shared_task
def forget_tries() -> int:
    """Clear away the counts that no window reaches any more, and the marks of old forms."""
    from apps.accounts.services import rate_limits, sent_forms

    now = timezone.now()
    return rate_limits.forget(now=now) + sent_forms.forget(now=now)
