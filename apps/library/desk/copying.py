"""A second one like it: materials and issues duplicated as drafts of their own."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from wagtail.log_actions import log

from apps.accounts.models import User
from apps.lib import clock
from apps.lib.ids import uuid7
from apps.library.models import Issue, Material
from apps.library.models.issues import DAYS
from apps.library.models.publishing import Publishable

#: What belongs to one row and its own way through review, not to its content.
_OWN = {
    "pk",
    "public_id",
    "latest_revision",
    "live",
    "live_revision",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "go_live_at",
    "expire_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
}
_MARK = "（副本）"


class NotCopiedError(Exception):
    """A consumer's story: she agreed to this one material, which ends when she takes it back."""


class NoRoomError(Exception):
    """The fortnight to copy into has a plan already, or went on to review."""


def copy_material(material: Material, *, by: User) -> Material:
    """A draft with the same content, without dates; the original is not touched.

    NotCopiedError for a consumer's story.
    """
    if material.is_story:
        raise NotCopiedError
    twin = _twin(material)
    limit = Material._meta.get_field("title").max_length or 60
    twin.title = f"{twin.title[: limit - len(_MARK)]}{_MARK}"
    return _kept(twin, by)


def next_free(today: date) -> tuple[int, date]:
    """Number and Monday of the first fortnight after all others."""
    last = Issue.objects.order_by("-starts_on").first()
    number = (Issue.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    monday = clock.monday_of(today)
    return number, (max(last.ends_on, monday) if last else monday)


def empty_drafts(today: date) -> list[Issue]:
    """Fortnights not over that were prepared and still hold nothing: a copy may move in."""
    rows = Issue.objects.filter(
        live=False, first_published_at=None, starts_on__gt=today - timedelta(days=DAYS)
    )
    return [row for row in rows.order_by("starts_on") if _is_empty(row)]


def _is_empty(issue: Issue) -> bool:
    draft = issue.get_latest_revision_as_object()
    return not draft.entries.all() and issue.current_workflow_state is None


def left_behind(issue: Issue, now: datetime) -> list[Material]:
    """Materials of its plan that are archived or past their date: a copy goes without them."""
    draft = issue.get_latest_revision_as_object()
    wanted = {entry.material_id for entry in draft.entries.all()}
    return [
        material
        for material in Material.objects.filter(pk__in=wanted).order_by("pk")
        if material.expired or (material.expire_at is not None and material.expire_at <= now)
    ]


def copy_issue(issue: Issue, *, into: Issue | None, by: User, now: datetime) -> Issue:
    """Theme, words, quotas and plan of an issue as a draft: in a new fortnight, or in an empty one.

    Dates move with the days: day 3 stays day 3. Materials that are over are left out.
    """
    over = {material.pk for material in left_behind(issue, now)}
    with transaction.atomic():
        twin = _twin(issue)
        if into is None:
            twin.number, twin.starts_on = next_free(clock.day_of(now))
        else:
            room = Issue.objects.select_for_update().get(pk=into.pk)
            if room.pk not in {draft.pk for draft in empty_drafts(clock.day_of(now))}:
                raise NoRoomError
            twin.pk, twin.public_id = room.pk, room.public_id
            twin.number, twin.starts_on = room.number, room.starts_on
            twin.latest_revision, twin._state.adding = room.latest_revision, False
            room.quotas.all().delete()
        twin.owner = by
        twin.entries = [entry for entry in twin.entries.all() if entry.material_id not in over]
        return _kept(twin, by, is_new=into is None)


def _twin(row: Any) -> Any:
    """An unsaved row with the content of the newest draft of `row`, whatever fields its model has."""
    data: dict[str, Any] = row.get_latest_revision_as_object().serializable_data()
    children = {relation.get_accessor_name() for relation in row._meta.related_objects}
    for name in children & data.keys():
        for child in data[name]:
            child["pk"] = None
    content = {name: value for name, value in data.items() if name not in _OWN}
    twin = type(row).from_serializable_data({**content, "pk": None}, check_fks=True, strict_fks=False)
    twin.public_id, twin.live = uuid7(), False
    return twin


def _kept(twin: Any, by: User, *, is_new: bool = True) -> Any:
    with transaction.atomic():
        twin.save()
        revision = twin.save_revision(user=by, clean=False)
        log(
            instance=twin,
            action="wagtail.create" if is_new else "wagtail.edit",
            user=by,
            revision=revision,
            content_changed=True,
        )
    found: Publishable = type(twin).objects.get(pk=twin.pk)
    return found
