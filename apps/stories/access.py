"""Whose stories: a host's own, those HQ may read, and the one behind a private link."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.access import hosts_visible_to
from apps.accounts.models import Host, User
from apps.database import crypto
from apps.stories.models import Story, StoryPicture

#: The right to read what consumers told, and to take it or not.
REVIEW = "stories.review_story"


def stories_of(host: Host) -> "QuerySet[Story]":
    return Story.objects.filter(host=host).select_related("product", "material").order_by("-asked_at", "-pk")


def story_of(host: Host, public_id: Any) -> Story:
    """One of her stories; Http404 for another host's as for an absent one."""
    return get_object_or_404(stories_of(host).prefetch_related("pictures"), public_id=public_id)


def own_picture(host: Host, public_id: Any) -> StoryPicture:
    return get_object_or_404(StoryPicture, public_id=public_id, story__in=stories_of(host))


def stories_read_by(user: User | AnonymousUser, *also: str) -> "QuerySet[Story]":
    """What consumers of the hosts this person sees have answered: before her yes it is not HQ's to read.

    Of the hosts alone at whom she has the rights `also`, too.
    """
    return (
        Story.objects.filter(host__in=hosts_visible_to(user, REVIEW, *also))
        .exclude(state=Story.State.ASKED)
        .select_related("host__organisation", "product", "material", "reviewed_by", "consent__notice")
    )


def story_for(user: User | AnonymousUser, public_id: Any) -> Story:
    return get_object_or_404(stories_read_by(user).prefetch_related("pictures"), public_id=public_id)


def picture_for(user: User | AnonymousUser, public_id: Any) -> StoryPicture:
    return get_object_or_404(StoryPicture, public_id=public_id, story__in=stories_read_by(user))


def host_behind_link(token: str) -> int:
    """Whose customer this private link asks; Http404 for any other text.

    This much a stranger's request may know; to read the story it acts as that host.
    """
    if token and len(token) <= 64:
        with connection.cursor() as cursor:
            cursor.execute("SELECT stories_story_link_host_as_worker(%s)", [crypto.digest(token)])
            host_id: int | None = cursor.fetchone()[0]
        if host_id is not None:
            return host_id
    raise Http404


def story_by_link(token: str) -> Story:
    """The story that this private link asks about, for who acts as its host; Http404 for any other text."""
    rows = Story.objects.select_related("host__organisation", "product", "material")
    return get_object_or_404(rows.prefetch_related("pictures"), digest=crypto.digest(token))
