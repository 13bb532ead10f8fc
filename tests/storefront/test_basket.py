"""The basket: several things of one host, kept on the device, ordered as one, with the stock of now."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.catalog.models import Product, Sku
from apps.storefront import basket
from apps.tracking.models import Link
from apps.trade.models import Order
from tests.storefront.pages import GOOD, hidden_fields, open_page, send_order, words_of
from tests.storefront.people import a_host, a_link, a_phone, a_product, a_sku, on_shelf

pytestmark = pytest.mark.django_db


@pytest.fixture
def host() -> Host:
    return a_host()


@pytest.fixture
def apples(host: Host) -> Product:
    product = a_product("高山苹果", price_fen=5_900, stock=10)
    on_shelf(host, product)
    return product


@pytest.fixture
def pears(host: Host) -> Product:
    product = a_product("秋月梨", price_fen=3_000, stock=10)
    on_shelf(host, product)
    return product


@pytest.fixture
def link(host: Host) -> Link:
    return a_link(host, host)


@pytest.fixture
def phone() -> Client:
    return a_phone()


def token_of(phone: Client, link: Link) -> str:
    return hidden_fields(open_page(phone, f"/s/{link.code}/order/?sku={Sku.objects.all()[0].public_id}"))[
        "csrfmiddlewaretoken"
    ]


def post(phone: Client, link: Link, **fields: Any) -> Any:
    data = {"csrfmiddlewaretoken": token_of(phone, link), **fields}
    return phone.post(f"/s/{link.code}/basket/", data)


def put_in(phone: Client, link: Link, product: Product, place: int = 0) -> Any:
    sku = product.skus.order_by("pk")[place]
    return post(phone, link, sku=str(sku.public_id))


def name_of(product: Product) -> str:
    return f"n-{product.skus.order_by('pk')[0].public_id.hex}"


def order(phone: Client, link: Link, **fields: Any) -> Any:
    return send_order(phone, f"/s/{link.code}/basket/order/", **{"quantity": None, **fields})


# --- putting in, changing, taking out -------------------------------------------------------------------


def test_several_things_are_put_in_changed_taken_out_and_ordered_as_one(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    big = a_sku(apples, name="大箱", price_fen=9_900)
    for answer in (put_in(phone, link, apples), put_in(phone, link, apples, 1), put_in(phone, link, pears)):
        assert (answer.status_code, answer["Location"]) == (302, f"/s/{link.code}/basket/")
    put_in(phone, link, pears)
    page = words_of(open_page(phone, f"/s/{link.code}/basket/"))
    assert "¥218.00" in page  # 59 + 99 + 2 × 30

    post(phone, link, **{name_of(apples): "3"}, remove=big.public_id.hex)
    assert order(phone, link).status_code == 302

    placed = Order.objects.get()
    lines = {
        line.sku.product.title: (line.quantity, line.total_fen) for line in placed.lines.all() if line.sku
    }
    assert lines == {"高山苹果": (3, 17_700), "秋月梨": (2, 6_000)}
    assert placed.total_fen == 23_700
    assert Sku.objects.get(product=pears).stock == 8
    assert "购物车还是空的" in words_of(open_page(phone, f"/s/{link.code}/basket/"))


def test_the_way_on_takes_the_numbers_along(phone: Client, link: Link, apples: Product) -> None:
    put_in(phone, link, apples)

    answer = post(phone, link, do="order", **{name_of(apples): "4"})

    assert answer["Location"] == f"/s/{link.code}/basket/order/"
    assert "¥236.00" in words_of(open_page(phone, answer["Location"]))


@pytest.mark.parametrize("wrong", ["", "x", "-1", "100", "1.5", "²"])
def test_what_is_no_number_changes_nothing_and_is_said(
    phone: Client, link: Link, apples: Product, wrong: str
) -> None:
    put_in(phone, link, apples)

    answer = post(phone, link, do="order", **{name_of(apples): wrong})

    page = open_page(phone, answer["Location"])
    assert answer["Location"] == f"/s/{link.code}/basket/"
    assert "要写 0 到 99 的整数" in words_of(page)
    assert f'name="{name_of(apples)}"' in page
    assert "¥59.00" in words_of(page)


def test_nobody_puts_in_what_her_link_does_not_reach(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    foreign = a_product("别家的茶")
    off = a_product("下架的糖", status=Product.Status.OFF)

    assert put_in(phone, link, foreign).status_code == 404
    assert put_in(phone, link, off).status_code == 404
    gone = a_product("卖完的糖", stock=0)
    on_shelf(link.host, gone)
    put_in(phone, link, gone)

    page = words_of(open_page(phone, f"/s/{link.code}/basket/"))
    assert "没有放进去" in page
    assert "购物车还是空的" in page


def test_more_kinds_than_one_order_takes_are_refused_kindly(
    phone: Client, link: Link, apples: Product
) -> None:
    for number in range(basket.MOST_KINDS):
        a_sku(apples, name=f"第 {number} 种")
    for place in range(basket.MOST_KINDS + 1):
        put_in(phone, link, apples, place)

    page = open_page(phone, f"/s/{link.code}/basket/")
    assert f"最多 {basket.MOST_KINDS} 种" in words_of(page)
    assert page.count('name="n-') == basket.MOST_KINDS
    assert len(phone.cookies[basket.COOKIE].value) <= basket.MOST_BYTES


def test_each_host_has_a_basket_of_her_own(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    other = a_host("阿珍")
    on_shelf(other, apples)
    hers = a_link(other, other)
    put_in(phone, link, pears)
    put_in(phone, hers, apples)

    assert "秋月梨" in words_of(open_page(phone, f"/s/{link.code}/basket/"))
    page = words_of(open_page(phone, f"/s/{hers.code}/basket/"))
    assert "高山苹果" in page
    assert "秋月梨" not in page


def test_a_basket_is_of_this_device_alone_and_can_t_be_made_up(
    phone: Client, link: Link, apples: Product
) -> None:
    put_in(phone, link, apples)
    assert "购物车还是空的" in words_of(open_page(a_phone(), f"/s/{link.code}/basket/"))

    for broken in ("", "x", "AAAA", phone.cookies[basket.COOKIE].value[:-8] + "AAAAAAAA"):
        phone.cookies[basket.COOKIE] = broken
        assert "购物车还是空的" in words_of(open_page(phone, f"/s/{link.code}/basket/"))


def test_what_one_link_found_stays_in_the_basket_behind_another(
    phone: Client, host: Host, link: Link, apples: Product
) -> None:
    rice = a_product("稻花香米", price_fen=8_000)
    put_in(phone, a_link(host, rice), rice)  # it is on no shelf
    put_in(phone, link, apples)

    assert order(phone, link).status_code == 302
    assert Order.objects.get().total_fen == 13_900
    assert Order.objects.get().link == link


# --- stock, price, limits --------------------------------------------------------------------------------


def test_what_sold_out_in_between_is_told_and_the_rest_kept(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    put_in(phone, link, apples)
    put_in(phone, link, pears)
    post(phone, link, **{name_of(pears): "5"})
    form = open_page(phone, f"/s/{link.code}/basket/order/")
    apples.skus.update(stock=0)
    pears.skus.update(stock=2)

    refused = order(phone, link, form=form, address="杭州市西湖区文三路 9 号")

    html = refused.content.decode()
    said = words_of(html)
    assert refused.status_code == 409
    assert "「高山苹果」刚刚卖完了" in said
    assert "「秋月梨」只剩 2 件，数量已经改成 2" in said
    assert "文三路 9 号" in html
    assert "¥60.00" in said
    assert not Order.objects.exists()
    assert order(phone, link, form=html).status_code == 302
    assert Order.objects.get().total_fen == 6_000
    # What she could not have stays in the basket, marked.
    assert "刚刚卖完了" in words_of(open_page(phone, f"/s/{link.code}/basket/"))


def badge(page: str) -> str:
    found = re.search(r"data-pieces[^>]*>(\d+)<", page)
    return found[1] if found else ""


def test_what_this_host_sells_no_more_is_told_apart_from_what_nobody_sells_and_not_counted(
    phone: Client, host: Host, link: Link, apples: Product, pears: Product
) -> None:
    tea = a_product("明前龙井", price_fen=9_000, stock=2)
    on_shelf(host, tea)
    for product in (apples, pears, tea, tea, tea):
        put_in(phone, link, product)
    assert badge(open_page(phone, f"/s/{link.code}/")) == "4"  # two of the three are there
    catalog.remove_from_shelf(host, apples, now=timezone.now())
    Product.objects.filter(pk=pears.pk).update(status=Product.Status.OFF)

    page = open_page(phone, f"/s/{link.code}/basket/")
    form = open_page(phone, f"/s/{link.code}/basket/order/")

    rows = [words_of(row) for row in page.split('<li class="in-basket')[1:]]
    assert "这里现在不卖了" in rows[0]
    assert "下架" not in rows[0]
    assert "下架了" in rows[1]
    assert "「高山苹果」这里现在不卖了，这一单先不带它。" in words_of(form)
    assert "「秋月梨」下架了，这一单先不带它。" in words_of(form)
    for one in (page, open_page(phone, f"/s/{link.code}/")):
        assert badge(one) == "2"
    tea.skus.update(stock=0)
    assert badge(open_page(phone, f"/s/{link.code}/")) == ""
    assert "刚刚卖完了" in words_of(open_page(phone, f"/s/{link.code}/basket/"))


def test_with_nothing_left_she_is_back_at_the_basket(phone: Client, link: Link, apples: Product) -> None:
    put_in(phone, link, apples)
    form = open_page(phone, f"/s/{link.code}/basket/order/")
    apples.skus.update(stock=0)

    values = {**hidden_fields(form), **GOOD}
    answer = phone.post(f"/s/{link.code}/basket/order/", values)

    assert (answer.status_code, answer["Location"]) == (303, f"/s/{link.code}/basket/")
    assert "卖完了" in words_of(open_page(phone, answer["Location"]))
    assert phone.get(f"/s/{link.code}/basket/order/")["Location"] == f"/s/{link.code}/basket/"


def test_a_price_that_changed_is_shown_before_it_is_paid(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    put_in(phone, link, apples)
    put_in(phone, link, pears)
    form = open_page(phone, f"/s/{link.code}/basket/order/")
    pears.skus.update(retail_price_fen=3_500)

    refused = order(phone, link, form=form).content.decode()

    assert "合计从 ¥89.00 变成 ¥94.00" in words_of(refused)
    assert order(phone, link, form=refused).status_code == 302
    assert Order.objects.get().total_fen == 9_400


def test_limits_hold_for_the_whole_order(phone: Client, link: Link, apples: Product, pears: Product) -> None:
    a_sku(apples, name="大箱", price_fen=9_900)
    Product.objects.filter(pk=apples.pk).update(most_per_person=2)
    put_in(phone, link, apples)
    put_in(phone, link, apples, 1)
    post(phone, link, **{name_of(apples): "2"})

    assert "最多买 2 件" in words_of(open_page(phone, f"/s/{link.code}/basket/"))
    refused = order(phone, link)

    assert refused.status_code == 409
    assert "回购物车改一下数量" in words_of(refused.content.decode())
    assert not Order.objects.exists()
    # What she typed of herself is there again when she comes back with fewer.
    post(phone, link, **{name_of(apples): "1"})
    again = open_page(phone, f"/s/{link.code}/basket/order/")
    assert GOOD["address"] in again
    assert order(phone, link, form=again).status_code == 302


# --- once --------------------------------------------------------------------------------------------------


def test_one_form_makes_one_order_however_often_it_is_sent(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    put_in(phone, link, apples)
    put_in(phone, link, pears)
    form = open_page(phone, f"/s/{link.code}/basket/order/")
    apples.skus.update(stock=1)

    first, second = order(phone, link, form=form), order(phone, link, form=form)

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1
    other = order(phone, link, form=form, name="别人")
    assert other.status_code == 409
    assert "这张订单已经提交过了" in words_of(other.content.decode())


def test_the_same_basket_once_more_is_asked(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    for _ in range(2):
        put_in(phone, link, apples)
        put_in(phone, link, pears)
        answer = order(phone, link)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "刚刚已经下过同样一单，还要再下一单吗？" in words_of(html)
    assert f"/s/{link.code}/orders/" in html
    assert order(phone, link, form=html).status_code == 302
    assert Order.objects.count() == 2


def test_a_part_of_the_last_order_is_another_order(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    put_in(phone, link, apples)
    put_in(phone, link, pears)
    order(phone, link)
    put_in(phone, link, apples)

    assert order(phone, link).status_code == 302


def test_a_stale_tab_leaves_alone_what_she_changed_in_another(
    phone: Client, link: Link, apples: Product, pears: Product
) -> None:
    put_in(phone, link, apples)
    put_in(phone, link, pears)
    url = f"/s/{link.code}/basket/"
    stale = hidden_fields(open_page(phone, url))
    phone.post(url, {**stale, name_of(apples): "5", name_of(pears): "1"})

    phone.post(url, {**stale, name_of(apples): "1", name_of(pears): "3"})

    page = open_page(phone, url)
    assert (number_in(page, apples), number_in(page, pears)) == ("5", "3")


def number_in(page: str, product: Product) -> str:
    """How many of it the page shows."""
    found = re.search(rf'name="{name_of(product)}"\s+value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_a_script_is_answered_in_a_line(phone: Client, link: Link, apples: Product) -> None:
    put_in(phone, link, apples)
    url, script = f"/s/{link.code}/basket/", {"X-Requested-With": "fetch"}
    form = hidden_fields(open_page(phone, url))
    kept = phone.post(url, {**form, name_of(apples): "4"}, headers=script)
    assert (kept.status_code, kept.content) == (204, b"")
    wrong = phone.post(url, {**form, name_of(apples): "四"}, headers=script)
    assert wrong.status_code == 422
    assert "「高山苹果」的数量没有改" in wrong.content.decode()
    assert number_in(open_page(phone, url), apples) == "4"
