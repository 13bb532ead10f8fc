"""The console's menu and its search by keyboard alone, and on a phone; no serious fault of accessibility."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from apps.accounts import roles
from tests.browsing import SIZES, chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.console import desk

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def boss(transactional_db: None) -> Any:
    desk.furnish()
    return desk.somebody(roles.ADMIN)


@pytest.mark.parametrize("size", sorted(SIZES))
def test_the_home_has_no_serious_fault_and_is_no_wider_than_the_screen(
    boss: Any, chromium: Browser, web: str, size: str
) -> None:
    with signed_in(chromium, web, boss, size) as context:
        page = context.new_page()
        page.goto("/hq/")
        expect(page.get_by_role("heading", name="等你处理")).to_be_visible()

        shot(page, f"console-home-{size}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_first_screen_holds_the_fortnight(boss: Any, chromium: Browser, web: str) -> None:
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/")
        for heading in ("双周主题", "成交和订单", "今天给谁打电话", "等你处理"):
            box = page.get_by_role("heading", name=heading).bounding_box()
            assert box, heading
            assert box["y"] + box["height"] < SIZES["desk"][1], heading


def test_search_opens_by_keys_from_any_page_and_finds(boss: Any, chromium: Browser, web: str) -> None:
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/products/")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="搜索").first).to_be_visible()

        page.keyboard.press("Control+k")
        box = page.get_by_role("dialog", name="搜索").get_by_role("searchbox")
        expect(box).to_be_focused()
        assert faults(page) == []
        page.keyboard.type("linjie")
        page.keyboard.press("Enter")

        found = page.get_by_role("region", name="大C")
        expect(found.get_by_role("link", name="林姐")).to_be_visible()
        shot(page, "console-search")
        assert faults(page) == []
        page.keyboard.press("Control+k")
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()


def test_the_menu_is_walked_by_keyboard(boss: Any, chromium: Browser, web: str) -> None:
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/")
        page.get_by_role("button", name="客户与订单").focus()
        page.keyboard.press("Enter")
        order = page.get_by_role("navigation").get_by_role("link", name="订单", exact=True)
        expect(order).to_be_visible()
        order.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/hq/orders/")


def test_a_phone_has_the_same_menu_and_search(boss: Any, chromium: Browser, web: str) -> None:
    with signed_in(chromium, web, boss) as context:
        page = context.new_page()
        page.goto("/hq/")
        page.get_by_role("button", name="搜索").first.click()
        page.get_by_role("dialog", name="搜索").get_by_role("searchbox").fill("林姐")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="大C")).to_be_visible()
        shot(page, "console-search-phone")

        page.goto("/hq/")
        page.locator(".sidebar-nav-toggle").click()
        page.get_by_role("button", name="大C", exact=True).click()
        link = page.get_by_role("navigation").get_by_role("link", name="该帮谁")
        expect(link).to_be_visible()
        link.click()
        page.wait_for_url("**/helping/")
