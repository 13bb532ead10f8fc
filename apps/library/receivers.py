"""What follows when Wagtail has published something of ours."""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import Revision
from wagtail.signals import published, unpublished

from apps.library import announcing
from apps.library.checks import likeness
from apps.library.models import Material
from apps.library.models.publishing import Publishable
from apps.library.publishing import cause_of, news_of
from apps.outbox.services import cancelling
from apps.tracking import services as tracking
from apps.tracking.facts import Fact


def follow(model: type[Publishable]) -> None:
    """Have hosts told of rows of `model` that go live or come back, and nothing sent of those taken down."""
    published.connect(tell_hosts, sender=model)
    unpublished.connect(call_off, sender=model)


def write_down(model: type[Publishable]) -> None:
    """Have the ledger know when rows of `model` go live and are taken down, under the model's own name."""
    published.connect(note_going_live, sender=model)
    unpublished.connect(note_taking_down, sender=model)


def tell_hosts(sender: type[Publishable], instance: Publishable, revision: Revision, **kwargs: Any) -> None:
    """Announce what goes live for the first time, and correct what comes back after it was taken down.

    The signal also comes when it is only planned. A change to what is live is told by HQ, or not at all.
    """
    now = timezone.now()
    news = news_of(instance, now)
    if not instance.live or news is None:
        return
    if revision.is_first:
        at = revision.as_of or instance.last_published_at
        announcing.announce(news, at=at, now=now, actor_id=revision.user_id)
    elif revision.comes_back:
        announcing.correct(news, edition=revision.pk, now=now, actor_id=revision.user_id)


def call_off(sender: type[Publishable], instance: Publishable, **kwargs: Any) -> None:
    """Nothing that still waits is sent of what was taken down or is over."""
    word = "已经结束" if instance.expired else "下架了"
    cancelling.cancel_caused_by(cause_of(instance), reason=f"{word}，没有再发")


def note_going_live(
    sender: type[Publishable], instance: Publishable, revision: Revision, **kwargs: Any
) -> None:
    """What hosts are told of is written down with its announcement."""
    now = timezone.now()
    if instance.live and revision.is_first and news_of(instance, now) is None:
        at = revision.as_of or instance.last_published_at or now
        _record(Fact.published(instance._meta.model_name or ""), instance, at, actor_id=revision.user_id)


def note_taking_down(sender: type[Publishable], instance: Publishable, **kwargs: Any) -> None:
    """Taken down by somebody, or over by the clock."""
    user = get_active_log_context().user
    fact = Fact.withdrawn(instance._meta.model_name or "")
    _record(fact, instance, timezone.now(), user.pk if user else None, is_over=instance.expired)


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
