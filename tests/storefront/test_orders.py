"""The order form: what it makes, what it refuses, and that it never does half."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.customers.models import Customer, Relation
from apps.library.models import Material
from apps.records.models import Consent, Notice
from apps.storefront import throttles
from apps.tracking.models import Link, Visitor
from apps.trade.models import IdempotencyKey, Order
from tests.storefront.pages import GOOD, hidden_fields, open_page, send_order, words_of
from tests.storefront.people import (
    a_host,
    a_link,
    a_material,
    a_phone,
    a_product,
    a_sku,
    events,
    on_shelf,
    order_url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def product() -> Product:
    return a_product(price_fen=5_900, stock=10, commission_bp=1_000)


def nothing_was_done(product: Product, *, stock: int = 10) -> bool:
    return (
        not Order.objects.exists()
        and not Relation.objects.exists()
        and not Customer.objects.exists()
        and not Consent.objects.exists()
        and not IdempotencyKey.objects.exists()
        and not [event for event in events() if event.name.startswith("order")]
        and sum(product.skus.values_list("stock", flat=True)) == stock
    )


def test_an_order_takes_stock_makes_the_customer_hers_and_is_an_event(host: Host, product: Product) -> None:
    link = a_link(host, a_material(product=product))
    phone = a_phone()

    answer = send_order(phone, order_url(link, product), quantity="2", note="周末送")

    order = Order.objects.get()
    assert answer.status_code == 302
    assert re.fullmatch(r"/o/[1-9A-HJ-NP-Za-km-z]{20,22}/", answer["Location"])
    assert (order.host, order.total_fen) == (host, 11_800)
    assert (order.receiver_name, order.receiver_phone) == ("张小雨", "+8613800008000")
    assert (order.receiver_address, order.buyer_note) == ("杭州市西湖区文三路 1 号 301", "周末送")
    assert (order.link, order.visitor) == (link, Visitor.objects.get())
    assert Sku.objects.get().stock == 8
    relation = Relation.objects.get()
    assert (relation.host, relation.name, relation.source) == (host, "张小雨", Relation.Source.ORDER)
    (placed,) = events("order.placed")
    assert (placed.host_id, placed.relation_id) == (host.pk, relation.pk)
    assert (placed.link_id, placed.visitor_id) == (link.pk, order.visitor_id)
    assert placed.props == {"total_fen": 11_800, "quantity": 2, "goods": {str(product.pk): 2}}
    assert len(events("customer.joined")) == 1


def test_the_order_is_at_the_hosts_shelf_price(host: Host, product: Product) -> None:
    on_shelf(host, product, price_fen=5_500)

    send_order(a_phone(), order_url(a_link(host, product), product), quantity="3")

    assert Order.objects.get().total_fen == 16_500


def test_without_scripts_the_bar_claims_no_sum_that_it_does_not_know(host: Host, product: Product) -> None:
    phone, url = a_phone(), order_url(a_link(host, product), product)
    page = open_page(phone, url)
    assert "每件 ¥59.00" in words_of(page)
    refused = send_order(phone, url, form=page, quantity="3", phone="12")
    assert "3 件合计 ¥177.00" in words_of(refused.content.decode())


def test_consent_names_purpose_notice_recipient_and_order(host: Host, product: Product) -> None:
    phone = a_phone()
    html = open_page(phone, order_url(a_link(host, product), product))

    send_order(phone, order_url(a_link(host, product), product), form=html)

    consent = Consent.objects.get()
    assert consent.notice == Notice.objects.get(purpose="order", version=1)
    assert consent.notice.text in words_of(html)
    assert consent.recipient == "林姐、山野集"
    assert consent.relation_id == Relation.objects.get().pk
    assert consent.visitor_id == Visitor.objects.get().pk
    assert consent.evidence["order"] == str(Order.objects.get().public_id)
    assert "127.0.0.1" not in str(consent.evidence)
    assert not re.search(r"<input[^>]*name=\"consent\"[^>]*checked", html)


def test_the_second_order_of_a_phone_finds_the_same_customer_and_changes_nothing_of_her(
    host: Host, product: Product
) -> None:
    link = a_link(host, product)
    send_order(a_phone(), order_url(link, product))

    send_order(a_phone(), order_url(link, product), name="别的名字", phone="+86 138-0000-8000")

    relation = Relation.objects.get()
    assert relation.name == "张小雨"
    assert sorted(order.receiver_name for order in Order.objects.all()) == sorted(["别的名字", "张小雨"])


def test_one_phone_at_two_hosts_is_two_customers_of_whom_neither_host_knows(product: Product) -> None:
    lin, zhao = a_host("林姐"), a_host("赵姐")
    one = send_order(a_phone(), order_url(a_link(lin, product), product))

    other = send_order(a_phone(), order_url(a_link(zhao, product), product))

    mine, hers = Relation.objects.get(host=lin), Relation.objects.get(host=zhao)
    assert mine.customer_id != hers.customer_id
    assert mine.phone_index != hers.phone_index
    assert one.status_code == other.status_code == 302
    page = words_of(a_phone().get(other["Location"]).content.decode())
    assert "林姐" not in page
    assert [event.host_id for event in events("customer.joined")] == [lin.pk, zhao.pk]


# --- once is once -------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_order_and_leads_to_the_same_page(
    host: Host, product: Product
) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)

    first, second, third = (send_order(phone, url, form=form) for _ in range(3))

    assert first["Location"] == second["Location"] == third["Location"]
    assert Order.objects.count() == Consent.objects.count() == len(events("order.placed")) == 1
    assert Sku.objects.get().stock == 9
    assert phone.get(second["Location"]).status_code == 200


def test_twice_is_once_even_on_a_phone_that_keeps_no_cookie_of_ours(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    answers = []
    for _ in range(2):
        phone.cookies.pop("v", None)
        answers.append(send_order(phone, url, form=form))

    assert len({answer["Location"] for answer in answers}) == 1
    assert Order.objects.count() == 1


def test_a_used_form_with_other_words_is_409_and_leads_to_the_order_it_made(
    host: Host, product: Product
) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    made = send_order(phone, url, form=form)

    answer = send_order(phone, url, form=form, address="杭州市拱墅区另一条路 9 号")

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "这张订单已经提交过了" in words_of(html)
    assert made["Location"] in html
    assert Order.objects.get().receiver_address == GOOD["address"]
    assert Sku.objects.get().stock == 9


def test_every_opened_form_has_its_own_key(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()

    keys = {hidden_fields(open_page(phone, url))["key"] for _ in range(3)}

    assert len(keys) == 3
    assert all(len(key) >= 20 for key in keys)


def test_a_key_seen_on_another_phone_shows_nothing_of_that_order(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone, stranger = a_phone(), a_phone()
    key = hidden_fields(form := open_page(phone, url))["key"]
    made = send_order(phone, url, form=form)

    answer = send_order(stranger, url, name="陌生人", key=key)

    assert answer.status_code == 302
    assert answer["Location"] != made["Location"]
    assert Order.objects.count() == 2


# --- bad input ----------------------------------------------------------------------------------------

BAD = [
    ({"phone": ""}, "请填写手机号"),
    ({"phone": "1380000"}, "手机号不对：请填 11 位手机号"),
    ({"phone": "不告诉你"}, "手机号不对，里面有“不告诉你”"),
    ({"phone": "139OOOO1111"}, "请把 O 改成数字 0"),
    ({"phone": "1" * 41}, "手机号太长了"),
    ({"name": ""}, "请填写收货人姓名"),
    ({"name": "   \u200b\u202e "}, "请填写收货人姓名"),
    ({"name": "\u3164\u2800"}, "请填写收货人姓名"),
    ({"name": "长" * 61}, "姓名最多 60 个字，现在有 61 个"),
    ({"address": ""}, "请填写收货地址"),
    ({"address": "家里"}, "地址太短了，请写到门牌号"),
    ({"address": "路" * 121}, "地址最多 120 个字"),
    ({"note": "话" * 101}, "留言最多 100 个字"),
    ({"quantity": ""}, "请填写数量"),
    ({"quantity": "0"}, "至少买 1 件"),
    ({"quantity": "-3"}, "至少买 1 件"),
    ({"quantity": "100"}, "一次最多买 99 件"),
    ({"quantity": "两"}, "数量要是整数"),
    *(({"quantity": text}, "数量要是整数") for text in ("٣", "②", "1_0", "1e1", "2.0", "0x2", "²")),
    ({"quantity": "9" * 40}, "一次最多买 99 件"),
    ({"consent": None}, "请先勾一下，表示看过收货信息怎么用"),
    ({"key": ""}, "这张订单表不完整，请重新打开商品页再下单"),
    ({"key": "x' OR 1=1 --"}, "这张订单表不完整"),
    ({"price_fen": "free"}, "这张订单表不完整"),
    ({"price_fen": None}, "这张订单表不完整"),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_bad_input_names_the_field_and_the_mend_and_does_nothing(
    host: Host, product: Product, fields: dict[str, Any], message: str
) -> None:
    answer = send_order(a_phone(), order_url(a_link(host, product), product), **fields)

    html = answer.content.decode()
    assert answer.status_code == 400
    assert message in words_of(html)
    assert nothing_was_done(product)


def test_a_refused_form_keeps_what_was_typed_and_points_to_the_mistake(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)

    html = send_order(phone, url, form=form, phone="138", quantity="2").content.decode()

    assert "张小雨" in html
    assert GOOD["address"] in html
    assert "¥118.00" in words_of(html)
    (field,) = re.findall(r'<input[^>]*name="phone"[^>]*>', html)
    assert 'aria-invalid="true"' in field
    assert "autofocus" in field
    assert hidden_fields(html)["key"] == hidden_fields(form)["key"]
    assert send_order(phone, url, form=html).status_code == 302


def test_control_and_direction_marks_do_not_reach_the_host(host: Host, product: Product) -> None:
    send_order(
        a_phone(),
        order_url(a_link(host, product), product),
        name="张\u202e小\x00雨\n",
        address="杭州市\r\n\u200b西湖区   文三路 1 号",
    )

    order = Order.objects.get()
    assert order.receiver_name == "张小雨"
    assert order.receiver_address == "杭州市 西湖区 文三路 1 号"


def test_without_a_csrf_token_nothing_happens(host: Host, product: Product) -> None:
    answer = send_order(a_phone(), order_url(a_link(host, product), product), csrfmiddlewaretoken="x" * 64)

    assert answer.status_code == 403
    assert "这次没有提交成功" in words_of(answer.content.decode())
    assert nothing_was_done(product)


# --- the world changes while she types ----------------------------------------------------------------


def test_too_few_left_says_how_many(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    Sku.objects.update(stock=3)

    answer = send_order(phone, url, form=form, quantity="5")

    assert answer.status_code == 409
    assert "只剩 3 件了，请改成 3 件或更少" in words_of(answer.content.decode())
    assert nothing_was_done(product, stock=3)
    assert send_order(phone, url, form=answer.content.decode(), quantity="3").status_code == 302


def test_the_last_one_gone_is_a_kind_page_with_alternatives(host: Host, product: Product) -> None:
    on_shelf(host, a_product("还有的"))
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    product.skus.update(stock=0)

    answer = send_order(phone, url, form=form)

    assert answer.status_code == 410
    assert "刚刚卖完了" in words_of(answer.content.decode())
    assert "还有的" in words_of(answer.content.decode())
    assert nothing_was_done(product, stock=0)


def test_a_price_that_changed_is_shown_and_asked_again(host: Host, product: Product) -> None:
    item = on_shelf(host, product, price_fen=5_500)
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    item.prices.update(price_fen=5_800)

    answer = send_order(phone, url, form=form, quantity="2")

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "每件从 ¥55.00 变成 ¥58.00" in words_of(html)
    assert nothing_was_done(product)
    assert send_order(phone, url, form=html, quantity="2").status_code == 302
    assert Order.objects.get().total_fen == 11_600


def test_a_forged_price_buys_nothing(host: Host, product: Product) -> None:
    answer = send_order(a_phone(), order_url(a_link(host, product), product), price_fen="1")

    assert answer.status_code == 409
    assert nothing_was_done(product)


def test_off_the_shelf_while_she_typed(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    Product.objects.filter(pk=product.pk).update(status=Product.Status.OFF)

    answer = send_order(phone, url, form=form)

    assert answer.status_code == 410
    assert "这件商品下架了" in words_of(answer.content.decode())
    assert nothing_was_done(product)


def test_the_material_expired_while_she_typed(host: Host, product: Product) -> None:
    material = a_material(product=product)
    url = order_url(a_link(host, material), product)
    phone = a_phone()
    form = open_page(phone, url)
    Material.objects.filter(pk=material.pk).update(expire_at=timezone.now())

    assert send_order(phone, url, form=form).status_code == 410
    assert nothing_was_done(product)


def test_the_host_left_while_she_typed(host: Host, product: Product) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)
    Host.objects.filter(pk=host.pk).update(status=Host.Status.SUSPENDED)

    assert send_order(phone, url, form=form).status_code == 410
    assert nothing_was_done(product)


def test_a_product_of_another_hosts_shelf_can_not_be_ordered_here(host: Host, product: Product) -> None:
    foreign = a_product("别人的", stock=5)
    on_shelf(a_host("赵姐"), foreign)
    link = a_link(host, product)
    phone = a_phone()
    form = open_page(phone, order_url(link, product))

    answer = send_order(phone, order_url(link, foreign), form=form)

    assert answer.status_code == 404
    assert nothing_was_done(foreign, stock=5)


def test_she_orders_the_kind_she_chose(host: Host, product: Product) -> None:
    other = a_sku(product, name="10 斤装", price_fen=9_900, stock=4)
    link = a_link(host, product)

    send_order(a_phone(), f"/s/{link.code}/order/?sku={other.public_id}")

    order = Order.objects.get()
    assert order.total_fen == 9_900
    assert order.lines.get().sku == other


# --- too often ----------------------------------------------------------------------------------------


@pytest.fixture
def six_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "PHONE_A_MINUTE", 6)
    monkeypatch.setattr(throttles, "ADDRESS_A_MINUTE", 30)


def test_a_phone_that_posts_too_often_waits_and_nothing_is_lost(
    host: Host, product: Product, six_a_minute: None
) -> None:
    url = order_url(a_link(host, product), product)
    phone = a_phone()
    form = open_page(phone, url)

    answers = [send_order(phone, url, form=form, phone="1") for _ in range(7)]

    assert [answer.status_code for answer in answers[:6]] == [400] * 6
    assert answers[6].status_code == 429
    assert int(answers[6]["Retry-After"]) >= 1
    assert "提交得有点快" in words_of(answers[6].content.decode())
    assert nothing_was_done(product)


def test_new_cookies_do_not_help_one_address_for_ever(
    host: Host, product: Product, six_a_minute: None
) -> None:
    url = order_url(a_link(host, product), product)
    phone = Client()  # what is counted here is the address, so the check of the token may rest
    form = open_page(phone, url)
    statuses = []
    for number in range(31):
        phone.cookies["v"] = f"made-up-{number}"
        statuses.append(send_order(phone, url, form=form, phone="1").status_code)

    assert statuses == [400] * 30 + [429]


def test_no_personal_value_is_in_an_address_or_the_cache(host: Host, product: Product) -> None:
    from django.core.cache import cache

    answer = send_order(a_phone(), order_url(a_link(host, product), product))

    assert "138" not in answer["Location"]
    kept = str(getattr(cache, "_cache", {}))
    assert "127.0.0.1" not in kept
    assert "13800008000" not in kept
    assert Link.objects.count() == 1
