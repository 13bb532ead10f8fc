"""Each form of the product posted once by a real browser, with what a browser adds: origin, cookies, policy.

The test client sends no `Origin`, so a page whose forms every browser refuses is green for it.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from apps.accounts.services import joining
from apps.catalog import services as catalog
from apps.content.stories import services as stories
from apps.lib.ids import uuid7
from apps.privacy.models import RightsRequest
from apps.privacy.services import consents, rights
from apps.wecom.models import MassSend
from tests.accounts import walking
from tests.browsing import chromium, window
from tests.committed import own_tables, transactional_db, web
from tests.console import desk
from tests.content.lessons import a_lesson
from tests.factories import PASSWORD, a_sku
from tests.front.forms import Act, named, send, written
from tests.media import samples
from tests.workbench.issues import a_material, with_pictures

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
    order = {"name": "张小雨", "address": "杭州市西湖区文三路 1 号 301", "consent": True}
    return [
        Act("storefront/order.html#1", world.address("s/<str:code>/order/"), order),
        Act("storefront/order_state.html#1", world.address("o/<str:token>/")),
        Act("storefront/my_data.html#1", "/my-data/"),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_code}/", {"code": code}),
        Act("storefront/my_data_page.html#1", f"/my-data/{by_host}/", {"last4": desk.PHONE[-4:]}),
        Act("storefront/my_data_page.html#2", f"/my-data/{by_host}/"),
        Act("storefront/story.html#1", f"/u/{asked}/", button="agree"),
        Act("storefront/story.html#2", f"/u/{asked}/", button="withdraw"),
    ]


def test_a_consumer_sends_every_form(world: walking.World, now: datetime, phone: Page) -> None:
    acts = _consumer(world, now)

    assert written("storefront") - {act.form for act in acts} == set(), "say here how a browser sends these"
    assert [wrong for act in acts if (wrong := send(phone, act))] == []


def _host(world: walking.World, now: datetime, picture: Path) -> list[Act]:
    host = world.host
    material = f"/materials/{with_pictures(a_material(), 1).public_id}/"
    catalog.add_to_shelf(host, a_sku("第二件").product, now=now)
    offer = f"/offers/{a_sku('第三件').product.public_id}/"
    shelf = host.shelf.order_by("position")
    person = world.address("customers/<uuid:public_id>/")
    order, other = (f"/me/orders/{one.public_id}/" for one in host.orders.order_by("pk"))
    lesson = f"/learn/lessons/{a_lesson(task='问候一次').public_id}/"
    case = world.address("cases/<uuid:public_id>/")
    story = world.address("stories/<uuid:public_id>/")
    _, again = stories.ask(
        host.relations.get(public_id=world.values["customers/"]["public_id"]),
        title="再问一次",
        called="妈妈",
        text="孩子以前不吃早饭，现在自己盛。",
        pictures=[samples.picture()],
        now=now,
    )
    waiting = f"/stories/{again.public_id}/"
    send_ = MassSend.objects.get()
    sent = MassSend.objects.create(
        host=host,
        channel="group",
        key=uuid7(),
        title="茶",
        audience="我的全部客户群",
        created_at=now,
        state=MassSend.State.SENT,
        taken_at=now,
        confirmed_at=now,
    )
    MassSend.objects.filter(pk=send_.pk).update(state=MassSend.State.WAITING, taken_at=now)
    sends = "/me/sends/"
    return [
        Act("workbench/sign_in.html#1", "/login/", {"username": host.user.username, "password": PASSWORD}),
        Act("workbench/_favourite.html#1", material),
        Act("workbench/material.html#1", material),
        Act("workbench/material.html#2", material),
        Act("workbench/_ways.html#1", f"{material}share/", button="group"),
        Act("workbench/_share_body.html#1", f"{material}share/"),
        Act("workbench/_share_body.html#2", f"{material}share/"),
        Act("workbench/words.html#1", f"{material}words/"),
        Act("workbench/words.html#2", f"{material}words/"),
        Act("workbench/_offer.html#1", "/offers/"),
        Act("workbench/_shelf_state.html#1", offer),
        Act(
            "workbench/shelf_item.html#1", f"/shelf/{shelf[0].public_id}/", {"price_fen": "", "pitch": "好吃"}
        ),
        Act("workbench/shelf.html#1", "/shelf/"),
        Act("workbench/shelf.html#2", "/shelf/"),
        Act("workbench/person.html#1", person),
        Act("workbench/person.html#2", person),
        Act("workbench/person.html#3", person),
        Act("workbench/person.html#4", person),
        Act("workbench/person.html#5", person),
        Act("workbench/person.html#6", person),
        Act("workbench/person_edit.html#1", f"{person}edit/", {"phone": "", "next_action_on": ""}),
        Act("workbench/story_new.html#1", f"{person}story/", {"text": "孩子现在每天自己盛粥。"}),
        Act("workbench/story.html#1", waiting),
        Act("workbench/story.html#2", story),
        Act("workbench/order.html#1", order),
        Act("workbench/order.html#2", order),
        Act("workbench/order.html#3", order),
        Act("workbench/order.html#4", order),
        Act("workbench/order.html#5", order),
        Act("workbench/order.html#7", order, {"amount_fen": "1.00"}),
        Act("workbench/order.html#6", other),
        Act("workbench/_checklist.html#1", case),
        Act("workbench/_checklist.html#2", case),
        Act("workbench/case.html#1", case),
        Act("workbench/_question.html#1", lesson),
        Act("workbench/lesson.html#1", lesson, file=picture),
        Act("workbench/lesson.html#2", lesson),
        Act("workbench/learn.html#1", "/learn/"),
        Act("workbench/board.html#1", "/learn/board/"),
        Act("workbench/send.html#1", f"{sends}{send_.public_id}/"),
        Act("workbench/send.html#2", f"{sends}{sent.public_id}/"),
        Act("workbench/exports.html#1", "/me/exports/"),
        Act("workbench/settings.html#1", "/me/settings/"),
        Act("workbench/tokens.html#2", "/me/settings/tokens/", {"password": PASSWORD}),
        Act("workbench/tokens.html#1", "/me/settings/tokens/"),
        Act("workbench/password.html#1", "/me/settings/password/", NEW_PASSWORD),
        Act("workbench/settings.html#2", "/me/settings/"),
    ]


#: Mass sends have a browser story with WeCom in it.
ELSEWHERE = {"workbench/mass.html#1"}
NEW_PASSWORD = {
    "old_password": PASSWORD,
    "new_password1": "another-long-word-2",
    "new_password2": "another-long-word-2",
}


def _applicant(world: walking.World, now: datetime) -> list[Act]:
    """Somebody applies, and another one, approved already, begins."""
    invitation = world.values["join/"]["token"]
    waiting = world.address("join/state/<str:token>/")
    secret, application = joining.apply(
        invitation,
        name="小满",
        phone="13800002222",
        wecom_userid="",
        why="",
        notice_sha256=b"y" * 32,
        now=now,
    )
    joining.approve(
        application,
        username="xiaoman",
        organisation=world.host.organisation,
        level=1,
        wecom_userid="",
        by=world.people["A"],
        now=now,
    )
    approved = f"/join/state/{secret}/"
    form = {"name": "小芳", "phone": "13800003333", "wecom_userid": "", "consent": True}
    words = {"new_password1": "another-long-word-2", "new_password2": "another-long-word-2"}
    return [
        Act("workbench/join/apply.html#1", f"/join/{invitation}/", form),
        Act("workbench/join/state.html#2", waiting),
        Act("accounts/choose_password.html#1", f"/password/{world.password_link}/", words),
        Act("workbench/join/state.html#1", approved),
        Act("workbench/join/start.html#1", "", words),
        Act("workbench/me.html#1", "/me/"),
    ]


def test_hosts_and_who_becomes_one_send_every_form(
    world: walking.World, now: datetime, phone: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "proof.jpg"
    picture.write_bytes(samples.picture())
    acts = [*_applicant(world, now), *_host(world, now, picture)]

    there = written("workbench") | {"accounts/choose_password.html#1"}
    assert there - {act.form for act in acts} - ELSEWHERE == set(), "say here how a browser sends these"
    assert [wrong for act in acts if (wrong := send(phone, act))] == []
