"""The buyer's private page: only for who holds the link, and with no more than needed."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import Host
from apps.database import crypto
from apps.trade import services as trade
from apps.trade.models import Order
from tests.storefront.pages import open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, events, order_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> str:
    """The address of a new order's page."""
    host, product = a_host(), a_product(price_fen=5_900)
    answer = send_order(a_phone(), order_url(a_link(host, product), product), quantity="2")
    return str(answer["Location"])


def test_the_holder_sees_state_goods_and_sum(where: str) -> None:
    words = words_of(open_page(a_phone(), where))

    assert "林姐收到你的订单了" in words
    assert "高山苹果 5 斤装" in words
    assert "2 件" in words
    assert "¥118.00" in words


def test_name_phone_and_address_are_masked(where: str) -> None:
    html = open_page(a_phone(), where)

    assert "138****8000" in html
    assert "张**" in html
    for value in ("13800008000", "张小雨", "文三路"):
        assert value not in html


@pytest.mark.parametrize("token", ["1" * 22, "x", "x" * 65, "0OIl", "林"])
def test_any_other_token_is_the_one_404(where: str, token: str) -> None:
    answer = a_phone().get(f"/o/{token}/")

    assert answer.status_code == 404
    assert "没有找到这个页面" in words_of(answer.content.decode())


def test_neither_ids_nor_the_hash_open_the_page(where: str) -> None:
    order = Order.objects.get()
    phone = a_phone()

    for token in (str(order.public_id), str(order.pk), bytes(order.view_digest or b"").hex()):
        open_page(phone, f"/o/{token}/", status=404)
    assert bytes(order.view_digest or b"") == crypto.digest(where.split("/")[2])


def test_the_page_leaks_nowhere(where: str) -> None:
    answer = a_phone().get(where)

    assert answer["Cache-Control"] == "private, no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert 'name="referrer"' not in answer.content.decode()
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "v" not in answer.cookies
    assert not [event for event in events() if event.name.endswith("viewed")]


def test_it_follows_the_order_to_its_end(where: str) -> None:
    order = Order.objects.get()
    now = timezone.now()
    for step, words in [
        (trade.confirm_order, "林姐确认了你的订单"),
        (trade.ship_order, "已经发货"),
        (trade.finish_order, "订单完成了"),
    ]:
        order = step(order, by=None, now=now)
        assert words in words_of(open_page(a_phone(), where))
    trade.return_goods(order, amount_fen=5_900, by=None, now=now)
    trade.mark_paid(order, by=order.host.user, now=now)

    words = words_of(open_page(a_phone(), where))
    assert "已退 ¥59.00" in words
    assert "林姐已收到" in words


def test_a_cancelled_order_says_so(where: str) -> None:
    trade.cancel_order(Order.objects.get(), by=None, now=timezone.now())

    words = words_of(open_page(a_phone(), where))

    assert "订单取消了" in words
    assert "已发货" not in words


def test_it_still_shows_when_the_host_has_left(where: str) -> None:
    Host.objects.update(status=Host.Status.LEFT)

    assert "的货架" not in words_of(open_page(a_phone(), where))


def test_the_link_ends_after_180_days(where: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=181), tick=False):
        open_page(a_phone(), where, status=404)


def test_a_revoked_link_opens_nothing(where: str) -> None:
    Order.objects.update(view_digest=None)

    open_page(a_phone(), where, status=404)
