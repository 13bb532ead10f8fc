"""What waits for the network: all that she wrote goes out, and what does not go out any more is told."""

import time
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from apps.customers.models import Note, Relation
from apps.reach import asking
from apps.reach.models import Asking
from apps.trade.models import Order
from tests.accounts import walking
from tests.browsing import chromium, signed_in, window
from tests.committed import own_tables, transactional_db, web
from tests.storefront.people import a_host, a_link, a_material, a_product, order_url

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

_OLDER = """() => {
    const all = JSON.parse(localStorage.getItem('dac.kept'));
    for (const one of Object.values(all)) one.at -= 31 * 60 * 1000;
    localStorage.setItem('dac.kept', JSON.stringify(all));
}"""


def until(page: Page, holds: Callable[[str], bool]) -> None:
    """Wait until what this browser keeps (as text; "" is nothing) is so."""
    deadline = time.monotonic() + 90
    while not holds(page.evaluate("localStorage.getItem('dac.kept')") or ""):
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)


@pytest.fixture
def world(transactional_db: None) -> walking.World:
    return walking.World()


@pytest.fixture
def form_of_an_order(transactional_db: None) -> str:
    product = a_product(price_fen=5_900, stock=10)
    return order_url(a_link(a_host(), a_material(product=product)), product)


def test_what_she_writes_on_while_the_network_is_asked_for(
    world: walking.World, chromium: Browser, web: str
) -> None:
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto(f"/customers/{world.values['customers/']['public_id']}/")
        page.route("**/livez", hold)
        page.get_by_text("记一笔", exact=True).click()
        note = page.get_by_label("写笔记")
        note.fill("她说周末来拿")
        with page.expect_request("**/livez"):
            page.locator('form[action$="/notes/"] button').first.click()
        note.fill("她说周末来拿；要两箱，送到单位")
        asked.pop().abort()
        expect(page.locator(".waiting")).to_contain_text("1 条")
        expect(note).to_have_value("")

        page.unroute("**/livez")
        page.evaluate("dispatchEvent(new Event('online'))")
        until(page, lambda kept: kept == "")
    assert [one.text for one in Note.objects.filter(relation__host=world.host)] == [
        "她说周末来拿；要两箱，送到单位"
    ]


def _order_without_a_network(page: Page, address: str) -> None:
    page.goto(address)
    for name, value in {"name": "张小雨", "phone": "13800008000", "address": "杭州市文三路 1 号"}.items():
        page.fill(f"[name={name}]", value)
    page.check("[name=consent]")
    page.context.set_offline(True)
    page.get_by_role("button", name="提交订单").click()
    expect(page.locator(".waiting")).to_contain_text("1 条")


@pytest.mark.parametrize("stays", [True, False])
def test_an_order_that_waited_too_long_is_given_back_and_told(
    form_of_an_order: str, chromium: Browser, web: str, stays: bool
) -> None:
    context = window(chromium, web)
    page = context.new_page()
    _order_without_a_network(page, form_of_an_order)
    page.evaluate(_OLDER)
    if not stays:
        page.goto("about:blank")
    context.set_offline(False)
    if not stays:
        page.goto(form_of_an_order.split("order/", maxsplit=1)[0] + "basket/")
        expect(page.locator(".waiting")).to_contain_text("隔得太久，没有替你发出去")
        page.get_by_role("link", name="去看看").click()
    expect(page.get_by_text("你刚才写的还在，看一眼，再提交一次").first).to_be_visible()
    expect(page.locator("[name=address]")).to_have_value("杭州市文三路 1 号")
    context.close()
    assert not Order.objects.exists()


def test_forgetting_the_address_asks_about_the_order_that_waits(
    form_of_an_order: str, chromium: Browser, web: str
) -> None:
    context = window(chromium, web)
    page = context.new_page()
    page.goto(form_of_an_order)
    page.evaluate("localStorage.setItem('dac.receiver', JSON.stringify({name: '张小雨'}))")
    _order_without_a_network(page, form_of_an_order)
    asked: list[str] = []

    def answer(dialog: object, *, yes: bool) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept() if yes else dialog.dismiss()  # type: ignore[attr-defined]

    forget = page.locator("[data-forget]")
    page.once("dialog", lambda dialog: answer(dialog, yes=False))
    forget.evaluate("(button) => button.click()")
    expect(page.locator(".waiting")).to_contain_text("1 条")
    page.once("dialog", lambda dialog: answer(dialog, yes=True))
    forget.evaluate("(button) => button.click()")
    expect(page.locator(".waiting")).to_have_count(0)
    context.close()
    assert len(asked) == 2
    assert "还有 1 条没发出去" in asked[0]


def test_what_she_corrects_in_an_order_that_waits(form_of_an_order: str, chromium: Browser, web: str) -> None:
    context = window(chromium, web)
    page = context.new_page()
    _order_without_a_network(page, form_of_an_order)
    page.fill("[name=address]", "广州市天河路 2 号")
    until(page, lambda kept: '广州市天河路 2 号"]' in kept)
    page.wait_for_timeout(500)  # her hands rest: the draft has been written too
    context.set_offline(False)
    until(page, lambda kept: kept == "")
    context.close()
    order = Order.objects.get()
    assert order.receiver_address == "广州市天河路 2 号"


def test_a_form_whose_answer_is_shown_once_does_not_wait(
    world: walking.World, chromium: Browser, web: str
) -> None:
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto(f"/customers/{world.values['customers/']['public_id']}/")
        ask = page.locator('form[action$="/ask-offers/"] button').first
        context.set_offline(True)
        ask.evaluate("(button) => button.click()")
        expect(page.locator("#toast")).to_contain_text("没有发出去")
        expect(page.locator(".waiting")).to_have_count(0)
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        ask.evaluate("(button) => button.click()")
        expect(page.locator("#ask-words")).to_be_visible()
        assert Asking.objects.count() == 1


def test_without_a_network_nobody_is_signed_out_and_nothing_is_lost(
    world: walking.World, chromium: Browser, web: str
) -> None:
    person = f"/customers/{world.values['customers/']['public_id']}/"
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto(person)
        page.get_by_text("记一笔", exact=True).click()
        page.get_by_label("写笔记").fill("她说周末来拿")
        until(page, bool)
        page.goto("/me/")
        context.set_offline(True)
        page.locator('form[action$="/logout/"] button').first.evaluate("(button) => button.click()")
        expect(page.locator("#toast")).to_contain_text("还没退出")
        assert page.evaluate("localStorage.getItem('dac.kept') !== null")
        context.set_offline(False)


def test_a_withdrawal_that_waited_long_still_goes_out(
    world: walking.World, chromium: Browser, web: str
) -> None:
    relation = Relation.objects.get(public_id=world.values["customers/"]["public_id"])
    secret = asking.ask(relation, by=world.host.user, now=timezone.now())
    context = window(chromium, web)
    page = context.new_page()
    page.goto(f"/agree/{secret}/")
    page.get_by_role("button", name="可以发给我").click()
    taking_back = page.get_by_role("button", name="收回")
    expect(taking_back).to_be_visible()
    context.set_offline(True)
    taking_back.click()
    expect(page.locator(".waiting")).to_contain_text("1 条")
    page.evaluate(_OLDER)
    context.set_offline(False)
    until(page, lambda kept: kept == "")
    context.close()
    assert Asking.objects.get().answer == "no"
