"""What cannot be bought, on her phone: the warning is seen before anything is shared."""

from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.catalog.services import add_to_shelf
from apps.library.models import Material
from apps.tracking import services as tracking
from tests.browsing import SIZES, chromium, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_host, a_sku
from tests.workbench.issues import a_material, an_issue, today_of, with_pictures

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def lin(transactional_db: None) -> Host:
    now = timezone.now()
    tracking.make_partitions({now.date().replace(day=1)})
    return a_host("lin", "林姐")


@pytest.fixture
def gone(lin: Host) -> Sku:
    a_sku("日式简约陶瓷餐具六件套（含礼盒与手提袋）", stock=200)
    return a_sku("北欧木柄餐具四件套", stock=0)


@pytest.fixture
def post(lin: Host, gone: Sku) -> Material:
    material = with_pictures(a_material("餐桌换新", product=gone.product), 3)
    now = timezone.now()
    an_issue((today_of(now), material), now=now)
    return material


@pytest.mark.parametrize("size", SIZES)
def test_the_warning_is_seen_before_the_buttons_of_sharing(
    chromium: Browser, web: str, lin: Host, post: Material, gone: Sku, size: str
) -> None:
    context = signed_in(chromium, web, lin.user, size)
    page = context.new_page()
    for url in (f"/materials/{post.public_id}/", f"/offers/{gone.product.public_id}/"):
        page.goto(url)
        warning = page.get_by_role("status").filter(has_text="卖完了，客户点开买不到。")
        expect(warning).to_be_visible()
        box, height = warning.bounding_box(), SIZES[size][1]
        bar = page.locator(".dock").bounding_box()
        assert box is not None
        assert bar is not None
        assert box["height"] > 40, url
        assert box["y"] + box["height"] <= (bar["y"] if size == "phone" else height), url
        shot(page, f"gone-{url.split('/')[1]}")
    context.close()


def test_on_the_narrowest_phone_no_words_lie_on_others(
    chromium: Browser, web: str, lin: Host, post: Material, gone: Sku
) -> None:
    add_to_shelf(lin, gone.product, now=timezone.now())
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    for url in (f"/materials/{post.public_id}/", "/shelf/"):
        page.goto(url)
        lines = _lines(page)
        assert len(lines) > 2, url
        assert all(above <= below + 1 for (_, above), (below, _) in pairwise(lines)), (url, lines)
    context.close()


def test_on_the_narrowest_phone_no_figures_name_breaks(chromium: Browser, web: str, lin: Host) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/me/")
    heights = page.locator(".figure__name").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert len(heights) > 3
    assert max(heights) < 30
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def _lines(page: Page) -> list[tuple[float, float]]:
    """Top and bottom of each line of words in the warning, the uppermost first."""
    found = page.locator(".notice_bad").first.evaluate(
        """box => {
            const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), lines = new Map();
            while (walk.nextNode()) {
                if (!walk.currentNode.textContent.trim()) continue;
                const range = document.createRange();
                range.selectNodeContents(walk.currentNode);
                for (const { top, bottom } of range.getClientRects()) {
                    const middle = (top + bottom) / 2;
                    const known = [...lines.keys()].find((one) => Math.abs(one - middle) < 6);
                    if (known === undefined) lines.set(middle, [top, bottom]);
                }
            }
            return [...lines.values()].sort((a, b) => a[0] - b[0]);
        }"""
    )
    return [(top, bottom) for top, bottom in found]
