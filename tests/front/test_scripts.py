"""Our scripts in a real browser, under the strict content policy, on small pages made for the purpose."""

import json
import mimetypes
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browsing import chromium, patient_context

__all__ = ["chromium"]

ROOT = Path(settings.ROOT)
SITE = "http://localhost"
#: What every page of the host's loads.
OWN_SHEETS = ("base", "components", "frame", "workbench", "skeleton")
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'"
)
HTMX = '<meta name="htmx-config" content=\'{"includeIndicatorStyles":false,"allowEval":false}\'>'
WECHAT = "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.49"

Answer = Callable[[Request], tuple[int, str]]


class Site:
    """A site of our static files and a few addresses, answered without any network."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.complaints: list[str] = []
        page.route("**/*", self._answer)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)

    def open(self, body: str, *, scripts: tuple[str, ...] = (), head: str = "", path: str = "/") -> Page:
        links = "".join(
            f'<link rel="stylesheet" href="/static/{name}">'
            for name in ("vendor/weui/weui.min.css", *(f"css/{own}.css" for own in OWN_SHEETS))
        )
        loaded = "".join(f'<script src="/static/{name}" defer></script>' for name in ("js/app.js", *scripts))
        html = f"<!doctype html><html><head>{head}{links}{loaded}</head><body>{body}</body></html>"
        self.answers[path] = lambda request: (200, html)
        self.page.goto(SITE + path)
        return self.page

    def posts(self, path: str) -> list[str]:
        return [body for method, asked, body in self.asked if method == "POST" and asked == path]

    def _listen(self, message: object) -> None:
        text = message.text  # type: ignore[attr-defined]
        if "Content Security Policy" in text:
            self.complaints.append(text)

    def _answer(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(SITE).split("?")[0]
        self.asked.append((request.method, path, request.post_data or ""))
        for folder in (ROOT / "static", ROOT / "build" / "static"):
            file = folder / path.removeprefix("/static/")
            if path.startswith("/static/") and file.is_file():
                kind = mimetypes.guess_type(file.name)[0] or "text/plain"
                route.fulfill(body=file.read_bytes(), content_type=kind)
                return
        status, text = self.answers.get(path, lambda request: (404, ""))(request)
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(status=status, body=text, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def site(chromium: Browser) -> Iterator[Site]:
    context = patient_context(
        chromium, viewport={"width": 390, "height": 844}, permissions=["clipboard-read", "clipboard-write"]
    )
    found = Site(context.new_page())
    yield found
    context.close()
    assert found.complaints == []


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_question_stands_before_a_step_that_cannot_be_undone(site: Site) -> None:
    site.answers["/done/"] = lambda request: (200, "好了")
    page = site.open(
        '<form method="post" action="/done/" data-confirm="确定取消？" data-danger>'
        "<button>取消订单</button></form>"
    )
    page.click("text=取消订单")
    expect(page.locator("dialog.ask")).to_contain_text("确定取消？")
    page.click("text=再想想")
    expect(page.locator("dialog.ask")).to_have_count(0)
    assert site.posts("/done/") == []
    page.click("text=取消订单")
    page.click("dialog >> text=确定 >> nth=-1")
    page.wait_for_url("**/done/")
    assert len(site.posts("/done/")) == 1


def test_the_button_that_was_pressed_survives_the_question(site: Site) -> None:
    site.answers["/done/"] = lambda request: (200, "好了")
    page = site.open(
        '<form method="post" action="/done/" data-confirm="？">'
        '<button name="way" value="up">上移</button></form>'
    )
    page.click("text=上移")
    page.click("dialog >> text=确定")
    page.wait_for_url("**/done/")
    assert site.posts("/done/") == ["way=up"]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("59", "退货 59 元"),
        ("１,0５9.5元", "退货 1,059.5 元"),
        ("", ""),
        ("-3", ""),
        ("0.00", ""),
        ("99999", ""),
        ("5,5", ""),
        ("五块", ""),
    ],
)
def test_a_question_about_an_amount_is_asked_of_an_amount_alone(site: Site, typed: str, asked: str) -> None:
    """What is none goes to the server, whose answer stands beside the field."""
    site.answers["/back/"] = lambda request: (200, "好了")
    page = site.open(
        '<form method="post" action="/back/" data-confirm="退货 {amount_fen} 元，确定？"'
        ' data-amount="amount_fen" data-most="200000" novalidate>'
        '<input name="amount_fen" type="text"><button>记下退货</button></form>'
    )
    page.fill("input", typed)
    page.click("text=记下退货")
    if asked:
        expect(page.locator("dialog.ask")).to_contain_text(asked)
        assert site.posts("/back/") == []
    else:
        page.wait_for_url("**/back/")
        assert len(site.posts("/back/")) == 1


def test_two_quick_taps_send_one_form(site: Site) -> None:
    site.answers["/slow/"] = lambda request: (204, "")  # the page stays, as while an answer is on its way
    page = site.open('<form method="post" action="/slow/"><button>保存</button></form>')
    page.dblclick("text=保存")
    page.wait_for_timeout(300)
    assert len(site.posts("/slow/")) == 1


def test_copying_says_so_and_writes_it_down(site: Site) -> None:
    site.answers["/acts/"] = lambda request: (204, "")
    page = site.open(
        '<p id="words">姐妹们，春茶到了</p>'
        '<form method="post" action="/acts/" data-does="copy" data-from="#words">'
        '<input type="hidden" name="act" value="copied"><button>复制文案</button></form>'
    )
    with page.expect_request("**/acts/"):
        page.click("text=复制文案")
    expect(page.locator("#toast")).to_have_text("已复制，去粘贴吧")
    assert clipboard(page) == "姐妹们，春茶到了"
    assert site.posts("/acts/") == ["act=copied"]


LETTERS = (
    '<p id="other">别的</p><p id="letter">阿秀：<br>春茶到了<br>http://x/s/1</p>'
    '<form method="post" action="/send/" data-does="copy" data-asks data-from="#letter"'
    ' data-copied="已复制，去和她的聊天里粘贴" data-then="✓ 已复制">'
    '<input type="hidden" name="took" value="copied"><button>复制给阿秀</button></form>'
)


@pytest.mark.parametrize("promised", [True, False])
def test_words_for_one_person_are_copied_once_they_are_written_down(site: Site, promised: bool) -> None:
    """Line by line as she sees them; also where the browser takes no promise of words."""
    site.answers["/send/"] = lambda request: (204, "")
    page = site.open(LETTERS)
    if not promised:
        page.evaluate("delete window.ClipboardItem")
    page.click("text=复制给阿秀")
    expect(page.locator("#toast")).to_have_text("已复制，去和她的聊天里粘贴")
    assert clipboard(page) == "阿秀：\n春茶到了\nhttp://x/s/1"
    assert site.posts("/send/") == ["took=copied"]
    expect(page.get_by_role("button")).to_have_text("✓ 已复制")


@pytest.mark.parametrize("promised", [True, False])
def test_a_no_takes_the_words_off_the_page_and_says_why(site: Site, promised: bool) -> None:
    site.answers["/send/"] = lambda request: (422, "先不给她发新品和优惠：她说先别发。")
    page = site.open(LETTERS)
    page.evaluate("navigator.clipboard.writeText('先前的')")
    if not promised:
        page.evaluate("delete window.ClipboardItem")
    page.click("text=复制给阿秀")
    expect(page.get_by_role("alert")).to_have_text("先不给她发新品和优惠：她说先别发。")
    expect(page.get_by_text("春茶到了")).to_have_count(0)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.locator("#toast")).to_have_count(0)
    assert clipboard(page) == "先前的"


@pytest.mark.parametrize(
    ("status", "words"), [(0, "没记上，连上网再点一次"), (404, "没记上，也没复制，刷新这一页再试")]
)
def test_what_was_not_written_down_is_neither_copied_nor_said(site: Site, status: int, words: str) -> None:
    site.answers["/send/"] = lambda request: (status, "")
    page = site.open(LETTERS)
    page.evaluate("navigator.clipboard.writeText('先前的')")
    if not status:
        page.route("**/send/", lambda route: route.abort())
    page.click("text=复制给阿秀")
    expect(page.locator("#toast")).to_have_text(words)
    assert clipboard(page) == "先前的"
    expect(page.get_by_role("button")).to_have_text("复制给阿秀")


def test_where_copying_is_refused_the_finger_is_told(site: Site) -> None:
    page = site.open('<button data-copy="春茶">复制</button>')
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false }"
    )
    page.click("text=复制")
    expect(page.locator("#toast")).to_have_text("请长按文字复制")


def test_the_old_way_of_copying_still_works(site: Site) -> None:
    page = site.open('<button data-copy="春茶">复制</button>')
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject() }")
    page.click("text=复制")
    expect(page.locator("#toast")).to_have_text("已复制")
    assert clipboard(page) == "春茶"


def test_pictures_are_downloaded_by_their_name(site: Site) -> None:
    site.answers["/acts/"] = lambda request: (204, "")
    page = site.open(
        '<img class="one" src="/static/img/mark.svg"><form method="post" action="/acts/" data-does="save"'
        ' data-from=".one" data-name="春茶" data-fallback="press"><button>保存图片</button></form>'
    )
    with page.expect_download() as download:
        page.click("text=保存图片")
    assert download.value.suggested_filename.startswith("春茶-1.")


def test_inside_wechat_pictures_are_shown_to_be_pressed(chromium: Browser) -> None:
    context = patient_context(chromium, user_agent=WECHAT, viewport={"width": 390, "height": 844})
    site = Site(context.new_page())
    site.answers["/acts/"] = lambda request: (204, "")
    page = site.open(
        '<img class="one" src="/static/img/mark.svg"><form method="post" action="/acts/" data-does="save"'
        ' data-from=".one" data-fallback="press"><button>保存图片</button></form>'
        '<dialog class="sheet" id="press"><button data-close>关闭</button>长按图片保存</dialog>'
    )
    page.click("text=保存图片")
    expect(page.locator("#press")).to_be_visible()
    page.click("text=关闭")
    expect(page.locator("#press")).to_be_hidden()
    context.close()
    assert site.complaints == []


def sheet_page(site: Site) -> Page:
    return site.open(
        '<button hx-get="/share/" hx-target="#sheet-body">一键分享</button>'
        '<dialog class="sheet" id="sheet"><div id="sheet-body"></div></dialog>',
        scripts=("vendor/htmx/htmx.min.js", "js/htmx-setup.js"),
        head=HTMX,
    )


def test_a_part_for_the_sheet_opens_it_and_copies_the_words(site: Site) -> None:
    site.answers["/share/"] = lambda request: (200, "<textarea data-autocopy>春茶到了</textarea>")
    page = sheet_page(site)
    page.click("text=一键分享")
    expect(page.locator("#sheet")).to_be_visible()
    expect(page.locator("#toast")).to_have_text("已复制，去粘贴就行")
    assert clipboard(page) == "春茶到了"
    page.mouse.click(195, 20)  # beside the sheet
    expect(page.locator("#sheet")).to_be_hidden()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "没有成功，刚才的操作没有生效"),
        (404, "这一条已经不在了"),
        (403, "刷新一下再试"),
        (429, "歇几秒再试"),
    ],
)
def test_a_failure_is_said_and_the_page_stays(site: Site, status: int, words: str) -> None:
    site.answers["/share/"] = lambda request: (status, "Traceback")
    page = sheet_page(site)
    page.click("text=一键分享")
    expect(page.locator("#toast")).to_contain_text(words)
    expect(page.locator("#sheet")).to_be_hidden()
    assert "Traceback" not in page.content()


def test_a_word_of_the_server_becomes_a_toast(site: Site) -> None:
    page = sheet_page(site)
    page.evaluate(
        "() => document.body.dispatchEvent("
        "new CustomEvent('dac:toast', {bubbles: true, detail: {value: '已加入货架'}}))"
    )
    expect(page.locator("#toast")).to_have_text("已加入货架")


def test_a_toast_covers_nothing_that_is_tapped(site: Site) -> None:
    """Nor the links on top of a consumer's page, nor a sheet's close; what lies under it can be tapped."""
    page = site.open(
        '<nav class="row">'
        + "".join(f'<a class="btn" href="/{n}/">去第 {n} 处</a>' for n in range(4))
        + '</nav><p>页面</p><dialog class="sheet" id="sheet"><button data-close>关闭</button>'
        + "<button>好</button>" * 3
        + "</dialog><button data-open=sheet>打开</button>"
    )
    for opened in (False, True):
        if opened:
            page.click("text=打开")
        page.evaluate("window.dac.toast('企业微信没有打开，文字已复制，粘贴就行，再试一次也可以')")
        expect(page.locator("#toast")).to_have_css("opacity", "1")
        expect(page.locator("#toast")).to_have_css("pointer-events", "none")
        covered = page.evaluate(
            """() => {
                const toast = document.getElementById("toast").getBoundingClientRect();
                const within = document.querySelector("dialog[open]") ?? document;
                return [...within.querySelectorAll("a,button")].filter((one) => {
                    const box = one.getBoundingClientRect();
                    return box.width && box.bottom > toast.top && box.top < toast.bottom
                        && box.right > toast.left && box.left < toast.right;
                }).map((one) => one.textContent);
            }"""
        )
        box = page.locator("#toast").bounding_box()
        assert covered == []
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844


SHEETS = (
    '<button data-open="one">一</button><dialog class="sheet" id="one"><button data-open="two">二</button>'
    '<button data-close>关上一</button></dialog><dialog class="sheet" id="two">里面</dialog>'
)


def at_step(page: Page, step: int) -> None:
    """Wait until so many sheets are steps of the history."""
    deadline = time.monotonic() + 90
    while page.evaluate("history.state?.sheet ?? 0") != step:
        assert time.monotonic() < deadline, f"never at step {step}"
        page.wait_for_timeout(50)


def test_back_closes_what_lies_over_the_page_and_stays_there(site: Site) -> None:
    site.answers["/before/"] = lambda request: (200, "前一页")
    site.page.goto(f"{SITE}/before/")
    page = site.open(SHEETS, path="/here/")
    page.click("text=一")
    page.click("text=二")
    expect(page.locator("#two")).to_be_visible()
    at_step(page, 2)

    page.go_back()
    expect(page.locator("#two")).to_be_hidden()
    expect(page.locator("#one")).to_be_visible()
    page.go_back()
    expect(page.locator("#one")).to_be_hidden()
    assert page.url == f"{SITE}/here/"
    page.go_back()
    assert page.url == f"{SITE}/before/"


def test_a_sheet_closed_by_hand_or_by_a_reload_leaves_no_step(site: Site) -> None:
    site.answers["/before/"] = lambda request: (200, "前一页")
    for close in ("button", "escape", "reload"):
        site.page.goto(f"{SITE}/before/")
        page = site.open(SHEETS, path="/here/")
        page.click("text=一")
        at_step(page, 1)
        if close == "button":
            page.click("text=关上一")
        elif close == "escape":
            page.keyboard.press("Escape")
        else:
            page.reload()
        at_step(page, 0)
        expect(page.locator("#one")).to_be_hidden()
        page.go_back()
        assert page.url == f"{SITE}/before/", close


def test_back_answers_a_question_with_no(site: Site) -> None:
    site.answers["/done/"] = lambda request: (200, "好了")
    page = site.open(
        '<form method="post" action="/done/" data-confirm="确定？"><button>取消订单</button></form>'
    )
    page.click("text=取消订单")
    at_step(page, 1)
    page.go_back()
    expect(page.locator("dialog.ask")).to_have_count(0)
    assert site.posts("/done/") == []


def test_a_chart_is_drawn_under_the_strict_policy(site: Site) -> None:
    data = {
        "labels": ["11/20", "11/21"],
        "series": [{"name": "订单", "unit": "单", "values": [3, 5], "kind": "bar"}],
    }
    page = site.open(
        '<figure class="chart" data-chart="d"><div class="chart__canvas"></div></figure>'
        f'<script id="d" type="application/json">{json.dumps(data)}</script>',
        scripts=("vendor/echarts/echarts.common.min.js", "js/chart.js"),
    )
    expect(page.locator(".chart__canvas[data-drawn] canvas")).to_be_visible()
    page.hover(".chart__canvas", position={"x": 150, "y": 120})
