"""What is slow to come shows its shape after 300 ms, never before, and gives the page back when it fails."""

import time
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browsing import chromium
from tests.front.test_scripts import HTMX, SITE, Site, site

__all__ = ["chromium", "site"]

SCRIPTS = ("vendor/htmx/htmx.min.js", "js/htmx-setup.js", "js/skeleton.js")
PAGE = (
    '<main id="main"><div class="rows"><a class="rows__row" href="/customers/">客户</a>'
    '<p class="more" id="rest"><a class="btn" href="?page=2" '
    'hx-get="/rest/" hx-target="#rest" hx-swap="outerHTML">'
    "再看 20 位</a></p></div>"
    '<button hx-get="/share/" hx-target="#sheet-body">一键分享</button>'
    '<a href="/elsewhere/">别处</a></main>'
    '<dialog class="sheet" id="sheet"><div id="sheet-body"></div></dialog>'
)
#: Keeps how the page looked whenever a shape came, however short: while another page is awaited the browser
#: answers nothing to its driver.
WATCH = """
new MutationObserver((all) => {
  if (!all.some((one) => [...one.addedNodes].some((node) => node.className === "skeleton"))) return;
  const holder = document.querySelector(".skeleton").parentElement;
  sessionStorage.seen = JSON.stringify({
    holder: holder.id || holder.className,
    isBusy: holder.getAttribute("aria-busy"),
    shown: document.body.innerText,
    said: holder.querySelector("[role=status]").textContent,
    isWide: document.documentElement.scrollWidth > innerWidth,
  });
}).observe(document, {childList: true, subtree: true});
"""


class Slow:
    """An address that answers when it is told to."""

    def __init__(self, page: Page, path: str) -> None:
        self.routes: list[Route] = []
        page.route(f"{SITE}{path}", self._hold)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def answer(self, body: str = "", status: int = 200) -> None:
        self.routes.pop().fulfill(status=status, body=body, content_type="text/html; charset=utf-8")


def opened(site: Site, body: str = PAGE) -> Page:
    page = site.open(body, scripts=SCRIPTS, head=HTMX)
    page.evaluate(WATCH)
    return page


def late(site: Site, path: str, body: str) -> None:
    """An address whose page takes more than 300 ms."""

    def answer(route: Route) -> None:
        time.sleep(0.8)
        route.fulfill(body=body, content_type="text/html; charset=utf-8")

    site.page.route(f"{SITE}{path}", answer)


def seen(page: Page) -> dict[str, Any] | None:
    """How the page looked when its last shape came; None when none did."""
    found: dict[str, Any] | None = page.evaluate("JSON.parse(sessionStorage.seen ?? 'null')")
    return found


def test_a_slow_page_shows_its_shape_and_is_busy(site: Site) -> None:
    page = opened(site)
    late(site, "/customers/", "<p>客户来了</p>")
    page.locator(".rows__row").click()
    expect(page.get_by_text("客户来了")).to_be_visible()
    found = seen(page)
    assert found is not None
    assert (found["holder"], found["isBusy"], found["isWide"]) == ("main", "true", False)
    assert "正在打开" in found["said"]
    assert "再看 20 位" not in found["shown"]


def test_what_comes_at_once_never_shows_one(site: Site) -> None:
    site.answers["/rest/"] = lambda request: (200, '<a class="rows__row" href="#">更多</a>')
    site.answers["/share/"] = lambda request: (200, "<p>文案</p>")
    page = opened(site)
    page.get_by_text("再看 20 位").click()
    expect(page.get_by_text("更多")).to_be_visible()
    page.get_by_text("一键分享").click()
    expect(page.get_by_text("文案")).to_be_visible()
    page.wait_for_timeout(400)
    assert seen(page) is None


def test_the_rest_of_a_list_and_a_sheet_have_theirs(site: Site) -> None:
    page = opened(site)
    rest, share = Slow(page, "/rest/"), Slow(page, "/share/")
    page.get_by_text("再看 20 位").click()
    expect(page.locator("#rest > .skeleton")).to_be_visible()
    expect(page.get_by_text("再看 20 位")).to_be_hidden()
    expect(page.get_by_text("客户", exact=True)).to_be_visible()
    rest.answer('<a class="rows__row" href="#">更多</a>')
    expect(page.get_by_text("更多")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    page.get_by_text("一键分享").click()
    expect(page.locator("#sheet")).to_be_visible()
    expect(page.locator("#sheet .skeleton")).to_be_visible()
    share.answer("<p>文案</p>")
    expect(page.get_by_text("文案")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)
    assert page.locator("#sheet-body").get_attribute("aria-busy") is None


def test_what_fails_gives_the_page_back(site: Site) -> None:
    page = opened(site)
    rest, share = Slow(page, "/rest/"), Slow(page, "/share/")
    page.get_by_text("再看 20 位").click()
    expect(page.locator("#rest > .skeleton")).to_be_visible()
    rest.answer(status=500)
    expect(page.get_by_text("再看 20 位")).to_be_visible()
    page.get_by_text("一键分享").click()
    expect(page.locator("#sheet .skeleton")).to_be_visible()
    share.answer(status=500)
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#toast")).to_contain_text("没有成功")
    expect(page.locator("[aria-busy]")).to_have_count(0)


def test_a_sheet_closed_while_it_comes_stays_closed(site: Site) -> None:
    page = opened(site)
    share = Slow(page, "/share/")
    page.get_by_text("一键分享").click()
    expect(page.locator("#sheet .skeleton")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    assert share.routes
    page.wait_for_timeout(200)
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator(".skeleton")).to_have_count(0)


def test_a_page_without_a_shape_waits_as_it_is(site: Site) -> None:
    page = opened(site)
    late(site, "/elsewhere/", "别处到了")
    page.get_by_text("别处").click()
    expect(page.get_by_text("别处到了")).to_be_visible()
    assert seen(page) is None


def test_another_view_of_a_list_leaves_what_steers_it(site: Site) -> None:
    body = (
        '<main id="main"><div class="columns__steer">'
        '<a class="chip" href="/customers/?view=new">新客</a></div>'
        '<div class="columns__list"><p>名单</p></div></main>'
    )
    page = site.open(body, scripts=SCRIPTS, head=HTMX, path="/customers/")
    page.evaluate(WATCH)
    late(site, "/customers/?view=new", "<p>到了</p>")
    page.get_by_text("新客").click()
    expect(page.get_by_text("到了")).to_be_visible()
    found = seen(page)
    assert found is not None
    assert found["holder"] == "columns__list"
    assert "新客" in found["shown"]
    assert "名单" not in found["shown"]
