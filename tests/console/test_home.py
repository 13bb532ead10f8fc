"""HQ's home: the fortnight at a glance, and what waits for whom."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import roles
from apps.lib import clock
from apps.library import services
from tests.library import desk

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


def home(user: Any) -> str:
    return " ".join(desk.browser(user).get("/hq/").content.decode().split())


def test_an_empty_house_says_where_to_begin() -> None:
    assert "还没有双周主题。" in home(desk.an_editor())


def test_the_next_issue_shows_what_it_lacks() -> None:
    editor = desk.an_editor()
    draft = desk.a_material("script", "开场白", live=False)
    desk.an_issue(editor, [draft], quotas={"article": 2, "script": 1})

    page = home(editor)

    assert "第 7 期《春日焕新》" in page
    assert "配额还差：种草文章差 2 个" in page
    assert "「开场白」" in page
    assert "去补齐" in page


def test_a_draft_is_due_three_days_before_and_overdue_from_its_monday(thursday: Any) -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [desk.a_material()])
    assert "还没发布" not in home(editor)

    thursday.move_to(clock.start_of(desk.MONDAY) - timedelta(days=2))
    assert "2 天后开始，还没发布。" in home(editor)

    thursday.move_to(clock.start_of(desk.MONDAY) + timedelta(days=1))
    assert "已经开始了还没发布，逾期 2 天。" in home(editor)


def test_a_fortnight_that_nobody_planned_is_told(thursday: Any) -> None:
    editor = desk.an_editor()
    issue = desk.an_issue(editor, [desk.a_material()])
    thursday.move_to(issue.ends_at + timedelta(days=1))

    assert "今天没有任何一期主题。" in home(editor)


def test_a_published_fortnight_is_calm(thursday: Any) -> None:
    editor = desk.an_editor()
    issue = desk.an_issue(editor, [desk.a_material()], quotas={"article": 1})
    services.publish(issue, by=editor)
    thursday.move_to(clock.start_of(desk.MONDAY) + timedelta(days=4))

    page = home(editor)

    assert "这一期 · 第 5 天" in page
    assert "配额已满" in page
    assert "hq-alert" not in page[page.index("这一期 · 第 5 天") : page.index('id="case-title"')]


def test_what_waits_for_review_stands_on_the_reviewers_home() -> None:
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    desk.browser(editor).post("/hq/materials/add/", {**desk.material_form(), "action-submit": "1"})

    assert "等你审核" in home(reviewer)
    assert "小米粥怎么煮" in home(reviewer)
    assert "等你审核" not in home(editor)


def test_who_may_not_see_issues_sees_no_issues() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [desk.a_material()])

    assert "春日焕新" not in home(desk.a_person(roles.SUPPORT))
