"""The consumer's pages in a real browser, on a phone, with scripts and without."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.catalog.models import Product
from apps.tracking.models import Link
from apps.trade.models import Order
from tests.browsing import chromium, patient_context, window
from tests.committed import web
from tests.storefront.people import a_host, a_link, a_material, a_product, a_sku, events, order_url

__all__ = ["chromium", "web"]


@pytest.fixture
def phone(chromium: Browser, web: str) -> Iterator[BrowserContext]:
    """A phone whose pages must not complain."""
    context = window(chromium, web)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def product(transactional_db: None) -> Product:
    return a_product(price_fen=5_900, stock=10)


@pytest.fixture
def link(product: Product) -> Link:
    return a_link(a_host(), a_material(product=product))


def names() -> list[str]:
    return [event.name for event in events()]


def fill(page: Page, **fields: str) -> None:
    good = {"name": "张小雨", "phone": "13800008000", "address": "杭州市西湖区文三路 1 号 301"}
    for name, value in {**good, **fields}.items():
        page.fill(f"[name={name}]", value)


def submit(page: Page) -> None:
    page.get_by_role("button", name="提交订单").click()


def test_three_seconds_in_view_are_reading(phone: BrowserContext, link: Link) -> None:
    page = phone.new_page()
    # Her clock stands still but for what is asked of it, however long the page takes.
    page.clock.install(time=datetime(2026, 3, 4, 12, tzinfo=UTC))
    page.clock.pause_at(datetime(2026, 3, 4, 13, tzinfo=UTC))
    page.goto(f"/s/{link.code}/")
    page.clock.run_for(2_900)
    assert names() == ["material.viewed"]

    with page.expect_response("**/read/") as answer:
        page.clock.run_for(200)

    assert answer.value.status == 204
    assert names() == ["material.viewed", "material.read"]


def test_the_first_tap_is_reading_and_the_rest_adds_nothing(phone: BrowserContext, link: Link) -> None:
    page = phone.new_page()
    page.clock.install()
    page.goto(f"/s/{link.code}/")

    with page.expect_response("**/read/"):
        page.get_by_role("heading", level=1).click()
    page.get_by_role("heading", level=1).click()
    page.clock.run_for(10_000)
    page.get_by_role("link", name="我要买").click()

    expect(page.get_by_role("button", name="提交订单")).to_be_visible()
    assert names() == ["material.viewed", "material.read"]


def test_an_order_without_scripts(chromium: Browser, web: str, link: Link) -> None:
    context = patient_context(chromium, base_url=web, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/s/{link.code}/")
    page.get_by_role("link", name="我要买").click()
    expect(page.get_by_text("在这台手机上记住")).to_be_hidden()
    fill(page, quantity="2")

    submit(page)
    expect(page.get_by_text("请先勾一下，表示看过收货信息怎么用。")).to_be_visible()
    page.check("[name=consent]")
    submit(page)

    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()
    assert Order.objects.get().total_fen == 11_800
    assert names().count("order.placed") == 1
    context.close()


def test_the_way_back_leads_over_pages_that_show(chromium: Browser, web: str, link: Link) -> None:
    context = patient_context(chromium, base_url=web, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/s/{link.code}/")
    page.get_by_role("link", name="我要买").click()
    fill(page, phone="138")
    page.check("[name=consent]")
    submit(page)
    expect(page.locator("[name=phone][aria-invalid=true]")).to_have_value("138")
    fill(page)
    submit(page)
    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()

    page.go_back()
    expect(page.get_by_role("button", name="提交订单")).to_be_visible()
    fill(page)
    page.check("[name=consent]")
    submit(page)
    expect(page.get_by_text("刚刚已经下过同样一单，还要再下一单吗？")).to_be_visible()
    assert names().count("order.placed") == 1
    page.get_by_role("button", name="再下一单").click()

    expect(page.get_by_role("heading", name="林姐收到你的订单了")).to_be_visible()
    assert names().count("order.placed") == 2
    context.close()


def test_the_address_is_remembered_only_on_this_phone_and_only_when_she_says_so(
    phone: BrowserContext, chromium: Browser, web: str, link: Link, product: Product
) -> None:
    url = order_url(link, product)
    page = phone.new_page()
    kept = "localStorage.getItem('dac.receiver')"
    page.goto(url)
    fill(page)
    page.check("[name=consent]")
    submit(page)
    page.wait_for_url("**/o/**")
    assert page.evaluate(kept) is None

    page.goto(url)
    fill(page, quantity="2")
    page.get_by_text("在这台手机上记住").click()
    submit(page)  # without consent nothing is kept, ticked or not
    expect(page.get_by_text("请先勾一下，表示看过收货信息怎么用。")).to_be_visible()
    assert page.evaluate(kept) is None

    page.get_by_text("在这台手机上记住").click()
    page.check("[name=consent]")
    submit(page)
    page.wait_for_url("**/o/**")
    page.goto(url)
    expect(page.locator("[name=name]")).to_have_value("张小雨")
    expect(page.locator("[name=address]")).to_have_value("杭州市西湖区文三路 1 号 301")
    expect(page.locator("[name=consent]")).not_to_be_checked()

    page.get_by_role("button", name="不再记住").click()
    expect(page.locator("[name=name]")).to_have_value("")
    assert page.evaluate(kept) is None


def test_the_sum_follows_the_quantity_and_the_price_the_choice(
    phone: BrowserContext, link: Link, product: Product
) -> None:
    a_sku(product, name="10 斤装", price_fen=123_456, stock=3)
    page = phone.new_page()
    page.goto(f"/s/{link.code}/p/{product.public_id}/")
    page.get_by_text("10 斤装").click()
    expect(page.locator(".bar .price")).to_have_text("¥1,234.56")

    page.get_by_role("button", name="我要买").click()
    more = page.get_by_role("button", name="加一件")
    more.click()
    more.click()

    expect(page.locator("[data-total]")).to_have_text("¥3,703.68")
    expect(more).to_be_disabled()  # three are left
    for wrong in ("0", "-3", "", "4"):
        page.fill("[name=quantity]", wrong)
        expect(page.locator("[data-total]")).to_have_text("—")
    page.fill("[name=quantity]", "3")
    expect(page.locator("[data-total]")).to_have_text("¥3,703.68")
    fill(page)
    page.check("[name=consent]")
    submit(page)
    page.wait_for_url("**/o/**")
    assert Order.objects.get().total_fen == 370_368


def test_a_double_tap_sends_one_order(phone: BrowserContext, link: Link, product: Product) -> None:
    page = phone.new_page()
    page.goto(order_url(link, product))
    fill(page)
    page.check("[name=consent]")

    page.get_by_role("button", name="提交订单").dblclick()

    page.wait_for_url("**/o/**")
    assert Order.objects.count() == 1


SIZES: list[Any] = [(390, 844, 1), (1280, 800, 1), (390, 844, 2)]


@pytest.mark.parametrize(("width", "height", "text"), SIZES)
def test_no_page_is_wider_than_its_screen(
    chromium: Browser, web: str, link: Link, product: Product, width: int, height: int, text: int
) -> None:
    context = patient_context(chromium, base_url=web, viewport={"width": width, "height": height})
    page = context.new_page()
    for url in (
        f"/s/{link.code}/",
        f"/s/{link.code}/p/{product.public_id}/",
        f"/s/{link.code}/shelf/",
        order_url(link, product),
        "/s/1111111111/",
    ):
        page.goto(url)
        page.evaluate(f"document.documentElement.style.fontSize = '{100 * text}%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    context.close()
