"""Pictures, practice and stories at HQ in a real browser: as a table, as pictures, and one verdict."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts import roles
from apps.accounts.models import User
from apps.learning.models import Practice
from tests.accounts import walking
from tests.browsing import chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.library import desk
from tests.library.desk import a_person

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def boss(transactional_db: None) -> User:
    walking.World()
    for title in ("春茶", "小米粥", "开箱实拍"):
        desk.a_picture(title)
    return a_person(roles.ADMIN, "boss")


@pytest.fixture
def page(boss: User, chromium: Browser, web: str) -> Callable[[], Page]:
    def opened() -> Page:
        found = signed_in(chromium, web, boss, "desk").new_page()
        found.set_viewport_size({"width": 1280, "height": 800})
        return found

    return opened


@pytest.mark.parametrize("key", ["images", "practices", "stories"])
def test_it_is_looked_at_as_a_table_and_as_pictures(page: Callable[[], Page], key: str) -> None:
    here = page()
    here.goto(f"/hq/{key}/")
    expect(here.locator("tbody .hq-picture img").first).to_be_visible()
    shot(here, f"list-{key}")
    assert faults(here) == []

    with here.expect_navigation():
        here.get_by_role("button", name="大图").click()

    expect(here.locator(".hq-grid__picture img").first).to_be_visible()
    shot(here, f"grid-{key}")
    assert faults(here) == []


def test_a_proof_is_judged_before_ones_eyes(page: Callable[[], Page]) -> None:
    here = page()
    here.goto("/hq/practices/")
    here.locator("tbody a[href*='/hq/practices/']").first.click()
    expect(here.locator(".hq-proof img")).to_be_visible()
    shot(here, "practice")
    assert faults(here) == []

    here.get_by_label("评语").fill("做得好")
    with here.expect_navigation():
        here.get_by_role("button", name="通过").click()

    expect(here.get_by_text("的练习通过了")).to_be_visible()
    judged = Practice.objects.exclude(state=Practice.State.WAITING).get()
    assert (judged.state, judged.reason) == ("passed", "做得好")
    assert judged.reviewed_at is not None
    assert judged.reviewed_at <= timezone.now()
