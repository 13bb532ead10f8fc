"""The browser's way back: after a refusal to a page that can be shown again, after an order to a question."""

import base64
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.storefront import drafts
from apps.tracking.models import Link
from apps.trade import services as trade
from apps.trade.models import Order
from tests.storefront.pages import GOOD, hidden_fields, open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, a_sku, order_url

pytestmark = pytest.mark.django_db

ASKED = "刚刚已经下过同样一单，还要再下一单吗？"


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def product() -> Product:
    return a_product(price_fen=5_900, stock=100)


@pytest.fixture
def link(host: Host, product: Product) -> Link:
    return a_link(host, product)


@pytest.fixture
def phone() -> Client:
    return a_phone()


def refuse(phone: Client, url: str, **fields: str) -> str:
    """Send a form that can't be taken; where the answer sends her."""
    values = {**hidden_fields(open_page(phone, url)), **GOOD, "quantity": "0", **fields}
    answer = phone.post(url, values)
    assert answer.status_code == 303
    return str(answer["Location"])


# --- the same order once more -------------------------------------------------------------------------


def test_the_same_order_from_a_new_form_is_asked_and_made_when_she_says_so(
    phone: Client, link: Link, product: Product
) -> None:
    url = order_url(link, product)
    send_order(phone, url)

    asked = send_order(phone, url)

    html = asked.content.decode()
    assert asked.status_code == 409
    assert ASKED in words_of(html)
    assert "再下一单" in words_of(html)
    assert Order.objects.count() == 1
    assert product.skus.get().stock == 99
    assert send_order(phone, url, form=html).status_code == 302
    assert Order.objects.count() == 2


def test_her_yes_is_kept_when_something_else_is_to_mend(phone: Client, link: Link, product: Product) -> None:
    url = order_url(link, product)
    send_order(phone, url)
    asked = send_order(phone, url).content.decode()

    refused = send_order(phone, url, form=asked, phone="138").content.decode()

    assert ASKED not in words_of(refused)
    assert send_order(phone, url, form=refused).status_code == 302


def test_another_number_kind_or_browser_is_another_order(phone: Client, link: Link, product: Product) -> None:
    big = a_sku(product, name="大箱")
    send_order(phone, order_url(link, product))

    more = send_order(phone, order_url(link, product), quantity="2")
    other = send_order(phone, f"/s/{link.code}/order/?sku={big.public_id}")
    elsewhere = send_order(a_phone(), order_url(link, product))

    assert {more.status_code, other.status_code, elsewhere.status_code} == {302}
    assert Order.objects.count() == 4


def test_later_or_after_a_cancelled_one_nobody_asks(
    phone: Client, host: Host, link: Link, product: Product
) -> None:
    url = order_url(link, product)
    send_order(phone, url)
    trade.cancel_order(Order.objects.get(), by=host.user, now=timezone.now())
    assert send_order(phone, url).status_code == 302

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert send_order(phone, url).status_code == 302


# --- the page of a refusal ------------------------------------------------------------------------------


def test_a_refusal_is_a_page_that_can_be_shown_again(phone: Client, link: Link, product: Product) -> None:
    where = refuse(phone, order_url(link, product), address="杭州市西湖区文三路 9 号")

    for _ in range(2):
        page = phone.get(where)
        assert page.status_code == 400
        assert "至少买 1 件" in words_of(page.content.decode())
        assert "文三路 9 号" in page.content.decode()


def test_what_she_typed_travels_in_no_address_and_can_be_read_by_nobody(
    phone: Client, link: Link, product: Product
) -> None:
    url = order_url(link, product)
    where = refuse(phone, url)

    cookie = phone.cookies[drafts.COOKIE]
    sealed = base64.urlsafe_b64decode(cookie.value + "=" * (-len(cookie.value) % 4))
    for value in (GOOD["name"], GOOD["address"], "8000"):
        assert value not in where
        assert value.encode() not in sealed
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/s/{link.code}/order/", True, "Lax")
    assert 0 < cookie["max-age"] <= 1_800

    send_order(phone, url)
    assert phone.cookies[drafts.COOKIE].value == ""
    assert "至少买 1 件" not in words_of(open_page(phone, where))


def test_a_draft_of_another_page_or_of_nobody_is_an_empty_form(
    phone: Client, host: Host, link: Link, product: Product
) -> None:
    where = refuse(phone, order_url(link, product))
    other = a_product("梨")
    elsewhere = order_url(a_link(host, other), other) + "&again=1"
    assert GOOD["address"] not in open_page(phone, elsewhere)

    for broken in ("", "x", "AAAA", phone.cookies[drafts.COOKIE].value[:-8] + "AAAAAAAA"):
        phone.cookies[drafts.COOKIE] = broken
        assert GOOD["address"] not in open_page(phone, where)


def test_what_is_too_long_to_travel_is_answered_at_once_and_kept(
    phone: Client, link: Link, product: Product
) -> None:
    url = order_url(link, product)
    long = "".join(chr(0x4E00 + number * 7 % 9_000) for number in range(2_000))
    form = open_page(phone, url)

    answer = phone.post(url, {**hidden_fields(form), **GOOD, "address": long})

    assert answer.status_code == 400
    assert "地址最多 120 个字，现在有 2000 个" in words_of(answer.content.decode())
    assert long in answer.content.decode()
