"""The buyer's private page: only for who holds the link, and with no more than needed."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.handover.acts import hand_over
from apps.customers.models import Relation
from apps.database import crypto
from apps.trade import services as trade
from apps.trade.models import Order
from tests.storefront.pages import hidden_fields, open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, events, order_url
from tests.tracking.test_rebuild import erase

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
    words = words_of(answer.content.decode())
    assert "没有找到这个页面" in words
    assert "资料已经按你的要求删除，订单就不再显示" in words  # said of every link, so it tells of nobody


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
    assert "付款 已收款" in words


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


def test_who_has_paid_before_the_yes_is_not_told_to_wait_with_paying(where: str) -> None:
    trade.mark_paid(Order.objects.get(), by=None, now=timezone.now())

    words = words_of(open_page(a_phone(), where))

    assert "付的款收到了，林姐接着会和你确认送货。" in words
    assert "不用付钱" not in words
    assert "自动取消" not in words


def test_a_payment_noted_by_a_former_host_is_not_said_to_be_the_new_ones(where: str) -> None:
    order = Order.objects.get()
    trade.mark_paid(order, by=None, now=timezone.now())
    taker, hers = a_host("阿珍"), Relation.objects.filter(pk=order.relation_id)
    hand_over(order.host, taker, relations=hers, scope="", reason="换人", by=None, now=timezone.now())

    words = words_of(open_page(a_phone(), where))

    assert "付款 已收款" in words
    assert "阿珍接着会和你确认送货" in words


@pytest.mark.parametrize("status", [Host.Status.SUSPENDED, Host.Status.LEFT])
def test_the_order_of_a_host_who_serves_no_more_says_what_becomes_of_it(where: str, status: str) -> None:
    """At every step, that she is not here, and who goes on; nobody is promised who will not come."""
    order = Order.objects.get()
    phone = a_phone()
    Host.objects.filter(pk=order.host_id).update(status=status)
    company = order.host.organisation.get_root().name
    said = f"林姐现在不在这里服务了，{company}会安排别的人"

    words = words_of(open_page(phone, where))
    assert f"订单收到了 {said}接手，来和你确认付款和送货。先不用付钱。" in words
    assert "没确认的话，这一单会自动取消" in words
    assert "付款 由接手的人和你确认" in words
    trade.mark_paid(order, by=None, now=timezone.now())
    for step in (None, trade.confirm_order, trade.ship_order, trade.finish_order):
        if step is not None:
            step(order, by=None, now=timezone.now())
        words = words_of(open_page(phone, where))
        assert "不用付钱" not in words
        assert "为你服务" not in words
        told, _, _ = words.partition("我的资料")  # to whom she agreed stands there, as it was
        assert told.count("林姐") == told.count("林姐现在不在这里服务了") == 1
        assert company in words
    assert "林姐为你服务" not in words_of(open_page(phone, f"/s/{order.link.code}/orders/"))
    assert "已经下的单还在" in words_of(open_page(phone, f"/s/{order.link.code}/", status=410))


def test_a_cancelled_order_of_a_host_who_left_names_who_pays_back(where: str) -> None:
    order = Order.objects.get()
    trade.cancel_order(order, by=None, now=timezone.now())
    Host.objects.filter(pk=order.host_id).update(status=Host.Status.LEFT)

    words = words_of(open_page(a_phone(), where))

    assert f"如果已经付过钱，{order.host.organisation.get_root().name}会退给你" in words
    assert "林姐" not in words.partition("我的资料")[0]


def test_her_own_link_says_what_an_erasure_means(where: str) -> None:
    order = Order.objects.select_related("relation__host").get()
    relation = order.relation
    erase(relation, "13800008000")

    assert "资料已经按你的要求删除，订单就不再显示" in words_of(open_page(a_phone(), where, status=404))


def test_a_tick_that_was_taken_back_waits_for_no_proof(where: str) -> None:
    phone, host, product = a_phone(), a_host("赵姐"), a_product("砀山梨")
    address = send_order(phone, order_url(a_link(host, product), product), marketing="on")["Location"]
    page = open_page(phone, address)
    assert "要先确认是本人才算" in words_of(page)
    action = re.search(r'action="(/o/[^"]+/consents/[^"]+/)"', page)
    assert action is not None

    phone.post(action[1], hidden_fields(page))

    words = words_of(open_page(phone, address))
    assert "已收回" in words
    assert "要先确认是本人才算" not in words
