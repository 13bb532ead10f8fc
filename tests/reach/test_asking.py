"""The way from no consent to consent: a link for one person, her answer, and her host's or her own word."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers import services as customers
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.reach.models import Asking, Touch
from apps.records.models import Consent
from apps.records.services import consents
from apps.tracking import services as tracking
from tests.factories import MORNING, a_host, a_sku
from tests.library.desk import a_person, browser
from tests.projecting import make_months_ahead
from tests.storefront.pages import GOOD, hidden_fields

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def months_ahead(db: None) -> None:
    """Some of these tests go a year ahead."""
    make_months_ahead(12)


PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)"}


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture
def lin() -> Host:
    return a_host()


@pytest.fixture
def yu(lin: Host) -> Relation:
    relation, _ = customers.find_or_make_relation(
        lin, phone="13800138000", name="小雨", source="manual", now=MORNING
    )
    return relation


def link_for(host: Host, relation: Relation) -> str:
    page = browser(host.user).post(f"/customers/{relation.public_id}/ask-offers/").content.decode()
    found = re.search(r"/agree/\w+/", page)
    assert found is not None, page
    return found[0]


def yes(client: Client, address: str) -> Any:
    """She reads the page and says yes."""
    return client.post(address, {**hidden_fields(client.get(address).content.decode()), "do": "yes"})


def at_hosts(host: Host, relation: Relation) -> str:
    return str(browser(host.user).get(f"/customers/{relation.public_id}/").content.decode())


def order(host: Host, **more: str) -> tuple[Client, str]:
    """Somebody orders and ticks that offers may come; her browser and the order's page."""
    sku = a_sku()
    catalog.add_to_shelf(host, sku.product, now=MORNING)
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)
    address = f"/s/{link.code}/order/?sku={sku.public_id}"
    client = Client(headers=PHONE)
    form = {**hidden_fields(client.get(address).content.decode()), **GOOD, "marketing": "on", **more}
    answer = client.post(address, form)
    assert answer.status_code == 302
    return client, answer["Location"]


def test_from_never_asked_to_yes_and_back(lin: Host, yu: Relation) -> None:
    assert "还没有问过，群发不会有她" in at_hosts(lin, yu)
    assert "小雨" in browser(lin.user).get("/customers/asking/").content.decode()

    address = link_for(lin, yu)
    assert "刚问过" in browser(lin.user).get("/customers/asking/").content.decode()
    hers = Client(headers=PHONE)
    page = hers.get(address)
    assert "林姐、山野集" in page.content.decode()
    assert yes(hers, address).status_code == 302
    assert yes(hers, address).status_code == 302

    given = Consent.objects.get()
    assert (given.relation_id, given.proof, given.channel) == (yu.pk, "link", "offer-link")
    assert given.evidence["agent"].startswith("Mozilla/5.0 (iPhone")
    assert "她同意收" in at_hosts(lin, yu)
    # The link goes on taking back, long after it could still bring a yes.
    with time_machine.travel(timezone.now() + timedelta(days=200)):
        assert "收回，不用再发" in hers.get(address).content.decode()
        assert hers.post(address, {"do": "no"}).status_code == 302
    given.refresh_from_db()
    assert given.withdrawn_at is not None
    assert "收回了同意" in at_hosts(lin, yu)
    assert Touch.objects.get().way == "link"


def test_a_no_is_kept_and_she_is_left_in_peace(lin: Host, yu: Relation) -> None:
    Client(headers=PHONE).post(link_for(lin, yu), {"do": "no"})

    assert "说过先不用，群发不会有她" in at_hosts(lin, yu)
    answer = browser(lin.user).post(f"/customers/{yu.public_id}/ask-offers/", follow=True)
    assert "先别问她：说过先不用" in answer.content.decode()
    assert Asking.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert link_for(lin, yu)


def test_the_yes_comes_from_nobody_of_the_platform_and_not_too_late(lin: Host, yu: Relation) -> None:
    first = link_for(lin, yu)
    second = link_for(lin, yu)

    assert yes(browser(lin.user), second).status_code == 403
    assert yes(Client(headers=PHONE), first).status_code == 409  # a newer one replaced it
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert yes(Client(headers=PHONE), second).status_code == 409
    assert Client(headers=PHONE).post(second, {"do": "dance"}).status_code == 400
    assert Client(headers=PHONE).get("/agree/abc/").status_code == 404
    assert not Consent.objects.exists()
    assert yes(Client(headers=PHONE), second).status_code == 302


def test_a_tick_with_anothers_phone_is_a_claim_until_she_or_her_host_says_so(lin: Host, yu: Relation) -> None:
    client, page = order(lin, phone="13800138000")

    claim = Consent.objects.get(basis="consent")
    assert (claim.relation_id, claim.confirmed_at, claim.is_claim) == (yu.pk, None, True)
    assert "先确认是本人才算" in client.get(page).content.decode()
    mine = at_hosts(lin, yu)
    assert "下单时勾过，还没确认是本人" in mine
    # Opening the order in the browser that placed it proves no phone.
    claim.refresh_from_db()
    assert claim.confirmed_at is None

    answer = browser(lin.user).post(f"/customers/{yu.public_id}/confirm-offers/", follow=True)

    claim.refresh_from_db()
    assert (claim.proof, claim.confirmed_by) == ("host", lin.user)
    assert "她同意收" in answer.content.decode()
    again = browser(lin.user).post(f"/customers/{yu.public_id}/confirm-offers/", follow=True)
    assert "没有等你确认的勾选了" in again.content.decode()


def test_her_code_proves_the_tick_too(lin: Host, yu: Relation) -> None:
    from apps.privacy.services import data_requests
    from tests.library.desk import a_person

    order(lin, phone="13800138000")
    claim = Consent.objects.get(basis="consent")
    secret = data_requests.ask(phone=yu.phone, kind="export", now=timezone.now())
    request: Any = data_requests.behind(secret, now=timezone.now())
    confirm = f"/my-data/{secret}/consents/{claim.public_id}/confirm/"
    hers = Client(headers=PHONE)
    assert hers.post(confirm).status_code == 404
    code = data_requests.make_code(request, by=a_person("客服"), now=timezone.now())
    hers.post(f"/my-data/{secret}/", {"code": code})

    assert confirm in hers.get(f"/my-data/{secret}/").content.decode()
    assert hers.post(confirm).status_code == 302

    claim.refresh_from_db()
    assert claim.proof == "code"


def test_nobody_of_another_host_asks_or_confirms(lin: Host, yu: Relation) -> None:
    mei = a_host("mei", "小美")
    for what in ("ask-offers", "confirm-offers"):
        assert browser(mei.user).post(f"/customers/{yu.public_id}/{what}/").status_code == 404
    assert "小雨" not in browser(mei.user).get("/customers/asking/").content.decode()


def test_her_hosts_own_browser_can_not_say_yes(lin: Host, yu: Relation) -> None:
    link = link_for(lin, yu)
    phone = browser(lin.user)
    phone.get("/me/")
    phone.post("/accounts/sign-out/")
    phone.cookies.pop("sessionid", None)

    answer = yes(phone, link)

    assert answer.status_code == 403
    assert "由她本人在自己的手机上" in answer.content.decode()
    assert not Consent.objects.filter(relation_id=yu.pk).exists()
    assert yes(Client(headers=PHONE), link).status_code == 302


def test_what_one_host_asked_ends_when_the_customer_is_handed_over(lin: Host, yu: Relation) -> None:
    link, mei = link_for(lin, yu), a_host("mei", "小美")
    hand_over(
        lin, mei, relations=Relation.objects.all(), scope="全部", reason="换区", by=None, now=timezone.now()
    )

    late = yes(Client(headers=PHONE), link)

    assert late.status_code == 409
    assert not Consent.objects.exists()
    assert Client(headers=PHONE).post(link, {"do": "no"}).status_code == 302


def test_the_next_host_asks_anew(lin: Host, yu: Relation) -> None:
    first = link_for(lin, yu)
    yes(Client(headers=PHONE), first)
    mei = a_host("mei", "小美")
    hand_over(
        lin, mei, relations=Relation.objects.all(), scope="全部", reason="换区", by=None, now=timezone.now()
    )
    yu = Relation.objects.get(pk=yu.pk)

    assert "只同意过原来服务她的人，群发不会有她" in at_hosts(mei, yu)
    assert "小雨" in browser(mei.user).get("/customers/asking/").content.decode()
    second = link_for(mei, yu)
    hers = Client(headers=PHONE)
    assert "好的，可以发给我" in hers.get(second).content.decode()
    assert yes(hers, second).status_code == 302

    assert "她同意收" in at_hosts(mei, yu)
    assert set(Consent.objects.values_list("host_id", flat=True)) == {lin.pk, mei.pk}
    # Her first link goes on taking back all of it.
    assert "收回，不用再发" in hers.get(first).content.decode()
    hers.post(first, {"do": "no"})
    assert not Consent.objects.filter(withdrawn_at=None).exists()


def test_a_yes_is_to_the_notice_that_she_read(lin: Host, yu: Relation) -> None:
    address, hers = link_for(lin, yu), Client(headers=PHONE)
    before = hidden_fields(hers.get(address).content.decode())
    consents.publish("marketing", "第二版：每天都会发给你。", by=a_person("管理员"), now=timezone.now())

    answer = hers.post(address, {**before, "do": "yes"})

    assert answer.status_code == 409
    assert "说明刚刚改过" in answer.content.decode()
    assert "第二版" in answer.content.decode()
    assert not Consent.objects.exists()
    assert hers.post(address, {"do": "yes"}).status_code == 409  # a page without any
    assert yes(hers, address).status_code == 302
    assert Consent.objects.get().notice.text.startswith("第二版")


@pytest.mark.parametrize("whose", ["host", "company"])
def test_an_order_s_ticks_are_to_the_recipient_whom_she_read(lin: Host, whose: str) -> None:
    sku = a_sku()
    catalog.add_to_shelf(lin, sku.product, now=MORNING)
    link = tracking.link_for(lin, subject_kind="shelf", subject_id=lin.pk, channel="group", now=MORNING)
    address, client = f"/s/{link.code}/order/?sku={sku.public_id}", Client(headers=PHONE)
    form = {**hidden_fields(client.get(address).content.decode()), **GOOD, "marketing": "on"}
    renamed = lin if whose == "host" else lin.organisation.get_root()
    type(renamed).objects.filter(pk=renamed.pk).update(name="另一个名字")

    page = client.post(address, form, follow=True).content.decode()

    assert "说明刚刚改过" in page
    assert "另一个名字" in page
    assert not Consent.objects.exists()
    assert client.post(address, {**form, "seen": hidden_fields(page)["seen"]}).status_code == 302
    given = Consent.objects.get(notice__purpose="marketing")
    assert "另一个名字" in given.recipient


def test_an_order_s_ticks_are_to_the_notices_that_she_read(lin: Host) -> None:
    sku = a_sku()
    catalog.add_to_shelf(lin, sku.product, now=MORNING)
    link = tracking.link_for(lin, subject_kind="shelf", subject_id=lin.pk, channel="group", now=MORNING)
    address, client = f"/s/{link.code}/order/?sku={sku.public_id}", Client(headers=PHONE)
    form = {**hidden_fields(client.get(address).content.decode()), **GOOD, "marketing": "on"}
    consents.publish("marketing", "第二版：每天都会发给你。", by=a_person("管理员"), now=timezone.now())

    refused = client.post(address, form, follow=True)

    page = refused.content.decode()
    assert "说明刚刚改过" in page
    assert "第二版" in page
    assert not Consent.objects.exists()
    assert client.post(address, {**form, "seen": hidden_fields(page)["seen"]}).status_code == 302
    assert Consent.objects.get(basis="consent").notice.text.startswith("第二版")


def test_the_old_link_names_whom_she_said_yes_to(lin: Host, yu: Relation) -> None:
    address, hers = link_for(lin, yu), Client(headers=PHONE)
    yes(hers, address)
    zhen, rows = a_host("zhen", "阿珍"), Relation.objects.filter(pk=yu.pk)
    hand_over(lin, zhen, relations=rows, scope="她", reason="换区", by=None, now=timezone.now())

    page = hers.get(address).content.decode()

    assert "发给你的只会是林姐、山野集" in page
    assert "只会是阿珍" not in page


def test_her_last_word_from_one_loaded_page_holds(lin: Host, yu: Relation) -> None:
    address, hers = link_for(lin, yu), Client(headers=PHONE, enforce_csrf_checks=True)
    loaded = hidden_fields(hers.get(address).content.decode())

    for do in ("no", "yes", "no"):
        assert hers.post(address, {**loaded, "do": do}).status_code == 302

    assert Asking.objects.get().answer == "no"
    assert not Consent.objects.filter(withdrawn_at=None).exists()


def test_a_tick_that_nobody_confirmed_is_no_yes_to_the_host_before(lin: Host) -> None:
    order(lin, phone="13800138000")
    yu, mei = Relation.objects.get(), a_host("mei", "小美")
    assert "下单时勾过，还没确认是本人" in at_hosts(lin, yu)
    rows = Relation.objects.all()
    hand_over(lin, mei, relations=rows, scope="全部", reason="换区", by=None, now=timezone.now())

    page = at_hosts(mei, Relation.objects.get())

    assert "还没有问过，群发不会有她" in page
    assert "同意过" not in page
    assert "是她本人勾的" not in page
