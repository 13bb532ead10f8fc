"""The basket and 我的订单 in a real browser, with scripts and without, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.tracking.models import Link
from apps.trade.models import Order
from tests.browsing import chromium, faults, patient_context, shot, window
from tests.committed import web
from tests.storefront.people import a_host, a_link, a_product, a_sku, on_shelf

__all__ = ["chromium", "web"]


@pytest.fixture
def phone(chromium: Browser, web: str) -> Iterator[BrowserContext]:
    context = window(chromium, web)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def host(transactional_db: None) -> Host:
    return a_host()


@pytest.fixture
def apples(host: Host) -> Product:
    product = a_product("高山苹果", price_fen=5_900, stock=10)
    a_sku(product, name="大箱 10 斤", price_fen=9_900, stock=4)
    on_shelf(host, product)
    return product


@pytest.fixture
def pears(host: Host) -> Product:
    product = a_product("秋月梨", price_fen=3_000, stock=10)
    on_shelf(host, product)
    return product


@pytest.fixture
def link(host: Host, apples: Product, pears: Product) -> Link:
    return a_link(host, host)


def fill(page: Page) -> None:
    for name, value in {
        "name": "张小雨",
        "phone": "13800008000",
        "address": "杭州市西湖区文三路 1 号 301",
    }.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=consent]")


def put_in(page: Page, link: Link, product: Product, size: str = "") -> None:
    page.goto(f"/s/{link.code}/p/{product.public_id}/")
    if size:
        page.get_by_text(size).click()
    page.get_by_role("button", name="加购物车").click()
    expect(page.get_by_role("button", name="去下单")).to_be_visible()


def test_two_things_in_one_order_and_the_order_found_again(
    phone: BrowserContext, link: Link, apples: Product, pears: Product
) -> None:
    page = phone.new_page()
    put_in(page, link, apples, "大箱 10 斤")
    put_in(page, link, pears)
    expect(page.locator("[data-total]")).to_have_text("¥129.00")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="加一件").nth(1).click()
    expect(page.locator("[data-total]")).to_have_text("¥159.00")
    shot(page, "basket")
    assert faults(page) == []

    # The number is kept though she leaves by another way than the button.
    page.goto(f"/s/{link.code}/shelf/")
    expect(page.locator(".hello__count")).to_contain_text("3")
    page.get_by_role("link", name="购物车").click()
    expect(page.locator("[data-total]")).to_have_text("¥159.00")
    page.get_by_role("button", name="去下单").click()
    page.wait_for_url("**/basket/order/")
    expect(page.locator("[data-total]")).to_have_text("¥159.00")
    shot(page, "basket-order")
    assert faults(page) == []
    fill(page)
    page.get_by_role("button", name="提交订单").dblclick()
    page.wait_for_url("**/o/**")
    assert Order.objects.get().total_fen == 15_900

    page.goto(f"/s/{link.code}/")
    expect(page.locator(".hello__count")).to_have_count(0)
    page.get_by_role("link", name="我的订单").click()
    shot(page, "my-orders")
    assert faults(page) == []
    page.get_by_text("秋月梨 × 2").click()
    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()


def test_without_scripts_it_is_a_plain_form_and_the_way_back_asks(
    chromium: Browser, web: str, link: Link, apples: Product, pears: Product
) -> None:
    context = patient_context(chromium, base_url=web, java_script_enabled=False)
    page = context.new_page()
    put_in(page, link, apples, "大箱 10 斤")
    put_in(page, link, pears)
    number = page.get_by_label("秋月梨的数量")
    number.fill("3")
    number.press("Enter")  # keeps the number, takes nothing out
    expect(number).to_have_value("3")
    page.get_by_role("button", name="拿掉高山苹果").click()
    expect(page.get_by_text("大箱 10 斤")).to_have_count(0)
    number.fill("2")
    page.get_by_role("button", name="去下单").click()
    fill(page)
    page.get_by_role("button", name="提交订单").click()
    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()
    assert Order.objects.get().total_fen == 6_000

    page.go_back()
    page.go_back()
    expect(page.get_by_text("购物车还是空的")).to_be_visible()
    put_in(page, link, pears)
    page.get_by_label("秋月梨的数量").fill("2")
    page.get_by_role("button", name="去下单").click()
    fill(page)
    page.get_by_role("button", name="提交订单").click()
    expect(page.get_by_text("还要再下一单吗")).to_be_visible()
    page.reload()
    expect(page.get_by_text("还要再下一单吗")).to_be_visible()
    assert Order.objects.count() == 1
    page.get_by_role("button", name="再下一单").click()
    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()
    assert Order.objects.count() == 2
    context.close()


def test_sold_out_in_between_she_is_told_and_goes_on_with_the_rest(
    phone: BrowserContext, link: Link, apples: Product, pears: Product
) -> None:
    page = phone.new_page()
    put_in(page, link, apples, "大箱 10 斤")
    put_in(page, link, pears)
    page.get_by_role("button", name="去下单").click()
    fill(page)
    apples.skus.update(stock=0)
    page.get_by_role("button", name="提交订单").click()

    expect(page.get_by_text("「高山苹果」（大箱 10 斤）刚刚卖完了")).to_be_visible()
    expect(page.locator("[name=address]")).to_have_value("杭州市西湖区文三路 1 号 301")
    shot(page, "basket-sold-out")
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url("**/o/**")
    assert Order.objects.get().total_fen == 3_000
    page.goto(f"/s/{link.code}/basket/")
    expect(page.get_by_text("刚刚卖完了")).to_be_visible()
    shot(page, "basket-gone")


@pytest.mark.parametrize(("width", "text"), [(320, 1), (390, 1), (390, 2), (1280, 1)])
def test_no_page_of_it_is_wider_than_its_screen(
    chromium: Browser, web: str, link: Link, apples: Product, pears: Product, width: int, text: int
) -> None:
    context = patient_context(chromium, base_url=web, viewport={"width": width, "height": 844})
    page = context.new_page()
    put_in(page, link, apples, "大箱 10 斤")
    put_in(page, link, pears)
    page.goto(f"/s/{link.code}/basket/order/")
    fill(page)
    page.get_by_role("button", name="提交订单").click()
    page.wait_for_url("**/o/**")
    put_in(page, link, pears)
    for url in ("basket/", "basket/order/", "orders/", "", f"p/{apples.public_id}/"):
        page.goto(f"/s/{link.code}/{url}")
        page.evaluate(f"document.documentElement.style.fontSize = '{100 * text}%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    context.close()
