"""The whole loop in real browsers: publish → share → respond → know → decide."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.lib.clock import SHANGHAI
from tests.factories import PASSWORD
from tests.flows import pages
from tests.flows.house import House
from tests.flows.names import GOODS, HOST, LAST_PIECE, THEME
from tests.runtime.machine import until
from tests.sandbox_fixture import Sandbox

pytestmark = pytest.mark.timeout(1800)

Keep = Callable[[Page, str], None]
BUYER = {"name": "王小雨", "phone": "13912345678", "address": "浙江省杭州市西湖区南山路 1 号 2 幢 301"}


@pytest.fixture(scope="module", autouse=True)
def one_day() -> None:
    """Plan, posts and numbers are those of today: the story does not begin shortly before midnight."""

    def is_early_enough() -> bool:
        now = timezone.now().astimezone(SHANGHAI)
        return (now.hour, now.minute) < (23, 45)

    until(is_early_enough, "midnight", patience=1_000)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with pages.chromium() as browser:
        yield browser


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Pictures of the pages on the way; STORY_SHOTS names a folder to have them in."""
    folder = Path(os.environ.get("STORY_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def save(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png", animations="disabled")

    return save


def test_from_the_editors_draft_to_the_funnel(
    house: House, wecom: Sandbox, browser: Browser, keep: Keep
) -> None:
    site = house.url

    # HQ: an editor writes, a reviewer approves, the fortnight goes live.
    editor, reviewer = pages.at_a_desk(browser), pages.at_a_desk(browser)
    pages.enter_console(editor, site, "editor")
    pages.enter_console(reviewer, site, "reviewer")
    pages.write_a_piece(editor, site)
    pages.open_row(reviewer, site, "materials", LAST_PIECE)
    keep(reviewer, "hq-1-piece")
    pages.approve(reviewer)
    pages.plan_the_piece(editor, site, THEME)
    keep(editor, "hq-2-issues")
    assert wecom.messages_to(HOST) == []
    pages.open_row(reviewer, site, "issues", THEME)
    pages.approve(reviewer)
    keep(reviewer, "hq-3-issue")

    # The message is in the host's chat.
    until(lambda: wecom.messages_to(HOST), "the message about the issue")
    [message] = wecom.messages_to(HOST)
    assert THEME in message["content"]["title"]
    assert message["content"]["url"] == f"{site}/"

    # The host: what to post today; she takes the words for a group and a poster.
    host = pages.on_a_phone(browser)
    pages.enter_workbench(host, site, HOST)
    expect(host.locator("article", has_text=LAST_PIECE)).to_be_visible()
    keep(host, "host-1-today")
    pages.start_sharing(host, LAST_PIECE)
    words = pages.share_words(host)
    assert words.startswith("天冷就想喝汤")
    for_groups = words.split()[-1]
    address = pages.code_on(pages.share_poster(host))
    keep(host, "host-2-poster")
    pages.stop_sharing(host)
    assert address.startswith(f"{site}/s/")
    assert for_groups.startswith(f"{site}/s/")
    assert address != for_groups  # each way of sharing has a link of its own

    # A consumer scans it, reads, and orders two.
    buyer = pages.on_a_phone(browser, user_agent=pages.WECHAT)
    pages.read_a_piece(buyer, address)
    keep(buyer, "consumer-1-piece")
    pages.order_two(buyer, **BUYER)
    keep(buyer, "consumer-2-order")
    pages.submit_order(buyer)
    keep(buyer, "consumer-3-state")
    expect(buyer.get_by_text("139****5678")).to_be_visible()
    expect(buyer.get_by_text(BUYER["phone"])).to_have_count(0)

    # The host knows: the customer, the order, her numbers.
    pages.tab(host, "客户")
    host.get_by_role("link", name=BUYER["name"]).click()
    expect(host.get_by_role("heading", name=BUYER["name"])).to_be_visible()
    keep(host, "host-3-customer")
    host.goto(f"{site}/me/orders/")
    order = host.get_by_role("link", name=BUYER["name"])
    expect(order).to_contain_text(f"{GOODS} ×2")
    expect(order).to_contain_text("¥90.00")
    keep(host, "host-4-orders")
    until(lambda: pages.numbers(host, site)["订单"] == "1", "her order in her numbers")
    numbers = pages.numbers(host, site)
    # The words for the group are a share; the poster was only looked at.
    assert (numbers["来访"], numbers["新客户"], numbers["转发"]) == ("1", "1", "1")
    assert numbers["成交金额"] == "¥90.00"
    keep(host, "host-5-numbers")

    # HQ knows: of whom the link reached, who read and who ordered.
    headers = {"authorization": f"Bearer {house.token('operator', PASSWORD)}"}
    got = requests.get(f"{site}/api/v1/hq/funnel/?period=issue", headers=headers, timeout=60).json()
    assert got == {"reached": 1, "read": 1, "ordered": 1, "shares": 1}
    operator = pages.at_a_desk(browser)
    pages.enter_console(operator, site, "operator")
    assert pages.funnel(operator) == ["1", "1", "1"]
    keep(operator, "hq-4-home")
    operator.locator(".hq-funnel__step").last.click()
    row = operator.locator(".hq-rows tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("林姐")
    expect(row).not_to_contain_text(BUYER["name"])
    keep(operator, "hq-5-orders")

    # A consumer adds the host in WeCom: one welcome, and she is in the list.
    added = wecom.customer_adds(HOST, name="阿芳", wait=10)
    who = added["external_userid"]
    until(lambda: wecom.welcome_of(who), "the welcome")
    [welcome] = wecom.received_by(who, kind="welcome")
    assert "我是林姐" in welcome["text"]
    pages.tab(host, "客户")
    until(lambda: host.reload() and host.get_by_role("link", name="阿芳").count(), "the new customer")
    keep(host, "host-6-customers")

    # The bot answers in the chat.
    assert LAST_PIECE in wecom.reply_to(HOST, "今日", wait=20)
    assert "¥90.00" in wecom.reply_to(HOST, "业绩", wait=20)
    assert "「今日」" in wecom.reply_to(HOST, "帮助", wait=20)

    counts = wecom.counts()
    assert (counts["doubles"], counts["welcomes_sent"]) == (0, 1)
    assert "不对" not in house.run("manage.py", "verify_invariants")
