"""The numbers in the basket under fast taps: the newest is kept, whatever the network and her way out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, Route, expect

from apps.accounts.models import Host
from apps.tracking.models import Link
from tests.browsing import chromium
from tests.committed import web
from tests.storefront.people import a_link, a_product, on_shelf
from tests.storefront.test_basket_in_a_browser import host, phone

__all__ = ["chromium", "host", "phone", "web"]


@pytest.fixture
def basket(phone: BrowserContext, host: Host) -> Page:
    """Her basket with one piece in it."""
    product = a_product("秋月梨", price_fen=3_000, stock=30)
    on_shelf(host, product)
    link: Link = a_link(host, host)
    page = phone.new_page()
    page.goto(f"/s/{link.code}/p/{product.public_id}/")
    page.get_by_role("button", name="加购物车").click()
    expect(number(page)).to_have_value("1")
    return page


def number(page: Page) -> Locator:
    return page.get_by_label("秋月梨的数量")


def tap(page: Page, times: int) -> None:
    for _ in range(times):
        page.get_by_role("button", name="加一件").click()


def is_post(request: Request) -> bool:
    return request.method == "POST" and request.url.endswith("/basket/")


def answering(page: Page, answer: Callable[[Route], None]) -> None:
    """Have `answer` deal with each post of the numbers."""
    page.route("**/basket/", lambda route: answer(route) if is_post(route.request) else route.continue_())


def comes(page: Page, held: list[Route], count: int) -> None:
    """Wait until so many posts were held."""
    while len(held) < count:
        page.wait_for_timeout(20)


def kept_in(page: Page, pieces: int) -> None:
    """The basket, opened anew, holds so many."""
    page.reload()
    expect(number(page)).to_have_value(str(pieces))
    expect(page.locator("[data-pieces]")).to_have_text(str(pieces))


def test_one_post_at_a_time_and_then_the_newest_number(basket: Page) -> None:
    held: list[Route] = []
    answering(basket, held.append)
    tap(basket, 1)
    comes(basket, held, 1)
    tap(basket, 3)
    expect(basket.locator("[data-pieces]")).to_have_text("5")
    basket.evaluate("new Promise((done) => setTimeout(done, 600))")
    assert len(held) == 1
    held[0].continue_()
    comes(basket, held, 2)
    assert "=5" in (held[1].request.post_data or "")
    with basket.expect_response(lambda answer: is_post(answer.request)):
        held[1].continue_()
    basket.evaluate("new Promise((done) => setTimeout(done, 600))")
    assert len(held) == 2
    basket.unroute_all()
    kept_in(basket, 5)


@pytest.mark.parametrize("way", ["reload", "shelf", "back"])
def test_leaving_at_once_keeps_the_newest(basket: Page, way: str) -> None:
    address = basket.url
    tap(basket, 6)
    if way == "reload":
        basket.reload()
    elif way == "shelf":
        basket.get_by_role("link", name="再看看林姐的货架").click()
        basket.wait_for_url("**/shelf/")
    else:
        basket.go_back()
        basket.wait_for_url("**/p/**")
    basket.goto(address)
    expect(number(basket)).to_have_value("7")
    expect(basket.locator("[data-total]")).to_have_text("¥210.00")


def test_on_to_the_order_at_once(basket: Page) -> None:
    tap(basket, 4)
    basket.get_by_role("button", name="去下单").click()
    basket.wait_for_url("**/basket/order/")
    expect(basket.locator("[data-total]")).to_have_text("¥150.00")


def test_refused_for_now_it_is_tried_again_and_she_is_told(basket: Page) -> None:
    refused: list[Route] = []

    def first_not(route: Route) -> None:
        if refused:
            return route.continue_()
        refused.append(route)
        return route.fulfill(status=429, headers={"Retry-After": "1"})

    answering(basket, first_not)
    tap(basket, 2)
    told = basket.get_by_text("数量还没存上，过一会儿自动再存")
    expect(told).to_be_visible()
    tap(basket, 1)
    expect(told).to_be_hidden()
    basket.unroute_all()
    kept_in(basket, 4)


def test_without_a_network_it_waits(basket: Page) -> None:
    basket.context.set_offline(True)
    tap(basket, 2)
    told = basket.get_by_text("网络不通，数量还没存上")
    expect(told).to_be_visible()
    basket.get_by_role("button", name="去下单").click()
    expect(basket.get_by_text("网络好了再点一次")).to_be_visible()
    with basket.expect_response(lambda answer: is_post(answer.request) and answer.ok):
        basket.context.set_offline(False)
    expect(told).to_be_hidden()
    kept_in(basket, 3)


def test_what_can_not_be_kept_is_said(basket: Page) -> None:
    answering(basket, lambda route: route.fulfill(status=403))
    tap(basket, 1)
    expect(basket.get_by_text("数量没有存上，刷新这一页再改一次")).to_be_visible()
    basket.unroute_all()
    number(basket).fill("0.5")
    number(basket).blur()
    expect(basket.get_by_text("「秋月梨」的数量没有改")).to_be_visible()


def test_a_late_number_does_not_cover_what_she_put_in_since(basket: Page) -> None:
    address = basket.url
    tap(basket, 1)
    with basket.expect_response(lambda answer: is_post(answer.request)):
        tap(basket, 1)
    basket.go_back()
    basket.wait_for_url("**/p/**")
    basket.get_by_role("button", name="加购物车").click()
    basket.wait_for_url(address)
    expect(number(basket)).to_have_value("4")
    kept_in(basket, 4)
