"""What people do in their browsers, step by step, as functions of a page."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from apps.lib import clock
from tests.factories import PASSWORD
from tests.flows.world import GOODS, LAST_PIECE

CHROMIUM = "/usr/bin/chromium"
#: Chromium's own calls home would only meet a closed network.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def on_a_phone(browser: Browser, **more: str) -> Page:
    page = browser.new_context(viewport=PHONE, locale="zh-CN", **more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(60_000)
    return page


def at_a_desk(browser: Browser) -> Page:
    page = browser.new_context(viewport=DESK, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.set_default_timeout(60_000)
    return page


# --- HQ ------------------------------------------------------------------------------------------------


def enter_console(page: Page, site: str, username: str) -> None:
    page.goto(f"{site}/hq/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("navigation", name="主菜单")).to_be_visible()


def write_a_piece(page: Page, site: str) -> None:
    """The editor writes a piece and hands it in for review."""
    page.goto(f"{site}/hq/materials/add/")
    page.select_option("[name=kind]", "new_product")
    page.fill("[name=title]", LAST_PIECE)
    page.fill("[name=summary]", "一包菌菇一只鸡，鲜掉眉毛")
    page.fill("[name=share_text]", "天冷就想喝汤，七种野生菌一包搞定，要的接龙。")
    choose(page, "product", GOODS)
    hand_in(page)


def choose(page: Page, field: str, words: str) -> None:
    """Pick a row in a chooser's window."""
    page.locator(f"#id_{field}-chooser").get_by_role("button").first.click()
    window = page.locator(".modal-dialog")
    expect(window).to_be_visible()
    window.get_by_role("link", name=words).first.click()
    expect(window).to_be_hidden()


def hand_in(page: Page) -> None:
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.get_by_role("button", name="提交内容审核").click()
    page.wait_for_load_state()


def plan_the_piece(page: Page, site: str, theme: str) -> None:
    """The editor puts the piece on today's page of the plan and hands the fortnight in."""
    page.goto(f"{site}/hq/issues/")
    page.get_by_role("link", name=theme).first.click()
    page.get_by_role("tab", name="排期").click()
    page.locator("#id_entries-ADD").click()
    row = int(page.locator("[name=entries-TOTAL_FORMS]").input_value()) - 1
    choose(page, f"entries-{row}-material", LAST_PIECE)
    page.fill(f"[name=entries-{row}-day]", str(day_of_the_week()))
    hand_in(page)


def day_of_the_week() -> int:
    """The fortnight begins on Monday, so its day is the weekday's number."""
    return clock.day_of(timezone.now()).weekday() + 1


def approve(page: Page) -> None:
    """The reviewer approves the row whose edit page is open."""
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    page.locator("[data-workflow-action-name=approve]").first.click()
    page.wait_for_load_state()


# --- a poster --------------------------------------------------------------------------------------------


def code_on(picture: bytes) -> str:
    """What the QR code on a poster says."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("RGB"))
    return str(found.text)


def keep(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png")
