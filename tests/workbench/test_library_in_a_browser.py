"""The library in a real browser: three taps to a share, and no serious fault of accessibility."""

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from apps.accounts.models import Host
from apps.catalog.services import add_to_shelf
from apps.library.models import Festival, Material, MaterialText
from apps.tracking import services as tracking
from apps.tracking.models import Event
from tests.browsing import SIZES, chromium, faults, signed_in
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
def tea(lin: Host) -> Material:
    """A set of three pictures of this issue, planned for today, with two texts and a product."""
    material = with_pictures(a_material("春茶上新", stage="mature", product=a_sku("好茶").product), 3)
    material.texts = [MaterialText(label="朋友圈短版", text="今年的茶，到了。")]
    material.festivals = [Festival.objects.get(name="谷雨")]
    material.save()
    now = timezone.now()
    an_issue((today_of(now), material), now=now)
    return material


class Thumb:
    """Counts its taps."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        what.click()
        self.taps += 1


def shared() -> list[str]:
    return [event.props["channel"] for event in Event.objects.filter(name="material.shared")]


def pasted(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("way", ["today", "library"])
def test_from_opening_to_shared_in_three_taps(
    chromium: Browser, web: str, lin: Host, tea: Material, way: str
) -> None:
    context = signed_in(chromium, web, lin.user)
    page, thumb = context.new_page(), Thumb()
    page.goto("/")
    if way == "library":
        thumb.tap(page.get_by_role("link", name="素材", exact=True))
        thumb.tap(page.get_by_role("link", name="分享「春茶上新」"))
    else:
        thumb.tap(page.get_by_role("link", name="一键分享"))
    thumb.tap(page.locator("#sheet").get_by_role("button", name="发到群"))

    expect(page.locator("#share-text")).to_be_visible()
    assert thumb.taps <= 3
    assert shared() == ["group"]
    assert f"{settings.SITE_URL}/s/" in page.locator("#share-text").input_value()
    context.close()


def test_she_copies_the_text_that_she_chose(chromium: Browser, web: str, lin: Host, tea: Material) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto(f"/materials/{tea.public_id}/")
    page.get_by_role("link", name="朋友圈短版").click()
    page.get_by_role("button", name="复制文案").click()
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert pasted(page) == "今年的茶，到了。"
    context.close()


def test_a_way_that_she_only_looks_at_is_no_share_until_she_takes_it(
    chromium: Browser, web: str, lin: Host, tea: Material
) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="一键分享").click()
    sheet = page.locator("#sheet")
    for way in ("发到群", "海报", "发给客户"):
        sheet.get_by_role("button", name=way).click()
        expect(sheet.get_by_role("heading", name=way)).to_be_visible()
        if way != "发给客户":
            sheet.get_by_role("link", name="换一种方式").click()
    assert shared() == ["group"]

    with page.expect_response("**/share/") as answer:
        sheet.get_by_role("button", name="复制文字").click()

    assert answer.value.status == 204
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert f"{settings.SITE_URL}/s/" in pasted(page)
    assert sorted(shared()) == ["group", "single"]
    context.close()


def test_the_way_back_from_a_price_that_was_refused_shows_a_page(
    chromium: Browser, web: str, lin: Host
) -> None:
    item = add_to_shelf(lin, a_sku("好茶").product, now=timezone.now())
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto(f"/shelf/{item.public_id}/")
    page.get_by_label("我的售价").fill("贵")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("[aria-invalid=true]")).to_have_value("贵")
    page.get_by_label("我的售价").fill("")
    page.get_by_role("button", name="保存").click()
    expect(page).to_have_url(f"{web}/shelf/")
    page.go_back()
    expect(page.get_by_role("button", name="保存")).to_be_visible()
    context.close()


def test_the_star_is_kept_without_leaving_the_page(
    chromium: Browser, web: str, lin: Host, tea: Material
) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto(f"/materials/{tea.public_id}/")
    page.get_by_role("button", name="收藏").click()
    expect(page.get_by_role("button", name="收藏")).to_have_attribute("aria-pressed", "true")
    page.goto("/materials/?fav=1")
    expect(page.get_by_text("春茶上新")).to_be_visible()
    context.close()


def test_a_filter_is_sent_as_soon_as_it_is_chosen(
    chromium: Browser, web: str, lin: Host, tea: Material
) -> None:
    a_material("别的")
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto("/materials/?all")
    page.get_by_label("节气节日").select_option("谷雨")
    expect(page.get_by_text("别的")).to_have_count(0)
    expect(page.get_by_text("春茶上新")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious(chromium: Browser, web: str, lin: Host, tea: Material, size: str) -> None:
    context = signed_in(chromium, web, lin.user, size)
    page = context.new_page()
    for path in (
        "/materials/",
        "/materials/?all",
        "/materials/?sort=works",
        "/materials/?q=%E7%81%AB%E7%AE%AD",
        f"/materials/{tea.public_id}/",
        f"/materials/{tea.public_id}/words/",
        f"/materials/{tea.public_id}/share/",
        f"/materials/{tea.public_id}/pictures/",
        f"/materials/{lin.public_id}/",
    ):
        page.goto(path)
        assert faults(page) == [], path
    context.close()
