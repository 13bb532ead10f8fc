"""Whichever page of hers shows a customer, the first of a session leaves a line of her reading."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from apps.records.models import AccessLog
from apps.workbench.urls import urlpatterns
from tests.accounts import walking

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


def test_every_page_that_shows_a_customer_notes_the_reading() -> None:
    world = walking.World()
    shows, silent = set(), set()
    for route in sorted(str(one.pattern) for one in urlpatterns):
        if route.startswith(("login", "logout", "join/")) or "sign-out" in route:
            continue
        for way in ("get", "post"):
            with transaction.atomic():
                text, is_noted = looked_at(world, route, way)
                transaction.set_rollback(True)
            if any(word in text for word in walking.PERSONAL):
                shows.add(route)
                if not is_noted:
                    silent.add(f"{way} {route}")

    assert silent == set()
    assert {"", "customers/", "me/orders/"} <= shows


def looked_at(world: walking.World, route: str, way: str) -> tuple[str, bool]:
    """What a new session of hers shows there, and whether it left a line."""
    client = Client(raise_request_exception=False)
    client.force_login(world.host.user)
    lines = AccessLog.objects.filter(actor_id=world.host.user_id)
    before = lines.count()
    answer: Any = getattr(client, way)(world.address(route))
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    walking.put_down(answer)
    return content.decode(errors="replace"), lines.count() > before
