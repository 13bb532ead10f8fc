"""Her pages on every phone: on its side, 320 px wide, with text twice as large, at WeChat's own font size.

No page scrolls sideways, no word leaves its button, and at the end of a page nothing that one taps lies under
the tab bar or a dock.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from apps.accounts.models import Host
from apps.catalog.services import add_to_shelf
from apps.lib import clock
from apps.library.models import Material
from apps.tracking import services as tracking
from apps.trade.models import Order
from tests.browsing import SHOTS, chromium, patient_context
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, a_link, buy
from tests.projecting import project_now
from tests.workbench.issues import a_material, an_issue, today_of, with_pictures

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

#: Name, width, height, and how the phone makes its text larger.
PHONES: dict[str, tuple[int, int, str]] = {
    "upright": (390, 844, ""),
    "on-its-side": (844, 390, ""),
    "narrow": (320, 640, ""),
    "twice": (390, 844, "document.documentElement.style.fontSize = '200%'"),
    "twice-narrow": (320, 640, "document.documentElement.style.fontSize = '200%'"),
    # What WeChat does at its largest size: on an iPhone it sets the body, on Android each pixel of text.
    "wechat": (390, 844, "document.body.style.webkitTextSizeAdjust = '140%'"),
    "wechat-on-its-side": (844, 390, "document.body.style.webkitTextSizeAdjust = '140%'"),
}

#: What is wrong with the page where it stands scrolled to its end.
_WRONG = (Path(__file__).parent / "fits.js").read_text(encoding="utf-8")


@pytest.fixture
def lin(transactional_db: None) -> Host:
    now = timezone.now()
    tracking.make_partitions(
        {clock.day_of(now - timedelta(days=days)).replace(day=1) for days in (0, 31, 62)}
    )
    lin = a_host("lin", "林姐家的好物分享")
    tea = with_pictures(
        a_material(
            "今年头采的高山春茶到了，一起喝一杯好茶再聊聊天",
            product=a_sku("高山春茶礼盒装二百五十克", stock=3).product,
        ),
        2,
    )
    missed = a_material("上周漏发的那一条：怎么挑一只好苹果")
    an_issue((1, missed), (today_of(now) + 7, tea), now=now - timedelta(days=7))
    for number in range(24):
        one = a_customer(
            lin, f"138000{number:05d}", at=now - timedelta(days=40), name=f"住在城西的朵朵妈妈{number}"
        )
        if number < 4:
            buy(
                lin,
                tea.product.skus.get() if number == 0 else a_sku(f"砀山梨{number}", price_fen=1_288_800),
                at=now - timedelta(days=1),
                name="朵朵妈",
                quantity=1,
            )
        assert one
    for number in range(4):
        add_to_shelf(lin, a_sku(f"日式简约陶瓷餐具六件套{number}").product, now=now)
    a_link(lin, tea, at=now)
    project_now()
    return lin


def held(chromium: Browser, web: str, host: Host, width: int, height: int) -> BrowserContext:
    context = patient_context(
        chromium,
        base_url=web,
        viewport={"width": width, "height": height},
        screen={"width": width, "height": height},
        locale="zh-CN",
        is_mobile=True,
        has_touch=True,
        reduced_motion="reduce",
    )
    client = Client()
    client.force_login(host.user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": web}])
    return context


def addresses(host: Host) -> Iterator[str]:
    """Her main pages and what is one tap below them."""
    relation, item = host.relations.order_by("pk")[0], host.shelf.order_by("position")[0]
    order = Order.objects.filter(host=host).order_by("pk")[0]
    yield from ("/", "/materials/", "/materials/?all", "/offers/", "/shelf/", "/customers/")
    yield from ("/customers/?pick=1", "/me/orders/", "/me/", "/me/settings/", "/me/sends/", "/learn/")
    yield from (f"/customers/{relation.public_id}/", f"/customers/{relation.public_id}/edit/")
    yield from (
        f"/me/orders/{order.public_id}/",
        f"/offers/{item.product.public_id}/",
        f"/shelf/{item.public_id}/",
    )
    yield f"/materials/{Material.objects.exclude(product=None).get().public_id}/"


def wrong_on(page: Page, address: str, larger: str) -> list[Any]:
    page.goto(address)
    if larger:
        page.evaluate(larger)
    page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
    found: list[Any] = page.evaluate(_WRONG)
    return found


def test_every_page_fits_every_phone(chromium: Browser, web: str, lin: Host) -> None:
    wrong = []
    for phone, (width, height, larger) in PHONES.items():
        with held(chromium, web, lin, width, height) as context:
            page = context.new_page()
            for address in addresses(lin):
                wrong += [f"{phone} {address}: {one}" for one in wrong_on(page, address, larger)]
                kept(page, f"{phone}-{address}")
    assert not wrong, "\n".join(wrong)


def kept(page: Page, name: str) -> None:
    """A picture of what stands on the screen, where pictures are asked for."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{re.sub('[^a-z]+', '-', name)[:32]}.png")
