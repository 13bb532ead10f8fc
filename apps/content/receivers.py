"""What follows when Wagtail has published something of ours."""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import Revision
from wagtail.signals import published, unpublished

from apps.content import announcing
from apps.content.cases import services as cases
from apps.content.checks import likeness
from apps.content.models import Case, Issue, Lesson, Material, Path
from apps.content.models.publishing import Publishable
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: How the ledger names what HQ publishes.
_KINDS: dict[type[Any], str] = {
    Material: "material",
    Issue: "issue",
    Case: "case",
    Lesson: "lesson",
    Path: "path",
}


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


@receiver(published, sender=Material)
@receiver(published, sender=Lesson)
@receiver(published, sender=Path)
def note_going_live(
    sender: type[Publishable], instance: Publishable, revision: Revision, **kwargs: Any
) -> None:
    """Issues and cases say it with their announcement."""
    if instance.live and revision.is_first:
        at = revision.as_of or instance.last_published_at or timezone.now()
        _record(Fact.published(_KINDS[sender]), instance, at, actor_id=revision.user_id)


@receiver(unpublished)
def note_taking_down(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """Taken down by somebody, or over by the clock."""
    if sender in _KINDS:
        user = get_active_log_context().user
        by = user.pk if user else None
        _record(Fact.withdrawn(_KINDS[sender]), instance, timezone.now(), by, is_over=instance.expired)


def _record(fact: Fact, row: Publishable, at: datetime, actor_id: int | None, **props: bool) -> None:
    kind = fact.subject
    tracking.record(fact, at=at, actor_id=actor_id, subject_kind=kind, subject_id=row.pk, props=props)


@receiver(post_save, sender=Material)
def know_its_text(
    sender: type[Material], instance: Material, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Keep the print by which later texts are seen to be nearly the same."""
    if update_fields is None or {"title", "summary", "share_text", "body"} & update_fields:
        likeness.keep_print(instance)
