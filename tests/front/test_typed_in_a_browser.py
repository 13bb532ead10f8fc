"""What was typed is still there after an ended session and on an old page, in a real browser."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Session
from apps.customers.models import Note
from tests.accounts import walking
from tests.browsing import chromium, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import PASSWORD
from tests.front.forms import named

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def now(transactional_db: None) -> Iterator[datetime]:
    with named():
        yield timezone.now()


@pytest.fixture
def world(now: datetime) -> walking.World:
    return walking.World()


def test_what_was_typed_survives_an_ended_session_and_an_old_page(
    world: walking.World, chromium: Browser, web: str
) -> None:
    person = world.address("customers/<uuid:public_id>/")
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        note = page.get_by_label("写笔记")
        page.goto(person)
        page.get_by_text("记一笔", exact=True).click()
        note.fill("她爱喝明前茶")
        Session.objects.all().delete()
        page.get_by_role("button", name="记下来").click()

        expect(page.get_by_text("登录到期了")).to_be_visible()
        expect(page.get_by_text("刚才写的也还在")).to_be_visible()
        _sign_in(page, world.host.user.username)
        expect(page).to_have_url(f"{web}{person}")
        expect(note).to_have_value("她爱喝明前茶")
        expect(page.locator("#toast")).to_contain_text("你刚才写的还在")

        # Meanwhile she signs in anew in another tab: this page is old, and its text is still hers.
        other = context.new_page()
        context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
        other.goto("/login/")
        _sign_in(other, world.host.user.username)
        page.get_by_role("button", name="记下来").click()
        expect(page.get_by_text("页面已经旧了")).to_be_visible()
        page.get_by_role("link", name="返回上一页").click()
        expect(note).to_have_value("她爱喝明前茶")
        page.get_by_role("button", name="记下来").click()
        expect(page.get_by_text("她爱喝明前茶").first).to_be_visible()
    assert [one.text for one in Note.objects.all()] == ["她爱喝明前茶"]

    boss, address = world.people["A"], world.address("hq/products/edit/<int:pk>/")
    boss.set_password(PASSWORD)
    boss.save()
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto(address)
        page.fill("[name=title]", "改到一半的名字")
        Session.objects.all().delete()
        page.get_by_role("button", name="保存").click()
        page.fill("[name=username]", boss.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        expect(page).to_have_url(f"{web}{address}")
        expect(page.locator("[name=title]")).to_have_value("改到一半的名字")


def _sign_in(page: Page, username: str) -> None:
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)
