"""A customer whose words a host collects: what the tests of stories share."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.library import services as content
from apps.library.models import Material
from apps.records.declarations import Subject
from apps.stories import services
from apps.stories.models import Story
from tests.factories import a_host
from tests.happenings import a_customer
from tests.library import desk
from tests.media import samples

NOW = desk.NOW
WORDS = "孩子以前不吃早饭，现在每天自己盛一碗。\n老师说上午精神好多了。"
TITLE, CALLED = "孩子自己盛粥了", "两个娃的妈妈"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def relation(lin: Host) -> Relation:
    return a_customer(lin, "13800008000", at=NOW)


def phone(host: Host) -> Client:
    client = Client()
    client.force_login(host.user)
    return client


def asked(relation: Relation, *, pictures: int = 1, **more: Any) -> tuple[str, Story]:
    files = [samples.picture(size=(320, 200 + n)) for n in range(pictures)]
    data = {"title": TITLE, "called": CALLED, "text": WORDS, "pictures": files, "now": NOW, **more}
    return services.ask(relation, **data)


def mark(story: Story) -> str:
    return services.mark_of(story, services.notice(now=NOW))


def answer(secret: str, do: str, story: Story, **more: str) -> Any:
    data = {"do": do, "seen": mark(story), **({"consent": "on"} if do == "agree" else {}), **more}
    return Client().post(f"/u/{secret}/", data)


def agreed(relation: Relation, **more: Any) -> tuple[str, Story]:
    secret, story = asked(relation, **more)
    assert answer(secret, "agree", story).status_code == 302
    story.refresh_from_db()
    return secret, story


def published(relation: Relation, **more: Any) -> tuple[str, Story, Material]:
    secret, story = agreed(relation, **more)
    material = services.take(story, by=desk.a_reviewer(f"r{story.pk}"), now=NOW)
    content.publish(material, by=None)
    story.refresh_from_db()
    return secret, story, material


def subject_of(relation: Relation) -> Subject:
    return Subject((relation.pk,), (), (relation.host_id,))
