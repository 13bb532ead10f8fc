"""Orders that nobody means: limits, doubtful ones that wait, and stock that comes back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.customers.models import Relation
from apps.outbox import registry
from apps.outbox.models import Delivery
from apps.tracking.models import Event, Link
from apps.trade import releasing, rules
from apps.trade.invariants import check_orders
from apps.trade.models import Order, OrderRules
from tests.factories import api_of
from tests.library.desk import a_person, browser
from tests.storefront.pages import open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, order_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def product() -> Product:
    return a_product(stock=200)


@pytest.fixture
def link(host: Host, product: Product) -> Link:
    return a_link(host, product)


def ask(client: Client, link: Link, product: Product, number: int = 0, **fields: Any) -> Any:
    """Order as somebody with a phone number of her own, who means it each time."""
    fields = {"twice": "on", **fields}
    return send_order(client, order_url(link, product), phone=f"1380000{number:04d}", **fields)


def stock_of(product: Product) -> int:
    return product.skus.get().stock


def test_one_stranger_with_one_link_empties_no_stock_and_makes_no_crowd(link: Link, product: Product) -> None:
    stranger = a_phone()

    answers = [ask(stranger, link, product, number, quantity="99") for number in range(4)]

    assert [answer.status_code for answer in answers] == [302, 409, 409, 409]
    assert "前面的单还在等林姐确认" in words_of(answers[1].content.decode())
    assert (stock_of(product), Relation.objects.count(), Order.objects.count()) == (200, 1, 1)
    assert check_orders() == []


def test_nor_does_one_who_keeps_no_cookie(link: Link, product: Product) -> None:
    answers = [ask(a_phone(), link, product, number, quantity="99") for number in range(8)]

    few = rules.WAITING_AT_ONE_ADDRESS[Order.Doubt.MANY]
    assert [answer.status_code for answer in answers].count(302) == few
    assert (stock_of(product), Relation.objects.count()) == (200, few)


def test_the_buyer_of_a_doubtful_order_is_told_kindly(link: Link, product: Product) -> None:
    buyer = a_phone()

    page = open_page(buyer, ask(buyer, link, product, quantity="30")["Location"])

    assert "林姐要先和你核对一下再备货，货还没有留" in words_of(page)
    assert "还没确认的话，这一单会自动取消" in words_of(page)


def test_the_hosts_yes_takes_the_stock_and_her_no_gives_none_back(
    host: Host, link: Link, product: Product
) -> None:
    for number in (1, 2):
        assert ask(a_phone(), link, product, number, quantity="30").status_code == 302
    yes, no = Order.objects.order_by("pk")
    her = browser(host.user)
    shown = words_of(her.get(f"/me/orders/{yes.public_id}/").content.decode())

    her.post(f"/me/orders/{yes.public_id}/confirm/")
    her.post(f"/me/orders/{no.public_id}/cancel/", {"reason": "不是真的"})

    assert "一次买得特别多" in shown
    assert "等你点头" not in words_of(her.get("/me/orders/").content.decode())
    assert stock_of(product) == 170
    assert [order.status for order in Order.objects.order_by("pk")] == ["confirmed", "cancelled"]
    her.post(f"/me/orders/{yes.public_id}/cancel/", {"reason": "又不要了"})
    assert stock_of(product) == 200


def test_what_is_gone_by_then_can_not_be_confirmed(host: Host, link: Link, product: Product) -> None:
    ask(a_phone(), link, product, quantity="30")
    order = Order.objects.get()
    Sku.objects.update(stock=7)

    for step in ("confirm", "paid"):
        page = browser(host.user).post(f"/me/orders/{order.public_id}/{step}/", follow=True)
        answer = api_of(host).post(f"/api/v1/orders/{order.public_id}/{step}/")

        assert "只剩 7 件了，不够留给这一单" in page.content.decode()
        assert "已记下收款" not in page.content.decode()
        assert (answer.status_code, stock_of(product)) == (409, 7)
        assert "只剩 7 件了，不够留给这一单" in answer.json()["message"]
        order.refresh_from_db()
        assert (order.status, order.is_paid, order.holds_stock) == ("placed", False, False)


@pytest.mark.parametrize("by", ["phone", "api"])
def test_marking_it_paid_is_the_hosts_yes_too(host: Host, link: Link, product: Product, by: str) -> None:
    ask(a_phone(), link, product, quantity="30")
    order = Order.objects.get()

    if by == "phone":
        page = browser(host.user).post(f"/me/orders/{order.public_id}/paid/", follow=True)
        assert "已记下收款" in page.content.decode()
    else:
        told = api_of(host).post(f"/api/v1/orders/{order.public_id}/paid/").json()
        assert (told["is_paid"], told["holds_stock"], told["status"]) == (True, True, "placed")

    assert stock_of(product) == 170
    browser(host.user).post(f"/me/orders/{order.public_id}/confirm/")
    order.refresh_from_db()
    assert (order.status, stock_of(product)) == ("confirmed", 170)
    browser(host.user).post(f"/me/orders/{order.public_id}/cancel/", {"reason": "又不要了"})
    assert stock_of(product) == 200
    assert check_orders() == []


@pytest.mark.parametrize("step", ["cancel", "paid"])
def test_what_is_cancelled_or_paid_is_not_marked_paid(
    host: Host, link: Link, product: Product, step: str
) -> None:
    ask(a_phone(), link, product)
    order = Order.objects.get()
    her = browser(host.user)
    her.post(f"/me/orders/{order.public_id}/{step}/", {"reason": "不要了"}, follow=True)

    page = her.post(f"/me/orders/{order.public_id}/paid/", follow=True)
    answer = api_of(host).post(f"/api/v1/orders/{order.public_id}/paid/")

    assert "已记下收款" not in page.content.decode()
    assert "这张订单刚刚变了" in page.content.decode()
    assert answer.status_code == 409
    assert "状态不能这样操作" in answer.json()["message"]
    order.refresh_from_db()
    assert order.is_paid is (step == "paid")
    assert Event.objects.filter(name="order.paid").count() == int(order.is_paid)


def test_a_browser_that_orders_again_and_again_waits_too(link: Link, product: Product) -> None:
    OrderRules.objects.create(pk=1, many_orders=2)
    buyer = a_phone()

    for number in range(4):
        ask(buyer, link, product, number)

    assert list(Order.objects.order_by("pk").values_list("doubt", flat=True)) == ["", "", "often"]
    assert stock_of(product) == 198


def test_browsers_that_were_never_here_wait_when_they_are_many(link: Link, product: Product) -> None:
    OrderRules.objects.create(pk=1, many_new=2)

    # A page gives its cookie to the first three of a make and address; the others come without.
    for number in range(6):
        assert ask(a_phone(), link, product, number).status_code == 302

    assert list(Order.objects.order_by("pk").values_list("doubt", flat=True)) == [*[""] * 5, "often"]
    assert stock_of(product) == 195


def test_a_group_behind_one_address_is_not_doubted(link: Link, product: Product) -> None:
    for number in range(12):
        neighbour = a_phone()
        open_page(neighbour, f"/s/{link.code}/")  # her browser takes our cookie with the first page
        assert ask(neighbour, link, product, number).status_code == 302

    assert set(Order.objects.values_list("doubt", flat=True)) == {""}
    assert stock_of(product) == 188


def test_one_order_may_have_so_many_pieces(host: Host, link: Link, product: Product) -> None:
    Product.objects.update(most_per_order=3)

    page = ask(a_phone(), link, product, quantity="4")
    api = order_by_api(host, product, 4)

    assert page.status_code == 409
    assert "每单最多买 3 件" in words_of(page.content.decode())
    assert (api.status_code, set(api.json()["fields"])) == (400, {"items.0.quantity"})
    assert (stock_of(product), Order.objects.count()) == (200, 0)
    assert ask(a_phone(), link, product, quantity="3").status_code == 302


def test_one_person_may_have_so_many_by_phone_and_by_browser(
    host: Host, link: Link, product: Product
) -> None:
    Product.objects.update(most_per_person=5, limit_days=7)
    buyer = a_phone()
    assert ask(buyer, link, product, 1, quantity="3").status_code == 302

    same_browser = ask(buyer, link, product, 2, quantity="3")
    same_phone = ask(a_phone(), link, product, 1, quantity="3")

    for refused in (same_browser, same_phone):
        assert refused.status_code == 409
        assert "7 天内最多买 5 件，现在还能买 2 件" in words_of(refused.content.decode())
    elsewhere = a_host("小美")
    assert ask(buyer, a_link(elsewhere, product), product, 3, quantity="3").status_code == 409
    assert Relation.objects.count() == 1
    assert ask(a_phone(), link, product, 4, quantity="5").status_code == 302
    # What was cancelled, or lies longer ago, does not count.
    Order.objects.filter(relation__phone_index=Relation.objects.order_by("pk")[0].phone_index).update(
        placed_at=timezone.now() - timedelta(days=8)
    )
    assert ask(buyer, link, product, 1, quantity="3").status_code == 302


def order_by_api(host: Host, product: Product, quantity: int) -> Any:
    body = {
        "items": [{"sku": str(product.skus.get().public_id), "quantity": quantity}],
        "name": "张小雨",
        "phone": "13800008000",
        "address": "上海市静安区幸福路 1 号",
    }
    headers = {"Idempotency-Key": "one-order-key"}
    return api_of(host).post("/api/v1/orders/", body, content_type="application/json", headers=headers)


def test_what_nobody_confirms_gives_its_stock_back_and_the_host_hears_of_it(
    host: Host, link: Link, product: Product
) -> None:
    ask(a_phone(), link, product, 1, quantity="2")
    ask(a_phone(), link, product, 2, quantity="30")
    for number in (3, 4):
        ask(a_phone(), link, product, number)
    ordinary, _doubtful, paid, confirmed = Order.objects.order_by("pk")
    Order.objects.filter(pk=paid.pk).update(is_paid=True)
    browser(host.user).post(f"/me/orders/{confirmed.public_id}/confirm/")
    due = releasing.released_at(ordinary)
    assert due is not None
    assert stock_of(product) == 196

    assert releasing.release(now=ordinary.placed_at + timedelta(hours=71)) == 0
    assert releasing.release(now=timezone.now() + timedelta(hours=72)) == 2
    assert releasing.release(now=timezone.now() + timedelta(hours=72)) == 0

    assert stock_of(product) == 198
    assert [order.status for order in Order.objects.order_by("pk")] == [
        "cancelled",
        "cancelled",
        "placed",
        "confirmed",
    ]
    assert "72 小时没有确认" in Order.objects.get(pk=ordinary.pk).reversals.get().reason
    assert Delivery.objects.filter(key__startswith="order-released:").count() == 2
    assert check_orders() == []


def test_the_release_is_a_job_of_the_schedule() -> None:
    from config.celery_settings import beat_schedule

    assert "trade.release" in {entry.get("kwargs", {}).get("name") for entry in beat_schedule.values()}
    assert registry.job_of("trade.release") is releasing.JOB


def test_hq_sets_the_rules_and_is_told_what_can_not_be() -> None:
    hq = browser(a_person(roles.ADMIN))
    numbers = {"many_pieces": 9, "many_orders": 3, "many_new": 30, "many_from_address": 90}
    opened = hq.get("/hq/orders/rules/").content.decode()

    refused = hq.post("/hq/orders/rules/", {**numbers, "release_hours": 721})
    assert not OrderRules.objects.exists()
    saved = hq.post("/hq/orders/rules/", {**numbers, "release_hours": 24})

    assert "多少小时没确认，自动取消" in opened
    assert (refused.status_code, saved.status_code) == (200, 302)
    assert "720" in refused.content.decode()
    assert (rules.rules().many_pieces, rules.rules().release_hours) == (9, 24)
    assert browser(a_person(roles.OPERATOR)).get("/hq/orders/rules/").status_code in {302, 403}
