"""The desk in a real browser: an editor's and a reviewer's day, and no serious fault of accessibility."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from apps.accounts import roles
from apps.accounts.models import User
from apps.lib import clock
from apps.library import services
from apps.library.models import ForbiddenWord, Issue, IssueEntry, Material, PosterTemplate
from apps.media.models import Image
from apps.tracking import services as tracking
from tests.browsing import SIZES, chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_host
from tests.flows.pages import say_yes
from tests.learning.cases import published
from tests.learning.lessons import a_lesson, a_path
from tests.library import desk
from tests.media import samples

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

TITLE = "头采龙井到了，三分钟看懂怎么泡"


@pytest.fixture
def editor(transactional_db: None) -> User:
    return desk.an_editor()


@pytest.fixture
def reviewer(transactional_db: None) -> User:
    return desk.a_reviewer()


@pytest.fixture
def issue(editor: User) -> Issue:
    """The fortnight that runs today: a draft, with one article to come."""
    today = clock.day_of(timezone.now())
    tracking.make_partitions({today.replace(day=1)})
    monday = today - timedelta(days=today.weekday())
    return desk.an_issue(editor, [], starts_on=monday, quotas={"article": 1})


def menu_of(page: Page) -> Locator:
    """What the form's main button offers beside it."""
    page.locator("footer [data-w-dropdown-target=toggle]").click()
    return page.locator("footer")


def hand_in(page: Page) -> None:
    # The page that is left is loaded too: wait for the answer, not for a state.
    with page.expect_navigation():
        menu_of(page).get_by_role("button", name="提交内容审核").click()


def look(page: Page, name: str) -> None:
    """Keep the page as it looks, and hear what axe says of it."""
    shot(page, f"desk-{name}")
    assert faults(page) == [], name


def test_a_piece_goes_from_the_editor_to_the_reviewer_and_back_and_into_the_plan(
    chromium: Browser, web: str, editor: User, reviewer: User, issue: Issue
) -> None:
    ForbiddenWord.objects.get_or_create(word="全网第一")
    hers = signed_in(chromium, web, editor, "desk").new_page()
    his = signed_in(chromium, web, reviewer, "desk").new_page()

    # What is missing stands in the calendar.
    hers.goto("/hq/fortnights/")
    expect(hers.get_by_role("article")).to_contain_text("种草文章 0/1差 1")
    look(hers, "1-calendar")

    # A word that the law forbids stops the piece before it bothers anybody.
    hers.goto("/hq/materials/add/")
    hers.select_option("[name=kind]", "article")
    hers.fill("[name=title]", TITLE)
    hers.fill("[name=share_text]", "全网第一的龙井，今年头采只有十来天。")
    hers.get_by_role("button", name="插入内容").first.click()
    hers.get_by_role("option", name="小标题").click()
    hers.locator("[name=body-0-value]").fill("水温八十五度")
    look(hers, "2-writing")
    hand_in(hers)
    expect(hers.get_by_text("全网第一", exact=False).first).to_be_visible()
    look(hers, "3-refused")
    assert not Material.objects.filter(live=True).exists()
    hers.fill("[name=share_text]", "今年头采的龙井，只有十来天，想喝的接龙。")
    hand_in(hers)
    expect(hers.locator(".messages")).to_contain_text("提交审核")

    # The reviewer sends it back with a word.
    piece = Material.objects.get()
    his.goto("/hq/")
    expect(his.get_by_role("main")).to_contain_text(TITLE)
    look(his, "4-waiting")
    his.goto(f"/hq/materials/edit/{piece.pk}/")
    menu_of(his).locator("[data-workflow-action-name=reject]").click()
    window = his.locator(".modal-dialog")
    window.locator("textarea").fill("水温再说清楚一点：玻璃杯和盖碗不一样。")
    window.get_by_role("button", name="退回").click()
    expect(his.locator(".messages")).to_contain_text("已退回")

    # She sees it, changes the piece, and hands it in again; he compares.
    hers.goto(f"/hq/materials/edit/{piece.pk}/")
    expect(hers.get_by_text("玻璃杯和盖碗不一样").first).to_be_visible()
    look(hers, "5-sent-back")
    hers.locator("[name=body-0-value]").fill("玻璃杯八十度，盖碗八十五度")
    hand_in(hers)
    his.goto(f"/hq/materials/history/{piece.pk}/")
    look(his, "6-history")
    his.locator("table [data-w-dropdown-target=toggle]").first.click()
    his.locator("a[href*='/revisions/compare/']").first.click()
    expect(his.get_by_role("main")).to_contain_text("盖碗")
    look(his, "7-compared")
    his.goto(f"/hq/materials/edit/{piece.pk}/")
    menu_of(his).locator("[data-workflow-action-name=approve]").first.click()
    say_yes(his, "通过")
    expect(his.locator(".messages")).to_contain_text("已通过")

    # On the plan, by the mouse.
    hers.goto(f"/hq/fortnights/{issue.pk}/")
    day = clock.day_of(timezone.now()).weekday() + 1
    hers.locator("[data-put]", has_text=TITLE).drag_to(hers.locator(f"[data-drop-day='{day}']"))
    expect(hers.locator(f"[data-drop-day='{day}']")).to_contain_text(TITLE)
    look(hers, "8-plan")
    hers.goto(f"/hq/issues/edit/{issue.pk}/")
    hand_in(hers)
    his.goto(f"/hq/issues/edit/{issue.pk}/")
    menu_of(his).locator("[data-workflow-action-name=approve]").first.click()
    say_yes(his, "通过")
    expect(his.locator(".messages")).to_contain_text("已通过")
    his.goto("/hq/fortnights/")
    expect(his.get_by_role("article").first).to_contain_text("已发布")
    look(his, "9-published")
    issue.refresh_from_db()
    piece.refresh_from_db()
    assert (issue.live, piece.live) == (True, True)


def test_many_pictures_come_in_at_once_with_their_progress(
    chromium: Browser, web: str, editor: User, tmp_path: Path
) -> None:
    names = [f"茶园{n}.jpg" for n in range(3)]
    for n, name in enumerate(names):
        (tmp_path / name).write_bytes(samples.picture(size=(900 + n, 700)))
    page = signed_in(chromium, web, editor, "desk").new_page()

    page.goto("/hq/images/")
    page.get_by_role("link", name="上传图片").first.click()
    look(page, "pictures-empty")
    page.locator("input[type=file][multiple]").set_input_files([tmp_path / name for name in names])
    expect(page.locator(".upload-success")).to_have_count(3)
    look(page, "pictures-in")

    assert Image.objects.count() == 3


def test_axe_finds_nothing_serious(chromium: Browser, web: str, editor: User, issue: Issue) -> None:
    lin = a_host("lin", "林姐")
    piece = desk.a_material(title=TITLE)
    draft = desk.a_material("pictures", "春天的三张图", live=False)
    case = published(lin)
    lesson = a_lesson(task="拍一张陈列")
    path = a_path(lesson)
    issue.entries = [IssueEntry(material=piece, day=1, best_time=time(9))]
    issue.save()
    services.publish(issue, by=editor)
    layout = PosterTemplate.objects.create(name="春日")
    word = ForbiddenWord.objects.order_by("pk")[0]
    page = signed_in(chromium, web, desk.a_person(roles.ADMIN), "desk").new_page()
    found: dict[str, Any] = {}
    for place in (
        "fortnights/",
        f"fortnights/{issue.pk}/",
        f"fortnights/{issue.pk}/copy/",
        "materials/",
        f"materials/edit/{draft.pk}/",
        f"materials/inspect/{piece.pk}/",
        f"materials/history/{piece.pk}/",
        "issues/",
        f"issues/edit/{issue.pk}/",
        f"cases/edit/{case.pk}/",
        f"lessons/edit/{lesson.pk}/",
        f"paths/edit/{path.pk}/",
        "words/",
        f"words/edit/{word.pk}/",
        "poster-templates/",
        f"poster-templates/edit/{layout.pk}/",
        "festivals/",
        "videos/",
        "images/",
        "stories/",
        "practices/",
        "insights/issues/",
        f"insights/issues/{issue.public_id}/",
        "insights/materials/",
        f"insights/materials/{piece.public_id}/",
        "insights/cases/",
        f"insights/cases/{case.public_id}/",
        "insights/learning/",
    ):
        answer = page.goto(f"/hq/{place}")
        assert answer is not None
        assert (answer.status, page.url) == (200, f"{web}/hq/{place}")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            found |= {f"{place} {size}": bad} if (bad := faults(page)) else {}
    assert found == {}
