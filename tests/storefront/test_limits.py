"""Orders that nobody means: limits, doubtful ones that wait, and stock that comes back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.customers.models import Relation
from apps.outbox import registry
from apps.outbox.models import Delivery
from apps.tracking import services as tracking
from apps.tracking.models import Channel, Event, Link
from apps.trade import releasing, rules
from apps.trade import services as trade
from apps.trade.invariants import check_orders
from apps.trade.models import Order, OrderRules
from tests.factories import api_of
from tests.library.desk import browser
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


def one_of_old() -> Client:
    """A browser that has been here before: its cookie is an hour old."""
    client = a_phone()
    client.cookies["v"], _ = tracking.new_visitor(now=timezone.now() - timedelta(hours=1))
    return client


def newest() -> Order:
    return Order.objects.order_by("-pk")[0]


def made() -> tuple[int, int]:
    """How many customers there are, and how many orders."""
    return Relation.objects.count(), Order.objects.count()


def test_one_stranger_with_one_link_empties_no_stock_and_makes_no_crowd(link: Link, product: Product) -> None:
    stranger = a_phone()

    answers = [ask(stranger, link, product, number, quantity="99") for number in range(4)]

    assert [answer.status_code for answer in answers] == [302, 409, 409, 409]
    assert "前面的单还在等林姐确认" in words_of(answers[1].content.decode())
    assert (stock_of(product), made()) == (200, (1, 1))
    assert check_orders() == []


def test_nor_does_one_who_keeps_no_cookie(link: Link, product: Product) -> None:
    answers = [ask(a_phone(), link, product, number, quantity="99") for number in range(8)]

    few = rules.rules().waiting_new
    assert [answer.status_code for answer in answers].count(302) == few
    assert (stock_of(product), made()) == (200, (few, few))


def test_nor_one_who_stays_below_what_one_order_may_have(link: Link, product: Product) -> None:
    Sku.objects.update(stock=100)
    stranger = one_of_old()

    answers = [ask(stranger, link, product, number, quantity="20") for number in range(5)]

    assert [answer.status_code for answer in answers] == [302, 302, 409, 409, 409]
    assert list(Order.objects.order_by("pk").values_list("doubt", flat=True)) == ["", "held"]
    assert (stock_of(product), made()) == (80, (2, 2))
    assert check_orders() == []


def test_nor_one_who_takes_another_link_each_time(host: Host, link: Link, product: Product) -> None:
    Sku.objects.update(stock=100)
    stranger, other = a_phone(), a_host("小美")
    links = [*[a_link(host, product, channel) for channel in Channel.values[:4]], a_link(other, product)]
    assert len({one.pk for one in links}) == 5

    for number, one in enumerate(links):
        ask(stranger, one, product, number, quantity="20")

    # One more may wait with the other host: she is asked about hers.
    assert (stock_of(product), Relation.objects.count()) == (80, 3)


def test_orders_are_counted_over_all_links_of_a_host(host: Host, product: Product) -> None:
    OrderRules.objects.create(pk=1, many_orders=2)
    buyer = a_phone()

    for number, channel in enumerate(Channel.values[:3]):
        ask(buyer, a_link(host, product, channel), product, number)

    assert list(Order.objects.order_by("pk").values_list("doubt", flat=True)) == ["", "", "often"]


def test_a_cookie_of_one_get_makes_no_browser_known(link: Link, product: Product) -> None:
    Sku.objects.update(stock=3_000)

    for number in range(100):
        machine = Client(enforce_csrf_checks=True, headers={"User-Agent": f"Mozilla/5.0 (Machine {number})"})
        open_page(machine, f"/s/{link.code}/")
        ask(machine, link, product, number, quantity="20")

    by_address = rules.rules().held_by_address // 20
    assert stock_of(product) == 3_000 - by_address * 20
    assert Relation.objects.count() == by_address + rules.rules().waiting_new


def test_nor_do_the_many_addresses_of_one_line(link: Link, product: Product) -> None:
    Sku.objects.update(stock=3_000)

    for number in range(20):
        machine = a_phone()
        machine.defaults["REMOTE_ADDR"] = f"2001:db8:1:2::{number + 1:x}"
        ask(machine, link, product, number, quantity="20")

    assert stock_of(product) == 3_000 - 7 * 20
    assert Relation.objects.count() == 7 + rules.rules().waiting_new


def test_many_addresses_leave_a_part_of_the_stock(link: Link, product: Product) -> None:
    Sku.objects.update(stock=100)

    for number in range(8):
        machine = a_phone()
        machine.defaults["REMOTE_ADDR"] = f"10.0.0.{number + 1}"
        ask(machine, link, product, number, quantity="20")

    assert stock_of(product) == 20
    assert Order.objects.filter(holds_stock=False).count() == 4  # placed: the host decides


def test_the_last_pieces_can_still_be_bought(link: Link, product: Product) -> None:
    Sku.objects.update(stock=10)

    for number in range(5):
        assert ask(a_phone(), link, product, number, quantity="2").status_code == 302

    assert stock_of(product) == 0


def test_a_whole_group_behind_one_address_orders(link: Link, product: Product) -> None:
    answers = [ask(a_phone(), link, product, number, quantity="2") for number in range(60)]

    assert {answer.status_code for answer in answers} == {302}
    assert set(Order.objects.values_list("doubt", flat=True)) == {""}
    assert stock_of(product) == 80


def test_a_family_orders_twice(link: Link, product: Product) -> None:
    mother, father = a_phone(), a_phone()

    for buyer, number in ((mother, 1), (father, 2), (mother, 1), (mother, 3)):
        assert ask(buyer, link, product, number, quantity="3").status_code == 302

    assert set(Order.objects.values_list("doubt", flat=True)) == {""}


def test_a_big_buyer_whom_the_host_knows_is_not_doubted(host: Host, link: Link, product: Product) -> None:
    buyer = a_phone()
    ask(buyer, link, product)
    browser(host.user).post(f"/me/orders/{Order.objects.get().public_id}/confirm/")

    for _ in range(2):
        assert ask(buyer, link, product, quantity="60").status_code == 302

    assert set(Order.objects.values_list("doubt", flat=True)) == {""}
    assert stock_of(product) == 79


def test_what_is_confirmed_or_paid_counts_no_more(host: Host, link: Link, product: Product) -> None:
    for number in range(7):
        ask(a_phone(), link, product, number, quantity="20")
    assert ask(a_phone(), link, product, 7, quantity="20").status_code == 302
    assert newest().doubt == "held"
    her, (first, second) = browser(host.user), Order.objects.order_by("pk")[:2]

    her.post(f"/me/orders/{first.public_id}/confirm/")
    her.post(f"/me/orders/{second.public_id}/paid/")

    assert ask(a_phone(), link, product, 8, quantity="10").status_code == 302
    assert newest().doubt == ""
    assert set(Order.objects.filter(pk__in=[first.pk, second.pk]).values_list("place", flat=True)) == {""}


def test_a_strangers_doubtful_orders_lock_nobody_out(link: Link, product: Product) -> None:
    for number in range(4):
        ask(a_phone(), link, product, number, quantity="30")

    regular = ask(one_of_old(), link, product, 11, quantity="30")
    ordinary = ask(a_phone(), link, product, 12, quantity="2")

    assert (regular.status_code, ordinary.status_code) == (302, 302)
    assert newest().holds_stock


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

    for number in range(4):
        assert ask(a_phone(), link, product, number).status_code == 302
    assert ask(one_of_old(), link, product, 4).status_code == 302

    doubts = list(Order.objects.order_by("pk").values_list("doubt", flat=True))
    assert doubts == ["", "", "often", "often", ""]
    assert stock_of(product) == 197


def test_one_order_may_have_so_many_pieces(host: Host, link: Link, product: Product) -> None:
    Product.objects.update(most_per_order=3)

    page = ask(a_phone(), link, product, quantity="4")
    api = order_by_api(host, product, 4)

    assert page.status_code == 409
    assert "每单最多买 3 件" in words_of(page.content.decode())
    assert (api.status_code, set(api.json()["fields"])) == (400, {"items.0.quantity"})
    assert (stock_of(product), Order.objects.count()) == (200, 0)
    assert ask(a_phone(), link, product, quantity="3").status_code == 302


def test_one_person_may_have_so_many_by_her_browser(link: Link, product: Product) -> None:
    Product.objects.update(most_per_person=5, limit_days=7)
    buyer = a_phone()
    assert ask(buyer, link, product, 1, quantity="3").status_code == 302

    for one, number in ((link, 2), (a_link(a_host("小美"), product), 3)):
        refused = ask(buyer, one, product, number, quantity="3")
        assert refused.status_code == 409
        assert "7 天内最多买 5 件，这台手机现在还能买 2 件" in words_of(refused.content.decode())

    assert Relation.objects.count() == 1
    assert ask(a_phone(), link, product, 4, quantity="5").status_code == 302
    # What was cancelled, or lies longer ago, does not count.
    Order.objects.update(placed_at=timezone.now() - timedelta(days=8))
    assert ask(buyer, link, product, 1, quantity="3").status_code == 302


def test_somebody_elses_phone_tells_nothing_of_what_it_bought(
    host: Host, link: Link, product: Product
) -> None:
    Product.objects.update(most_per_person=5, limit_days=7)
    ask(a_phone(), link, product, 1, quantity="3")
    told = []

    for number in (1, 2):  # hers, and one that bought nothing
        Sku.objects.update(stock=150)  # anybody may read it
        stranger = a_phone()
        too_many = ask(stranger, link, product, number, quantity="6")
        taken = ask(stranger, link, product, number, quantity="4")
        state = words_of(open_page(stranger, taken["Location"])).replace("0001", "0002")
        again = ask(stranger, link, product, number, quantity="4")
        told.append(
            [
                (too_many.status_code, words_of(too_many.content.decode()).replace("0001", "0002")),
                (taken.status_code, state, stock_of(product)),
                (again.status_code, words_of(again.content.decode()).replace("0001", "0002")),
            ]
        )

    assert told[0] == told[1]
    assert "每人 7 天内最多买 5 件。" in told[0][0][1]
    hers = list(Order.objects.order_by("pk"))
    assert [order.is_over_limit for order in hers] == [False, True, False]
    her = browser(host.user)
    page = words_of(her.get(f"/me/orders/{hers[1].public_id}/").content.decode())
    assert "加上这一单超过了每人限购" in page


def test_nor_does_the_api(host: Host, link: Link, product: Product) -> None:
    Product.objects.update(most_per_person=5, limit_days=7)
    ask(a_phone(), link, product, 8000, quantity="3")  # 13800008000

    refused = order_by_api(host, product, 6)
    placed = order_by_api(host, product, 4)

    assert (refused.status_code, refused.json()["fields"]) == (
        400,
        {"items.0.quantity": ["「高山苹果 5 斤装」每人 7 天内最多买 5 件。"]},
    )
    assert (placed.status_code, placed.json()["is_over_limit"]) == (201, True)


def test_a_mobile_with_something_behind_it_evades_no_limit(link: Link, product: Product) -> None:
    Product.objects.update(most_per_person=5, limit_days=7)
    ask(a_phone(), link, product, 1, quantity="4")

    send_order(a_phone(), order_url(link, product), phone="13800000001-1", quantity="4")
    send_order(a_phone(), order_url(link, product), phone="0571-88888888-1", quantity="4")

    assert list(Order.objects.order_by("pk").values_list("is_over_limit", flat=True)) == [False, True, False]


def test_who_is_refused_again_and_again_is_braked(link: Link, product: Product) -> None:
    OrderRules.objects.create(pk=1, refusals_of_browser=3, refusals_of_address=5)
    Product.objects.update(most_per_person=5)
    stranger, regular = a_phone(), one_of_old()

    answers = [ask(stranger, link, product, number, quantity="6") for number in range(4)]
    assert [answer.status_code for answer in answers] == [409, 409, 409, 429]
    assert int(answers[3]["Retry-After"]) > 60
    for number in range(2):
        ask(a_phone(), link, product, number, quantity="6")

    assert ask(a_phone(), link, product, 7).status_code == 429
    assert ask(regular, link, product, 8).status_code == 302


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
    trade.mark_paid(paid, by=host.user, now=timezone.now())
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
