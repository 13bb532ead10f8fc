"""What is posted for some places alone: what it means when a place moves in the tree."""

from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import Organisation
from apps.lib import clock
from apps.library.models import IssueEntry
from apps.library.models.issues import DAYS


def what_moving_means(node: Organisation, left: set[int], came: set[int]) -> list[str]:
    """Which planned posts are for the places above that it leaves, and for those that it comes under."""
    first = clock.day_of(timezone.now()) - timedelta(days=DAYS)
    entries = IssueEntry.objects.filter(issue__live=True, issue__starts_on__gt=first)
    found = []
    if count := entries.filter(organisation__in=left).count():
        found.append(f"只给原来上级的 {count} 条排期，这里的大C不再看到。")
    if count := entries.filter(organisation__in=came).count():
        found.append(f"只给新上级的 {count} 条排期，这里的大C从现在起看到。")
    return found
