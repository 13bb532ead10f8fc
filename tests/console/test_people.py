"""Customers and orders at HQ: masked, found only by what one knows exactly, every look written down."""

from typing import Any

import pytest
from django.utils import timezone

from apps.accounts import roles
from apps.customers import services as customers
from apps.records.models import AccessLog
from tests.console import desk
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db

PERSONAL = (desk.NAME, desk.PHONE, "漕溪北路", "1204")


@pytest.fixture
def house() -> desk.House:
    return desk.furnish()


@pytest.fixture
def support(house: desk.House) -> Any:
    return browser(a_person(roles.SUPPORT, "kefu", "客服小张"))


def test_no_page_shows_a_name_a_phone_or_an_address(house: desk.House) -> None:
    pages = [
        "/hq/customers/",
        f"/hq/customers/{house.relation.public_id}/",
        "/hq/orders/",
        f"/hq/orders/{house.order.public_id}/",
        "/hq/access-log/",
        "/hq/deliveries/",
        "/hq/",
    ]
    client = browser(a_person(roles.ADMIN))

    for page in pages:
        text = client.get(page).content.decode()
        assert [value for value in PERSONAL if value in text] == [], page


def test_what_is_shown_is_masked(house: desk.House, support: Any) -> None:
    customer = support.get(f"/hq/customers/{house.relation.public_id}/").content.decode()
    order = support.get(f"/hq/orders/{house.order.public_id}/").content.decode()

    assert "张**" in customer
    assert "138****8000" in customer
    assert "上海市徐汇区****" in order
    assert "¥118.00" in order


@pytest.mark.parametrize("words", [desk.PHONE, "138 1234 8000", "+86 13812348000"])
def test_the_whole_phone_finds_the_person(house: desk.House, support: Any, words: str) -> None:
    page = support.get("/hq/customers/", {"q": words}).content.decode()

    assert str(house.relation.public_id) in page
    assert str(house.elsewhere.relations.get().public_id) not in page


@pytest.mark.parametrize(
    ("words", "is_found"),
    [("0571-88888888", True), ("0571-88888888-801", True), ("0571-88888888-802", False)],
)
def test_a_number_finds_who_is_behind_it_and_is_counted(
    house: desk.House, support: Any, words: str, is_found: bool
) -> None:
    behind, _ = customers.find_or_make_relation(
        house.host, phone="0571-88888888转801", name="分机", source="manual", now=timezone.now()
    )

    page = support.get("/hq/customers/", {"q": words}).content.decode()

    assert (str(behind.public_id) in page) == is_found
    assert str(house.relation.public_id) not in page
    assert AccessLog.objects.filter(action=AccessLog.Action.SEARCH).count() == 1


def test_the_customers_number_finds_her(house: desk.House, support: Any) -> None:
    page = support.get("/hq/customers/", {"q": str(house.relation.customer.public_id)}).content.decode()

    assert str(house.relation.public_id) in page


def test_a_letter_in_the_phone_that_is_looked_for_is_named(house: desk.House, support: Any) -> None:
    page = support.get("/hq/customers/", {"q": "138l2348OOO"}).content.decode()

    assert "请把 l 改成数字 1，O 改成数字 0" in page
    assert str(house.relation.public_id) not in page


@pytest.mark.parametrize("words", ["1381234", "8000", "张小雨", "张", "%", "' OR 1=1 --"])
def test_a_part_of_a_phone_or_a_name_finds_nobody(house: desk.House, support: Any, words: str) -> None:
    page = support.get("/hq/customers/", {"q": words}).content.decode()

    assert str(house.relation.public_id) not in page


def test_every_look_is_written_down_for_the_host(house: desk.House, support: Any) -> None:
    support.get("/hq/customers/")
    support.get(f"/hq/customers/{house.relation.public_id}/")
    support.get(f"/hq/orders/{house.order.public_id}/")

    looks = AccessLog.objects.filter(host_id=house.host.pk).order_by("pk")
    assert [(look.actor_name, look.action, look.relation_id) for look in looks] == [
        ("客服小张", "view", None),
        ("客服小张", "view", house.relation.pk),
        ("客服小张", "view", house.relation.pk),
    ]
    assert all(look.is_hq for look in looks)
    assert AccessLog.objects.filter(host_id=house.elsewhere.pk, count=1).count() == 1


def test_an_order_is_found_by_its_whole_number(house: desk.House, support: Any) -> None:
    found = support.get("/hq/orders/", {"q": str(house.order.public_id)}).content.decode()
    missed = support.get("/hq/orders/", {"q": str(house.order.public_id)[:8]}).content.decode()

    assert "高山苹果" in found
    assert "高山苹果" not in missed


def test_her_orders_stand_on_her_page(house: desk.House, support: Any) -> None:
    page = support.get(f"/hq/customers/{house.relation.public_id}/").content.decode()

    assert f"/hq/orders/{house.order.public_id}/" in page


def test_a_list_costs_the_same_however_long(house: desk.House, django_assert_max_num_queries: Any) -> None:
    client = browser(a_person(roles.ADMIN))
    for page in ("customers", "orders", "hosts", "products", "materials", "issues"):
        client.get(f"/hq/{page}/")
        with django_assert_max_num_queries(24):
            assert client.get(f"/hq/{page}/").status_code == 200
