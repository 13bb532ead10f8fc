"""Whose stories: a host's own, those HQ may see, and the one behind a private link."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from apps.accounts.access import hosts_visible_to
from apps.accounts.models import Host, User
from apps.content.models import Story
from apps.lib import crypto, walls


def stories_of(host: Host) -> "QuerySet[Story]":
    return Story.objects.filter(host=host).select_related("product", "material").order_by("-asked_at")


def story_of(host: Host, public_id: Any) -> Story:
    return get_object_or_404(stories_of(host).prefetch_related("pictures"), public_id=public_id)


def stories_seen_by(user: User | AnonymousUser) -> "QuerySet[Story]":
    return Story.objects.filter(host__in=hosts_visible_to(user)).select_related(
        "host__organisation", "product", "material", "reviewed_by", "consent__notice"
    )


def story_for(user: User | AnonymousUser, public_id: Any) -> Story:
    return get_object_or_404(stories_seen_by(user).prefetch_related("pictures"), public_id=public_id)


@contextmanager
def story_behind(token: str) -> Iterator[Story]:
    """The story that a private link is about; Http404 for any other text.

    Inside the block, and only there, the request acts as the story's host.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_story_link_host_as_worker(%s)", [crypto.digest(token)])
        host_id = cursor.fetchone()[0]
    if host_id is None or len(token) > 64:
        raise Http404
    with walls.acting_as(host_id):
        yield Story.objects.select_related("host__organisation", "product").prefetch_related(
            "pictures"
        ).get(digest=crypto.digest(token))
