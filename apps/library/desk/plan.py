"""Changing an issue's posting plan entry by entry, so that two people at one plan do not undo each other.

Each act is applied to the newest draft under a lock on the issue's row. An entry is named by its day and its
material, of which a plan holds one at most.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.html import strip_tags

from apps.accounts.models import Organisation, User
from apps.library.models import Issue, IssueEntry, Material
from apps.library.models.issues import DAYS
from apps.library.models.materials import MaterialQuerySet

#: When a material is posted, unless somebody says otherwise.
USUAL_TIME = time(9)


class PlanError(Exception):
    """It can't be done; the words say why and what to do instead."""


@dataclass(frozen=True)
class Place:
    """Which entry of a plan."""

    day: int
    material_id: int


@dataclass(frozen=True)
class Wish:
    """What an entry says besides its material."""

    day: int
    best_time: time
    tip: str = ""
    organisation: Organisation | None = None
    host_kind: str = ""
    min_level: int = 0


def draft_of(issue: Issue) -> Issue:
    """The issue as its editors see it."""
    draft: Issue = issue.get_latest_revision_as_object()
    return draft


def entries_by_day(draft: Issue) -> dict[int, list[IssueEntry]]:
    """The draft's plan with materials and organisations, in two queries; each day is there."""
    entries = list(draft.entries.all())
    materials = Material.objects.in_bulk({entry.material_id for entry in entries})
    organisations = Organisation.objects.in_bulk(
        {entry.organisation_id for entry in entries if entry.organisation_id}
    )
    days: dict[int, list[IssueEntry]] = {day: [] for day in range(1, DAYS + 1)}
    for entry in sorted(entries, key=lambda entry: (entry.day, entry.best_time, entry.material_id)):
        entry.material = materials[entry.material_id]
        if entry.organisation_id:
            entry.organisation = organisations[entry.organisation_id]
        days[entry.day].append(entry)
    return days


def materials_to_plan(words: str, kind: str, now: datetime) -> MaterialQuerySet:
    """What may be put into a plan: everything that is not over, the newest first."""
    found: MaterialQuerySet = Material.objects.titled().exclude(expire_at__lte=now)
    if kind:
        found = found.filter(kind=kind)
    return found.matching(words).order_by("-live", "-pk") if words else found.order_by("-live", "-pk")


def put(issue_id: int, material_id: int, *, day: int, by: User, now: datetime) -> Material:
    """Plan a material for a day, for all hosts; PlanError."""
    material = (
        Material.objects.titled()
        .filter(pk=material_id)
        .filter(Q(expire_at=None) | Q(expire_at__gt=now))
        .first()
    )
    if material is None:
        raise PlanError("这个素材还没有标题，或者已经归档、到期了，不能排。请换一个。")
    with _changing(issue_id, by) as draft:
        _refuse_twice(draft, Place(day, material_id))
        draft.entries.add(IssueEntry(material=material, day=_a_day(day), best_time=USUAL_TIME))
    return material


def move(issue_id: int, place: Place, *, day: int, by: User) -> None:
    """Move an entry to another day; the rest of it stays."""
    with _changing(issue_id, by) as draft:
        entry = _entry_at(draft, place)
        if day == place.day:
            return
        _refuse_twice(draft, Place(day, place.material_id))
        entry.day = _a_day(day)
        _keep(draft, entry)


def change(issue_id: int, place: Place, wish: Wish, *, by: User) -> None:
    """Say when, how and for whom an entry is."""
    with _changing(issue_id, by) as draft:
        entry = _entry_at(draft, place)
        if wish.day != place.day:
            _refuse_twice(draft, Place(wish.day, place.material_id))
        entry.day, entry.best_time, entry.tip = _a_day(wish.day), wish.best_time, wish.tip
        entry.organisation, entry.host_kind, entry.min_level = (
            wish.organisation,
            wish.host_kind,
            wish.min_level,
        )
        _keep(draft, entry)


def remove(issue_id: int, place: Place, *, by: User) -> None:
    """Take an entry out of the plan; its material stays in the library."""
    with _changing(issue_id, by) as draft:
        draft.entries.remove(_entry_at(draft, place))


@contextmanager
def _changing(issue_id: int, by: User) -> Iterator[Issue]:
    """The newest draft under a lock; saved as a revision of `by` when the block went well."""
    with transaction.atomic():
        issue = Issue.objects.select_for_update().get(pk=issue_id)
        if (why := lock_words(issue, by)) is not None:
            raise PlanError(why)
        draft = draft_of(issue)
        before = _said(draft)
        yield draft
        if _said(draft) == before:
            return
        try:
            draft.full_clean()
        except ValidationError as error:
            raise PlanError(" ".join(error.messages)) from error
        if not draft.live:  # as the form does: what nobody sees yet is kept in the tables too
            draft.save()
        draft.save_revision(user=by, log_action=True, clean=False)


def lock_words(issue: Issue, user: Any) -> str | None:
    """Why this person can't change the issue now, or None."""
    lock = issue.get_lock()
    if lock is None or not lock.for_user(user):
        return None
    return strip_tags(str(lock.get_message(user) or "这一期现在不能改。"))


def _said(draft: Issue) -> list[Any]:
    return list(draft.serializable_data()["entries"])


def _a_day(day: int) -> int:
    if not 1 <= day <= DAYS:
        raise PlanError(f"一期只有第 1 到第 {DAYS} 天。")
    return day


def _entry_at(draft: Issue, place: Place) -> IssueEntry:
    for entry in draft.entries.all():
        if (entry.day, entry.material_id) == (place.day, place.material_id):
            return entry
    raise PlanError("这一条刚被别人移走或去掉了。页面已经是最新的，请再看一眼。")


def _keep(draft: Issue, entry: IssueEntry) -> None:
    """Write a changed entry back: `all()` gives new objects of rows that the database holds."""
    draft.entries.add(entry)


def _refuse_twice(draft: Issue, place: Place) -> None:
    if any((entry.day, entry.material_id) == (place.day, place.material_id) for entry in draft.entries.all()):
        raise PlanError(f"第 {place.day} 天已经排了这个素材。")
