"""What follows when Wagtail has published something of ours."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.models import Revision
from wagtail.signals import published

from apps.content import announcing
from apps.content.cases import services as cases
from apps.content.checks import likeness
from apps.content.models import Case, Issue, Material


@receiver(published, sender=Issue)
def tell_hosts(sender: type[Issue], instance: Issue, revision: Revision, **kwargs: Any) -> None:
    """Announce an issue that goes live for the first time; the signal also comes when it is only planned."""
    if instance.live and revision.is_first:
        at, now = revision.as_of or instance.last_published_at, timezone.now()
        announcing.announce(announcing.news_of(instance, now), at=at, now=now, actor_id=revision.user_id)


@receiver(published, sender=Case)
def tell_hosts_of_case(sender: type[Case], instance: Case, revision: Revision, **kwargs: Any) -> None:
    """Announce a case that goes live for the first time."""
    if instance.live and revision.is_first:
        at, now = revision.as_of or instance.last_published_at, timezone.now()
        announcing.announce(cases.news_of(instance), at=at, now=now, actor_id=revision.user_id)


@receiver(post_save, sender=Material)
def know_its_text(
    sender: type[Material], instance: Material, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Keep the print by which later texts are seen to be nearly the same."""
    if update_fields is None or {"title", "summary", "share_text", "body"} & update_fields:
        likeness.keep_print(instance)
