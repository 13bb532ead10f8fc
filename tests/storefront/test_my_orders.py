"""我的订单: what this device ordered, found again by the same link, and nobody else's."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.storefront import my_orders
from apps.tracking.models import Link
from apps.trade import services as trade
from apps.trade.models import Order
from tests.privacy.test_erased_meanwhile import erase
from tests.storefront.pages import open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, on_shelf, order_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def product(host: Host) -> Product:
    product = a_product("高山苹果", price_fen=5_900, stock=100)
    on_shelf(host, product)
    return product


@pytest.fixture
def link(host: Host, product: Product) -> Link:
    return a_link(host, host)


@pytest.fixture
def phone(link: Link, product: Product) -> Client:
    """One that ordered."""
    phone = a_phone()
    assert send_order(phone, order_url(link, product), quantity="2").status_code == 302
    return phone


def mine(phone: Client, link: Link) -> str:
    return open_page(phone, f"/s/{link.code}/orders/")


def test_what_this_device_ordered_stands_there_with_its_state_and_opens(
    phone: Client, host: Host, link: Link, product: Product
) -> None:
    send_order(phone, order_url(link, product), quantity="3")
    trade.confirm_order(Order.objects.earliest("pk"), by=host.user, now=timezone.now())

    html = mine(phone, link)

    words = words_of(html)
    assert words.index("待确认") < words.index("已确认")  # the newest first
    assert "高山苹果 × 2" in words
    assert "¥118.00" in words
    for token in my_orders_of(html):
        assert "高山苹果" in open_page(phone, token)


def my_orders_of(html: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('href="')[1:] if part.startswith("/o/")]


def test_any_link_of_the_same_host_finds_them_and_none_of_another_s(
    phone: Client, host: Host, link: Link, product: Product
) -> None:
    other = a_host("阿珍")

    assert "高山苹果" in words_of(mine(phone, a_link(host, product)))
    assert "还没有订单" in words_of(mine(phone, a_link(other, product)))


def test_another_device_sees_nothing_and_nobody_makes_it_up(
    phone: Client, link: Link, product: Product
) -> None:
    kept = phone.cookies[my_orders.COOKIE]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/s/")
    for token in my_orders_of(mine(phone, link)):
        assert token.strip("/").split("/")[1] not in kept.value
    other = a_phone()
    send_order(other, order_url(link, product))
    assert mine(other, link).count("/o/") == 1

    for broken in ("", "x", "AAAA", kept.value[:-8] + "AAAAAAAA"):
        phone.cookies[my_orders.COOKIE] = broken
        assert "还没有订单" in words_of(mine(phone, link))


def test_handed_over_it_stays_and_opens_masked(phone: Client, host: Host, link: Link) -> None:
    zhen = a_host("阿珍")
    hand_over(
        host,
        zhen,
        relations=Relation.objects.filter(host=host),
        scope="她",
        reason="换区",
        by=None,
        now=timezone.now(),
    )

    html = mine(phone, link)

    assert "高山苹果" in words_of(html)
    [opened] = my_orders_of(html)
    page = open_page(phone, opened)
    assert "13800008000" not in page
    assert "1 号 301" not in page
    # The link of who serves her now finds it, too. Neither page sends her to a chat that is not hers.
    with_zhen = words_of(mine(phone, a_link(zhen, zhen)))
    assert "高山苹果" in with_zhen
    for words in (with_zhen, words_of(page)):
        assert "你的订单现在由阿珍照看，有事会按下单时留的手机号找你" in words
        assert "聊天" not in words
    assert "这个链接是林姐发给你的话，回到那个聊天" in words_of(html)


def test_when_the_host_has_left_her_orders_are_still_found(phone: Client, host: Host, link: Link) -> None:
    Host.objects.filter(pk=host.pk).update(status=Host.Status.LEFT)

    assert "高山苹果" in words_of(mine(phone, link))
    gone = phone.get(f"/s/{link.code}/")
    assert gone.status_code == 410
    assert f"/s/{link.code}/orders/" in gone.content.decode()


def test_erased_or_past_its_time_it_is_gone(phone: Client, link: Link) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=181), tick=False):
        assert "还没有订单" in words_of(mine(phone, link))

    erase(Order.objects.get().relation)
    assert "还没有订单" in words_of(mine(phone, link))


def test_many_orders_cost_no_more_questions_than_one(
    phone: Client, link: Link, product: Product, django_assert_max_num_queries: object
) -> None:
    for number in range(3, 8):
        send_order(phone, order_url(link, product), quantity=str(number))

    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert mine(phone, link).count("/o/") >= 5
