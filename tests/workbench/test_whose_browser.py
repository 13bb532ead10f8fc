"""Whose visits a host reads: a browser is somebody's from a moment on, and until another."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Sku
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.outbox.services import jobs
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from apps.profiles import expiry
from apps.profiles.erasure import export
from apps.records.declarations import Subject
from apps.tracking.models import Link
from apps.tracking.services import link_for
from apps.trade.models import Order
from tests.pages import text_of
from tests.projecting import project_now
from tests.storefront.pages import open_page, send_order
from tests.storefront.people import WECHAT
from tests.workbench.conftest import phone_of

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()


@pytest.fixture
def shelf(lin: Host, apple: Sku, now: datetime) -> Link:
    catalog.add_to_shelf(lin, apple.product, now=now)
    return link_for(lin, subject_kind="shelf", subject_id=lin.pk, channel="group", now=now)


@pytest.fixture
def browser() -> Client:
    return Client(headers={"User-Agent": WECHAT})


def order_as(browser: Client, link: Link, sku: Sku, *, name: str, phone: str) -> Relation:
    send_order(browser, f"/s/{link.code}/order/?sku={sku.public_id}", name=name, phone=phone)
    relation = Order.objects.select_related("relation").latest("pk").relation
    assert relation.name == name
    return relation


def person_page(host: Host, relation: Relation) -> str:
    return text_of(phone_of(host).get(f"/customers/{relation.public_id}/"))


def visits_page(host: Host) -> str:
    return text_of(phone_of(host).get("/me/numbers/visits/?period=today"))


def erase(relation: Relation, now: datetime) -> None:
    words = {"host_id": relation.host_id, "relation_id": relation.pk, "phone": relation.phone}
    token = data_requests.vouch(**words, by=relation.host.user, now=now)
    asked = data_requests.behind(token, now=now)
    assert asked is not None
    data_requests.prove_by_host(asked, kind=RightsRequest.Kind.ERASE, last4=relation.phone[-4:], now=now)
    jobs.drain(seconds=60)


@pytest.mark.parametrize("parting", ["erased", "forgotten"])
def test_who_orders_next_by_a_browser_gets_nothing_of_who_was_before(
    browser: Client, shelf: Link, lin: Host, apple: Sku, now: datetime, parting: str
) -> None:
    with time_machine.travel(now - 5 * HOUR, tick=False):
        open_page(browser, f"/s/{shelf.code}/")
        gone = order_as(browser, shelf, apple, name="林小曼", phone="13700001111")
    with time_machine.travel(now - 4 * HOUR, tick=False):
        open_page(browser, f"/s/{shelf.code}/")
        project_now()
    with time_machine.travel(now - 3 * HOUR, tick=False):
        if parting == "erased":
            erase(gone, now - 3 * HOUR)
        else:
            expiry.clear(now)
    with time_machine.travel(now - 2 * HOUR, tick=False):
        next_one = order_as(browser, shelf, apple, name="赵敏敏", phone="13700002222")
    project_now()

    page = person_page(lin, next_one)
    assert "逛了" not in page
    assert "赵敏敏" not in visits_page(lin)
    copied = export(Subject((next_one.pk,), (), (lin.pk,)))["发生过的事"]
    assert all(one["时间"] > now - 3 * HOUR for one in copied)

    open_page(browser, f"/s/{shelf.code}/")
    project_now()
    assert "逛了" in person_page(lin, next_one)


def test_a_new_host_sees_nothing_of_what_is_done_at_the_former_one_and_this_one_does(
    browser: Client, shelf: Link, lin: Host, mei: Host, apple: Sku, now: datetime
) -> None:
    with time_machine.travel(now - 5 * HOUR, tick=False):
        moved = order_as(browser, shelf, apple, name="林小曼", phone="13700001111")
        hers = Relation.objects.filter(pk=moved.pk)
    hand_over(lin, mei, relations=hers, scope="", reason="换人", by=None, now=now - 4 * HOUR)
    with time_machine.travel(now - 3 * HOUR, tick=False):
        open_page(browser, f"/s/{shelf.code}/")
    project_now()
    assert "逛了" not in text_of(phone_of(mei).get("/customers/"))

    with time_machine.travel(now - 2 * HOUR, tick=False):
        anew = order_as(browser, shelf, apple, name="林小曼", phone="13700001111")
    assert anew.pk != moved.pk
    open_page(browser, f"/s/{shelf.code}/")
    project_now()
    assert "逛了" not in text_of(phone_of(mei).get("/customers/"))
    assert "逛了" not in person_page(mei, moved)
    assert "逛了" in text_of(phone_of(lin).get("/customers/"))
    assert "逛了" in person_page(lin, anew)
    assert "林小曼" in visits_page(lin)
