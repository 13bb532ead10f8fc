"""The library at a laptop: plan, review and form each fit the screen, open, send, and pass axe."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from apps.lib import clock
from apps.library.models import Issue, Material
from apps.tracking import services as tracking
from tests.browsing import chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.library import desk

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def editor(transactional_db: None) -> User:
    today = clock.day_of(timezone.now())
    tracking.make_partitions({today.replace(day=1)})
    return desk.an_editor()


@pytest.fixture
def issue(editor: User) -> Issue:
    """A fortnight with three materials on its first day, one on most others, and three gaps."""
    today = clock.day_of(timezone.now())
    monday = today - timedelta(days=today.weekday())
    pieces = [
        desk.a_material(title=f"第 {n} 篇，标题写得不短也不长", cover=desk.a_picture()) for n in range(11)
    ]
    return desk.an_issue(editor, pieces, starts_on=monday, quotas={"article": 12})


def is_on_screen(page: Page, css: str) -> list[bool]:
    """For each that fits: whether it lies whole within the window as the page is opened."""
    found: list[bool] = page.locator(css).evaluate_all(
        """all => all.map(one => {
          const box = one.getBoundingClientRect();
          return box.width > 0 && box.top >= 0 && box.left >= 0
            && box.bottom <= innerHeight && box.right <= innerWidth;
        })"""
    )
    return found


def scrolls(page: Page) -> bool:
    wide: bool = page.evaluate(
        "(one => one.scrollHeight > innerHeight || one.scrollWidth > innerWidth)(document.scrollingElement)"
    )
    return wide


def test_the_fortnight_is_seen_whole_and_each_cell_opens(
    chromium: Browser, web: str, editor: User, issue: Issue
) -> None:
    page = signed_in(chromium, web, editor, "desk").new_page()

    page.goto(f"/hq/fortnights/{issue.pk}/")

    assert is_on_screen(page, "[data-drop-day]") == [True] * 14
    assert is_on_screen(page, "[data-opens]") == [True] * 11
    assert page.locator(".desk-day.is-empty").count() == 3
    assert not scrolls(page)
    assert faults(page) == []

    # A cell opens over the plan, and what is done there is done without leaving it.
    page.locator("[data-opens]").first.click()
    opened = page.locator(".desk-open:popover-open")
    expect(opened).to_contain_text("第 0 篇")
    assert faults(page) == []
    shot(page, "fits-cell")
    opened.get_by_role("combobox").select_option("14")
    opened.get_by_role("button", name="移动").click()
    expect(page.locator("[data-drop-day='14']")).to_contain_text("第 0 篇")

    # By the keyboard alone, and out again by Escape.
    page.locator("[data-opens]").first.press("Enter")
    expect(opened).to_be_visible()
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def test_a_reviewer_decides_beside_the_phone_without_scrolling(
    chromium: Browser, web: str, editor: User
) -> None:
    piece = desk.a_material(live=False, cover=desk.a_picture(), share_text="很长的一段话。\n" * 60)
    draft = piece.get_latest_revision_as_object()
    draft.save_revision(user=editor)
    piece.refresh_from_db()
    piece.get_workflow().start(piece, editor)
    page = signed_in(chromium, web, desk.a_reviewer(), "desk").new_page()

    page.goto("/hq/")
    page.locator("#reviews").get_by_role("link", name=piece.title).click()

    expect(page.locator("[name=decision]")).to_have_count(2)
    for css in ("[name=decision]", "[name=comment]", ".desk-phone__screen:visible", ".desk-review__effects"):
        assert all(is_on_screen(page, css)), css
    assert not scrolls(page)
    assert faults(page) == []
    shot(page, "fits-review")
    page.get_by_text("大C看到的").click()
    expect(page.frame_locator(".desk-phone__screen:visible").get_by_text("复制这段话")).to_be_visible()

    page.get_by_role("button", name="退回").click()
    expect(page.get_by_role("alert")).to_contain_text("请写一句原因")
    page.get_by_label("对提交的人说的话").fill("水温再说清楚一点")
    page.get_by_role("button", name="退回").click()
    expect(page.locator(".messages")).to_contain_text("已退回")
    assert not Material.objects.get().live


def test_cards_are_switched_on_and_stay(chromium: Browser, web: str, editor: User, issue: Issue) -> None:
    page = signed_in(chromium, web, editor, "desk").new_page()

    page.goto("/hq/materials/")
    page.get_by_role("button", name="大图").click()
    expect(page.locator(".hq-grid__card")).to_have_count(11)
    assert faults(page) == []
    shot(page, "fits-cards")
    page.get_by_label("选中这一页").check()
    expect(page.locator("[data-picked]")).to_have_text("选中了 11 行")
    page.goto("/hq/materials/")
    expect(page.locator(".hq-grid__card")).to_have_count(11)


def test_the_form_of_a_material_is_no_wider_than_read_well_and_save_is_in_sight(
    chromium: Browser, web: str, editor: User
) -> None:
    page = signed_in(chromium, web, editor, "desk").new_page()

    page.goto("/hq/materials/add/")

    assert all(is_on_screen(page, "footer .button >> nth=0"))
    for name in ("kind", "occasion", "title", "summary", "share_text"):
        assert is_on_screen(page, f"[name={name}]") == [True], name
    widths = page.locator("main [data-field] :is(input, textarea):visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width)"
    )
    assert max(widths) <= 46 * 16
    assert faults(page) == []
