"""What follows when Wagtail has published something of ours."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import Revision
from wagtail.signals import published

from apps.content import services
from apps.content.cases import services as cases
from apps.content.models import Case, Issue


@receiver(published, sender=Issue)
def tell_hosts(sender: type[Issue], instance: Issue, revision: Revision, **kwargs: Any) -> None:
    """Announce an issue that goes live for the first time; the signal also comes when it is only planned."""
    if instance.live and revision.is_first:
        at = revision.as_of or instance.last_published_at
        services.announce(instance, at=at, now=timezone.now(), actor_id=revision.user_id)


@receiver(published, sender=Case)
def tell_hosts_of_case(sender: type[Case], instance: Case, revision: Revision, **kwargs: Any) -> None:
    """Announce a case that goes live for the first time."""
    if instance.live and revision.is_first:
        at = revision.as_of or instance.last_published_at
        cases.announce(instance, at=at, now=timezone.now(), actor_id=revision.user_id)
