"""What follows when Wagtail has published something of ours."""

from typing import Any

from django.dispatch import receiver
from wagtail.models import Revision
from wagtail.signals import published

from apps.content import services
from apps.content.models import Issue


@receiver(published, sender=Issue)
def tell_hosts(sender: type[Issue], instance: Issue, revision: Revision, **kwargs: Any) -> None:
    """Announce an issue that goes live for the first time; the signal also comes when it is only planned."""
    if instance.live and instance.first_published_at == instance.last_published_at:
        at = getattr(revision, "as_of", None) or instance.last_published_at
        services.announce(instance, at=at, actor_id=revision.user_id)
