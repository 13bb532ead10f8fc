"""Each form of the product posted once by a real browser, with what a browser adds: origin, cookies, policy.

The test client sends no `Origin`, so a page whose forms every browser refuses is green for it.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from apps.content.stories import services as stories
from apps.privacy.models import RightsRequest
from apps.privacy.services import consents, rights
from apps.reach import asking
from tests.accounts import walking
from tests.browsing import chromium, window
from tests.committed import own_tables, transactional_db, web
from tests.console import desk
from tests.front.forms import Act, named, send, written
from tests.media import samples

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def now(transactional_db: None) -> Iterator[datetime]:
    with named():
        yield timezone.now()


@pytest.fixture
def world(now: datetime) -> walking.World:
    return walking.World()


@pytest.fixture
def phone(chromium: Browser, web: str) -> Iterator[Page]:
    with window(chromium, web) as context:
        yield context.new_page()


def _consumer(world: walking.World, now: datetime) -> list[Act]:
    relation = world.host.relations.get(public_id=world.values["customers/"]["public_id"])
    consents.give_consent(
        notice=consents.notice_for("sharing", "改进选品", now=now),
        recipient="山野集",
        channel="order",
        relation_id=relation.pk,
        now=now,
    )
    by_code = rights.ask(phone=desk.PHONE, kind=RightsRequest.Kind.EXPORT, now=now)
    code = rights.make_code(RightsRequest.objects.latest("pk"), by=world.people["S"], now=now)
    by_host = rights.vouch(
        host_id=world.host.pk, relation_id=relation.pk, phone=relation.phone, by=world.host.user, now=now
    )
    asked, _ = stories.ask(
        relation,
        title="自己盛粥",
        called="妈妈",
        text="孩子以前不吃早饭，现在自己盛。",
        pictures=[samples.picture()],
        now=now,
    )
    offers = asking.ask(relation, by=world.host.user, now=now)
    order = {"name": "张小雨", "address": "杭州市西湖区文三路 1 号 301", "consent": True}
    return [
        Act("storefront/order.html#1", world.address("s/<str:code>/order/"), order),
        Act("storefront/order_state.html#1", world.address("o/<str:token>/")),
        Act("storefront/my_data.html#1", "/my-data/"),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_code}/", {"code": code}),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_host}/", {"last4": desk.PHONE[-4:]}),
        Act("storefront/my_data_page.html#2", f"/my-data/{by_host}/"),
        Act("storefront/my_data_page.html#3", f"/my-data/{by_host}/"),
        Act("storefront/agree.html#2", f"/agree/{offers}/", button="yes"),
        Act("storefront/agree.html#1", f"/agree/{offers}/", button="no"),
        Act("storefront/story.html#1", f"/u/{asked}/", button="agree"),
        Act("storefront/story.html#2", f"/u/{asked}/", button="withdraw"),
    ]


def test_a_consumer_sends_every_form(world: walking.World, now: datetime, phone: Page) -> None:
    acts = _consumer(world, now)

    assert written("storefront") - {act.form for act in acts} == set(), "say here how a browser sends these"
    assert [wrong for act in acts if (wrong := send(phone, act))] == []
