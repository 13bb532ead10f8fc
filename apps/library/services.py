"""What can be done with materials and issues."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Max
from wagtail.models import Revision

from apps.accounts.models import Host, User
from apps.lib import clock
from apps.library import announcing
from apps.library.checks import likeness
from apps.library.models import Favourite, HostVariant, Issue, IssueEntry, IssueQuota, Material
from apps.library.models.issues import DAYS
from apps.library.models.publishing import NotPublishableError, Publishable, publishables
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

logger = logging.getLogger(__name__)

_TICK_LOCK = 0x636F6E74  # "cont": one tick at a time in the whole cluster
DEFAULT_QUOTAS: dict[str, int] = {
    Material.Kind.ARTICLE: 2,
    Material.Kind.PICTURES: 4,
    Material.Kind.VIDEO: 1,
    Material.Kind.NEW_PRODUCT: 1,
    Material.Kind.SCRIPT: 2,
}


# --- going live ---------------------------------------------------------------------------------------


def publish(row: Publishable, *, by: User | None, as_of: datetime | None = None) -> None:
    """Publish a row as it is, without review: for content that our own code makes (demo data).

    At once, unless a time to go live is set. With `as_of` it is told as history: nobody is messaged unless
    the fortnight still runs.
    """
    with transaction.atomic():
        revision = row.save_revision(user=by, clean=False)
        row.publish(revision, user=by, as_of=as_of, at_once=True, skip_permission_checks=True)
    row.refresh_from_db()


@dataclass(frozen=True)
class Ticked:
    """What one tick of the clock did."""

    published: int = 0
    refused: int = 0
    archived: int = 0


def tick(*, now: datetime) -> Ticked:
    """Publish what is due and archive what is over. Each row for itself: one that fails holds up no other.

    Materials go first, since an issue waits for its materials. Only one tick runs at a time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_TICK_LOCK])
        if not cursor.fetchone()[0]:
            return Ticked()
    try:
        published, refused = _publish_due(now)
        likeness.fill()
        return Ticked(published=published, refused=refused, archived=_archive_due(now))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_TICK_LOCK])


def _publish_due(now: datetime) -> tuple[int, int]:
    published = refused = 0
    for model in publishables():
        content_type = ContentType.objects.get_for_model(model)
        due = Revision.objects.filter(base_content_type=content_type, approved_go_live_at__lte=now)
        for revision in due.order_by("approved_go_live_at", "pk"):
            try:
                with transaction.atomic():
                    revision.publish(user=revision.user, skip_permission_checks=True)
                published += 1
            except NotPublishableError as error:
                # It stays planned: HQ's home shows it as overdue with the same reasons.
                refused += 1
                logger.warning(
                    "library.not_publishable", extra={"revision": revision.pk, "count": len(error.reasons)}
                )
            except Exception:
                # It stays planned, and late for all to see, until one of the next rounds brings it out.
                refused += 1
                logger.exception("library.publish_failed", extra={"revision": revision.pk})
    return published, refused


def _archive_due(now: datetime) -> int:
    archived = 0
    for model in publishables():
        for row in model.objects.filter(live=True, expire_at__lte=now).order_by("pk"):
            try:
                with transaction.atomic():
                    row.unpublish(set_expired=True)
                    if isinstance(row, Material):
                        announcing.tell_it_is_over(row, now=now)
                archived += 1
            except Exception:
                logger.exception("library.archive_failed", extra={"model": model._meta.label, "pk": row.pk})
    return archived


# --- the next issue ---------------------------------------------------------------------------------------


def ensure_next_issue(*, now: datetime) -> Issue | None:
    """Have a draft for the fortnight after the newest that has begun, so that nobody starts from nothing.

    None when one is there already, or when there has never been an issue to follow.
    """
    today = clock.day_of(now)
    last = Issue.objects.filter(starts_on__lte=today).order_by("-starts_on").first()
    if last is None:
        return None
    starts_on = max(last.ends_on, clock.monday_of(today))
    # One planned for a day far ahead is not the next one.
    if Issue.objects.filter(starts_on__gt=today, starts_on__lt=starts_on + timedelta(days=DAYS)).exists():
        return None
    number = (Issue.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    issue = Issue(number=number, theme="主题待定", starts_on=starts_on, owner=last.owner, live=False)
    quotas = {quota.kind: quota.minimum for quota in last.quotas.all()} or DEFAULT_QUOTAS
    issue.quotas = [IssueQuota(kind=kind, minimum=minimum) for kind, minimum in quotas.items()]  # type: ignore[misc]
    with transaction.atomic():
        issue.save()
        issue.save_revision(user=None, clean=False)
    return issue


def add_issue(
    *,
    number: int,
    theme: str,
    starts_on: Any,
    owner: User,
    entries: list[IssueEntry],
    quotas: dict[str, int],
    intro: str = "",
) -> Issue:
    """A draft issue with its plan, for code that writes whole issues (demo data)."""
    issue = Issue(number=number, theme=theme, intro=intro, starts_on=starts_on, owner=owner, live=False)
    issue.entries = entries  # type: ignore[misc]
    issue.quotas = [IssueQuota(kind=kind, minimum=minimum) for kind, minimum in quotas.items()]  # type: ignore[misc]
    issue.full_clean()
    issue.save()
    return issue


# --- what she does with it ------------------------------------------------------------------------------


def record_act(
    fact: Fact,
    host: Host,
    material: Material,
    *,
    now: datetime,
) -> None:
    """Write down what a host did with a material: opened, copied, saved; sharing is `sharing.share`."""
    tracking.record(
        fact,
        at=now,
        host_id=host.pk,
        actor_id=host.user_id,
        subject_kind=Subject.MATERIAL,
        subject_id=material.pk,
    )


def let_go(host: Host, material: Material, *, now: datetime) -> None:
    """She won't share what the plan brought on a day that is past: nobody reminds her of it again."""
    record_act(Fact.MATERIAL_LET_GO, host, material, now=now)


# --- what she makes of it ------------------------------------------------------------------------------


@transaction.atomic
def set_favourite(host: Host, material: Material, *, wanted: bool, now: datetime) -> None:
    """Mark a material, or take the mark away; either twice changes nothing."""
    if wanted:
        _, is_new = Favourite.objects.get_or_create(
            host=host, material=material, defaults={"created_at": now}
        )
        if is_new:
            record_act(Fact.MATERIAL_FAVOURED, host, material, now=now)
    elif Favourite.objects.filter(host=host, material=material).delete()[0]:
        record_act(Fact.MATERIAL_UNFAVOURED, host, material, now=now)


@transaction.atomic
def keep_words(host: Host, material: Material, *, text: str, now: datetime) -> bool:
    """Keep her own variant of the text. HQ's own words, or none, are no variant: hers is taken away (False).

    Nobody rewords what a consumer told: hers stays as she agreed to it.
    """
    text = text.strip()
    if material.is_story or not text or text == material.share_text.strip():
        drop_words(host, material, now=now)
        return False
    HostVariant.objects.update_or_create(
        host=host, material=material, defaults={"text": text, "updated_at": now}
    )
    record_act(Fact.MATERIAL_REWORDED, host, material, now=now)
    return True


@transaction.atomic
def drop_words(host: Host, material: Material, *, now: datetime) -> None:
    """Back to HQ's words."""
    if HostVariant.objects.filter(host=host, material=material).delete()[0]:
        record_act(Fact.MATERIAL_WORDS_DROPPED, host, material, now=now)
