"""Every kind of private link, and what a hand-over does to it: a former host opens nothing by any of them."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.outbox.services import jobs
from apps.privacy.models import RightsRequest
from apps.records.models import Consent
from apps.storefront.urls import urlpatterns
from apps.stories import services as stories
from apps.stories.models import Story
from apps.tracking.models import Link
from tests.factories import a_host
from tests.library.desk import a_person, browser, confirm
from tests.reach.test_asking import order
from tests.storefront.test_hers_alone import in_chat

pytestmark = pytest.mark.django_db
#: The first word of the route's name → what becomes of the links of that kind.
AFTER = {
    "order": "stays: it shows one order masked, and takes back",
    "agree": "takes no yes, and goes on taking back",
    "my-data": "ends, and what was made by it goes",
    "story": "takes no yes; a story that she agreed to stays hers",
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture
def lin() -> Host:
    return a_host("lin")


@pytest.fixture
def zhen() -> Host:
    return a_host("zhen", "阿珍")


@pytest.fixture
def yu(lin: Host) -> Relation:
    relation, _ = customers.find_or_make_relation(
        lin, phone="13800138000", name="张小雨", source="manual", now=timezone.now()
    )
    return relation


def handed_over(relation: Relation, to: Host) -> None:
    hand_over(
        relation.host,
        to,
        relations=Relation.objects.filter(pk=relation.pk),
        scope="她",
        reason="换区",
        by=None,
        now=timezone.now(),
    )
    after = Relation.objects.get(pk=relation.pk)
    customers.add_note(after, text="阿珍的笔记", by=to.user, now=timezone.now())


def asked(relation: Relation) -> tuple[str, Story, dict[str, str]]:
    now = timezone.now()
    words = {"title": "喝粥的故事", "called": "爱喝粥的人", "text": "早晚两碗粥，三个月没断过。"}
    secret, story = stories.ask(relation, now=now, **words)  # type: ignore[arg-type]
    seen = stories.mark_of(story, stories.notice(now=now))
    return f"/u/{secret}/", story, {"do": "agree", "consent": "on", "seen": seen}


def test_each_kind_of_private_link_has_its_rule() -> None:
    kinds = {str(one.name) for one in urlpatterns if "<str:token>" in str(one.pattern)}
    assert {name for name in kinds if not name.startswith(tuple(AFTER))} == set()
    assert {kind for kind in AFTER if not any(name.startswith(kind) for name in kinds)} == set()


def test_the_my_data_link_of_the_host_before_opens_nothing(yu: Relation, zhen: Host) -> None:
    before = in_chat(yu, "my-data", r"/my-data/\w+/")
    handed_over(yu, zhen)

    for kind in ("export", "erase"):
        Client().post(before, {"kind": kind, "last4": "8000"})
        jobs.drain(seconds=30)
        page = Client().get(before).content.decode()
        assert "已经结束" in page
        assert yu.host.name not in page  # who serves her no more
        assert Client().get(f"{before}copy/").status_code == 404
    yu.refresh_from_db()
    assert yu.blocked_at is None
    hers = in_chat(yu, "my-data", r"/my-data/\w+/")
    assert Client().post(hers, {"kind": "export", "last4": "8000"}).status_code == 302
    jobs.drain(seconds=30)
    assert "阿珍的笔记" in Client().get(f"{hers}copy/").content.decode()


@pytest.mark.parametrize("is_made", [True, False])
def test_a_copy_by_the_link_of_the_host_before_goes(yu: Relation, zhen: Host, *, is_made: bool) -> None:
    before = in_chat(yu, "my-data", r"/my-data/\w+/")
    assert Client().post(before, {"kind": "export", "last4": "8000"}).status_code == 302
    if is_made:
        jobs.drain(seconds=30)
    handed_over(yu, zhen)
    jobs.drain(seconds=30)

    assert Client().get(f"{before}copy/").status_code == 404
    request = RightsRequest.objects.get()
    assert (request.state, request.phone) == ("expired", "")
    assert not default_storage.exists(f"rights/{request.public_id}")


@pytest.mark.parametrize("to", ["suspended", "left"])
@pytest.mark.parametrize("kind", ["export", "erase"])
def test_the_my_data_link_of_a_host_who_is_out_opens_nothing(
    yu: Relation, lin: Host, *, kind: str, to: str
) -> None:
    unused, used, fresh = (in_chat(yu, "my-data", r"/my-data/\w+/") for _ in range(3))
    assert Client().post(used, {"kind": "export", "last4": "8000"}).status_code == 302
    jobs.drain(seconds=30)
    assert Client().get(f"{used}copy/").status_code == 200
    made = RightsRequest.objects.get(state="ready")
    hq = browser(a_person(roles.ADMIN))
    asks = hq.get(f"/hq/hosts/{lin.public_id}/{to}/").content.decode()
    assert "她发给顾客查资料的 3 个链接和做好的副本会失效" in asks

    confirm(hq, f"/hq/hosts/{lin.public_id}/{to}/", {"reason": "查一下"})

    lin.refresh_from_db()
    assert lin.status == to
    assert not default_storage.exists(f"rights/{made.public_id}")
    for address in (unused, used):
        assert "1380" not in Client().get(address).content.decode()
        assert Client().get(f"{address}copy/").status_code == 404
        Client().post(address, {"kind": kind, "last4": "8000"})
        jobs.drain(seconds=30)
    # Nor does one whose end was missed: it is asked again.
    missed = RightsRequest.objects.latest("pk")
    missed.state, missed.phone = "requested", "+8613800138000"
    missed.save()
    assert Client().get(fresh).status_code == 404
    assert Client().post(fresh, {"kind": kind, "last4": "8000"}).status_code == 404
    yu.refresh_from_db()
    assert yu.blocked_at is None
    assert set(RightsRequest.objects.values_list("state", flat=True)) == {"expired", "requested"}


def test_what_she_has_had_erased_goes_on_without_her_host(yu: Relation, lin: Host) -> None:
    link = in_chat(yu, "my-data", r"/my-data/\w+/")
    assert Client().post(link, {"kind": "erase", "last4": "8000"}).status_code == 302
    accounts.move_host(lin, to="suspended", actor=None, now=timezone.now(), reason="查一下")

    jobs.drain(seconds=30)

    assert RightsRequest.objects.get().state == "erased"
    assert Client().get(link).status_code == 200


def test_a_story_s_link_of_the_host_before_takes_no_yes(yu: Relation, lin: Host, zhen: Host) -> None:
    address, story, yes = asked(yu)
    handed_over(yu, zhen)

    answer = browser(lin.user).post(f"/stories/{story.public_id}/renew/", follow=True)
    assert "由别的同事服务" in answer.content.decode()
    assert "/u/" not in answer.content.decode()
    assert Client().post(address, yes).status_code == 409
    assert not Consent.objects.exists()
    # She may still say no by it: then her words are gone.
    assert Client().post(address, {"do": "decline"}).status_code == 302


def test_a_story_that_she_agreed_to_stays_hers(yu: Relation, zhen: Host) -> None:
    address, story, yes = asked(yu)
    assert Client().post(address, yes).status_code == 302
    handed_over(yu, zhen)

    assert Client().get(address).status_code == 200
    assert Client().post(address, {"do": "withdraw"}).status_code == 302
    story.refresh_from_db()
    assert story.state == "withdrawn"


def test_the_link_that_asks_for_offers_takes_no_yes(yu: Relation, zhen: Host) -> None:
    address = in_chat(yu, "ask-offers", r"/agree/\w+/")
    handed_over(yu, zhen)

    assert Client().post(address, {"do": "yes"}).status_code == 409
    assert Client().post(address, {"do": "no"}).status_code == 302
    assert not Consent.objects.exists()


def test_the_order_s_link_shows_it_masked(yu: Relation, lin: Host, zhen: Host) -> None:
    client, page = order(lin, phone="13800138000")
    handed_over(yu, zhen)

    shown: Any = client.get(page)
    assert shown.status_code == 200
    assert not re.search("13800138000|138 0013 8000", shown.content.decode())


@pytest.mark.parametrize("is_active", [True, False])
def test_the_order_s_page_leads_to_the_shelf_of_who_serves_her_now(
    yu: Relation, lin: Host, zhen: Host, *, is_active: bool
) -> None:
    client, page = order(lin, phone="13800138000")
    before = re.findall(r"/s/\w+/shelf/", client.get(page).content.decode())
    assert Link.objects.get(code=before[0].split("/")[2]).host == lin
    handed_over(yu, zhen)
    Host.objects.filter(pk=zhen.pk).update(status="active" if is_active else "suspended")

    shown = client.get(page).content.decode()
    codes = {way.split("/")[2] for way in re.findall(r"/s/\w+/", shown)}
    assert [Link.objects.get(code=code).host for code in codes] == [zhen] * is_active
    assert ("再看看阿珍的货架" in shown) == is_active
