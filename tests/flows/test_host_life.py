"""A host's life in real browsers: invited, applied, approved, at work, gone; then she is out everywhere."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
import requests
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.factories import PASSWORD
from tests.flows import pages
from tests.flows.house import House
from tests.flows.names import GOODS
from tests.sandbox_fixture import Sandbox

pytestmark = pytest.mark.timeout(1800)
NEW, NAME, PHONE = "xiaoman", "小满", "13912345678"
INSIDE_WECOM = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) wxwork/4.1.30 MicroMessenger/7.0.1"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with pages.chromium() as browser:
        yield browser


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Pictures of the pages on the way; STORY_SHOTS names a folder to have them in."""
    import os

    folder = Path(os.environ.get("STORY_SHOTS") or mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)

    def save(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"life-{name}.png", animations="disabled", full_page=True)

    return save


def invite(page: Page, site: str) -> str:
    """The operator makes an invitation; the link that the page shows, which its code says too."""
    page.goto(f"{site}/hq/invitations/add/")
    page.locator("[name=organisation]").select_option(index=1)
    page.select_option("[name=kind]", "owner")
    page.fill("[name=label]", "三月招募")
    page.get_by_role("button", name="生成链接和二维码").click()
    link = page.locator("[data-copy-source]").input_value()
    code = page.locator(".hq-link__code svg").screenshot()
    [read] = zxingcpp.read_barcodes(Image.open(io.BytesIO(code)).convert("RGB"))
    assert read.text == link
    return link


def apply(page: Page, link: str) -> str:
    """She fills the form; the address of her own page."""
    page.goto(link)
    page.get_by_label("怎么称呼你").fill(NAME)
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_label("企业微信账号").fill(NEW)
    page.get_by_label("说说你自己").fill("我有三个宝妈群，四百来个客户")
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="申请收到了")).to_be_visible()
    return page.url


def approve(page: Page, site: str) -> None:
    page.goto(f"{site}/hq/applications/?state=waiting")
    page.get_by_role("link", name=NAME).first.click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    page.get_by_role("button", name="通过，开通账号").click()
    expect(page.locator("[data-copy-source]")).to_be_visible()


def by_wecom(page: Page, site: str) -> None:
    """Through WeCom's own page, where she is who she is."""
    page.goto(f"{site}/wecom/login/")
    page.get_by_role("button", name=f"以 {NAME} 登录").click()


def share_her_shelf(page: Page, site: str) -> str:
    page.goto(f"{site}/offers/")
    page.get_by_role("link", name=GOODS).first.click()
    page.get_by_role("button", name="加入货架").click()
    expect(page.get_by_text("在你的货架上")).to_be_visible()
    page.goto(f"{site}/shelf/share/")
    page.get_by_role("button", name="发到群").click()
    words = page.locator("textarea").input_value()
    [address] = re.findall(r"https?://\S+/s/\S+/", words)
    return str(address)


def test_from_the_invitation_to_the_day_she_leaves(
    house: House, wecom: Sandbox, browser: Browser, keep: Callable[[Page, str], None]
) -> None:
    site = house.url
    wecom.add_member(NEW, NAME)
    operator = pages.at_a_desk(browser)
    pages.enter_console(operator, site, "operator")

    # Invited, applied, approved.
    link = invite(operator, site)
    keep(operator, "1-invitation")
    phone = pages.on_a_phone(browser)
    phone.goto(link)
    keep(phone, "2-form")
    own = apply(phone, link)
    keep(phone, "3-waiting")
    stranger = pages.on_a_phone(browser)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="这个链接用不了了")).to_be_visible()
    keep(stranger, "4-closed")
    approve(operator, site)
    keep(operator, "5-approved")

    # She begins with a password of her own …
    phone.goto(own)
    keep(phone, "6-welcome")
    phone.get_by_role("button", name="设密码，开始使用").click()
    username = phone.locator(".pair .strong").inner_text()
    phone.get_by_label("设一个密码").fill(PASSWORD)
    phone.get_by_label("再输一次").fill(PASSWORD)
    keep(phone, "7-password")
    phone.get_by_role("button", name="设好了，进工作台").click()
    expect(phone.get_by_role("heading", name="今天发什么")).to_be_visible()

    # … and by WeCom, where she works.
    work = pages.on_a_phone(browser, user_agent=INSIDE_WECOM)
    by_wecom(work, site)
    expect(work.get_by_role("heading", name="今天发什么")).to_be_visible()
    address = share_her_shelf(work, site)
    consumer = pages.on_a_phone(browser, user_agent=pages.WECHAT)
    consumer.goto(address)
    expect(consumer.get_by_text(NAME).first).to_be_visible()
    headers = {"authorization": f"Bearer {house.token(username, PASSWORD)}"}

    def by_token() -> int:
        return requests.get(f"{site}/api/v1/customers/", headers=headers, timeout=60).status_code

    assert by_token() == 200

    # She leaves.
    operator.goto(f"{site}/hq/hosts/?q={username}")
    operator.get_by_role("link", name=NAME).first.click()
    operator.get_by_role("link", name="办理离开").click()
    operator.fill("[name=reason]", "搬去外地")
    keep(operator, "8-leaving")
    operator.get_by_role("button", name="办理离开").click()
    expect(operator.get_by_text("已离开").first).to_be_visible()
    keep(operator, "9-left")

    # Out everywhere with the next request: both sessions, the token, the link, the password, WeCom.
    for old in (phone, work):
        old.goto(f"{site}/customers/")
        expect(old.get_by_role("heading", name="大C工作台")).to_be_visible()
    assert by_token() in {401, 403}
    consumer.goto(address)
    expect(consumer.get_by_text("这个链接停用了")).to_be_visible()
    expect(consumer.get_by_text(NAME)).to_have_count(0)
    phone.goto(f"{site}/login/")
    phone.get_by_label("账号").fill(username)
    phone.get_by_label("密码", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="登录", exact=True).click()
    expect(phone.get_by_role("alert")).to_be_visible()
    by_wecom(work, site)
    expect(work.get_by_role("link", name="重新登录")).to_be_visible()
    keep(work, "10-out")
    phone.goto(own)
    expect(phone.get_by_role("button", name="设密码，开始使用")).to_have_count(0)
    assert "不对" not in house.run("manage.py", "verify_invariants")
