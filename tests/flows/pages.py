"""What people do in their browsers, step by step, as functions of a page."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from apps.lib import clock
from runtime.machine import find_browser
from tests.browsing import PATIENCE_MS, QUIET
from tests.factories import PASSWORD
from tests.flows.names import GOODS, LAST_PIECE

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.49"


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(QUIET))
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


def on_a_phone(browser: Browser, *, user_agent: str | None = None) -> Page:
    """A phone of her own: no cookie of anybody else."""
    return _patient(
        browser.new_context(
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
            user_agent=user_agent,
            permissions=["clipboard-read", "clipboard-write"],
        ).new_page()
    )


def at_a_desk(browser: Browser) -> Page:
    return _patient(browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page())


def _patient(page: Page) -> Page:
    page.set_default_timeout(PATIENCE_MS)
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
    """The reviewer approves what stands open beside the phone."""
    page.get_by_role("main").get_by_role("button", name="通过").click()
    page.wait_for_load_state()


def say_yes(page: Page, button: str) -> None:
    """What the console asks before it does what can't be taken back."""
    expect(page.locator(".hq-effects")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()


def open_row(page: Page, site: str, where: str, words: str) -> None:
    """The reviewer opens a material or an issue from its list, to decide about it."""
    page.goto(f"{site}/hq/{where}/")
    page.get_by_role("link", name=words).first.click()
    expect(page.locator("[name=decision]").first).to_be_visible()


def funnel(page: Page) -> list[str]:
    """Reached, read, ordered: as HQ's home shows the issue that runs."""
    steps = page.get_by_role("region", name="小c 从打开到下单").locator(".hq-funnel__count")
    expect(steps).to_have_count(3)
    return [words.strip() for words in steps.all_inner_texts()]


# --- the host -------------------------------------------------------------------------------------------


def enter_workbench(page: Page, site: str, username: str) -> None:
    page.goto(f"{site}/")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今天发什么")).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="主导航").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def start_sharing(page: Page, title: str) -> None:
    page.locator("article", has_text=title).get_by_role("link", name="一键分享").click()
    expect(page.locator("#sheet-body").get_by_role("button", name="海报")).to_be_visible()


def share_words(page: Page) -> str:
    """To a group: what she has in her clipboard then."""
    sheet = page.locator("#sheet-body")
    sheet.get_by_role("button", name="发到群").click()
    expect(sheet.locator("textarea")).to_be_visible()
    sheet.get_by_role("button", name="复制文字").click()
    expect(page.locator("#toast")).to_contain_text("复制")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    sheet.get_by_role("link", name="换一种方式").click()
    return copied


def share_poster(page: Page) -> bytes:
    sheet = page.locator("#sheet-body")
    sheet.get_by_role("button", name="海报").click()
    poster = sheet.locator("img.share__poster")
    expect(poster).to_be_visible()
    answer = page.request.get(poster.evaluate("image => image.src"))
    assert answer.ok
    return answer.body()


def stop_sharing(page: Page) -> None:
    page.locator("#sheet").get_by_role("button", name="关闭").click()
    expect(page.locator("#sheet")).to_be_hidden()


def numbers(page: Page, site: str) -> dict[str, str]:
    """Her figures of today, as 我的 shows them."""
    page.goto(f"{site}/me/?period=today")
    figures = page.locator(".figures .figure").all()
    return {
        one.locator(".figure__name").inner_text().strip(): one.locator(".figure__value").inner_text().strip()
        for one in figures
    }


# --- the consumer ----------------------------------------------------------------------------------------


def read_a_piece(page: Page, address: str) -> None:
    """She opens the link and stays until the page says that it is being read."""
    with page.expect_response(re.compile("/read/$")) as answer:
        page.goto(address)
        expect(page.get_by_role("heading", name=LAST_PIECE)).to_be_visible()
    assert answer.value.status == 204


def order_two(page: Page, *, name: str, phone: str, address: str) -> None:
    page.get_by_role("link", name="我要买").click()
    page.get_by_role("button", name="加一件").click()
    page.get_by_label("收货人").fill(name)
    page.get_by_label("手机号").fill(phone)
    page.get_by_label("收货地址").fill(address)
    page.locator("[name=consent]").check()
    expect(page.locator("[data-total]")).to_have_text("¥90.00")


def submit_order(page: Page) -> None:
    page.get_by_role("button", name="提交订单").click()
    expect(page.get_by_role("heading", name="收到你的订单了")).to_be_visible()


# --- a poster --------------------------------------------------------------------------------------------


def code_on(picture: bytes) -> str:
    """What the QR code on a poster says."""
    [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("RGB"))
    return str(found.text)
