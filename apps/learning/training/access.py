"""Which lessons a host may take, and whose practice HQ may look at."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from apps.accounts.access import hosts_visible_to
from apps.accounts.models import Host, User
from apps.learning.models import Lesson, Path, PathLesson, Practice

#: The right to look at proofs of practice, and to judge them.
REVIEW = "learning.review_practice"


def paths_for(host: Host) -> "QuerySet[Path]":
    """Published paths for her level, in HQ's order."""
    return Path.objects.filter(
        Q(max_level=None) | Q(max_level__gte=host.level), live=True, min_level__lte=host.level
    ).order_by("position", "min_level", "pk")


def lesson_for(host: Host, public_id: Any) -> Lesson:
    """A published lesson of a path for her level; Http404 for any other."""
    hers = PathLesson.objects.filter(lesson=OuterRef("pk"), path__in=paths_for(host))
    return get_object_or_404(
        Lesson.objects.filter(Exists(hers), live=True).select_related("video__cover"), public_id=public_id
    )


def own_practice(host: Host, public_id: Any) -> Practice:
    return get_object_or_404(Practice.objects.filter(host=host), public_id=public_id)


def practices_seen_by(user: User | AnonymousUser, *also: str) -> "QuerySet[Practice]":
    """Proofs of the hosts that this person at HQ may see, and at whom she has the rights `also`."""
    return Practice.objects.filter(host__in=hosts_visible_to(user, REVIEW, *also)).select_related(
        "host__organisation", "lesson", "reviewed_by"
    )


def practice_for(user: User | AnonymousUser, public_id: Any) -> Practice:
    return get_object_or_404(practices_seen_by(user), public_id=public_id)
