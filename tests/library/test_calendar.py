"""The calendar of fortnights: what is late, what is missing, and the next one that prepares itself."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import roles
from apps.lib import clock
from apps.lib.clock import SHANGHAI
from apps.library import services
from apps.library.desk import calendar
from apps.library.models import Issue
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


def at(day: date, hour: int = 9) -> datetime:
    return clock.start_of(day) + timedelta(hours=hour)


def page(**query: str) -> str:
    return str(html_of(desk.browser(desk.a_person(roles.ANALYST)).get("/hq/fortnights/", query)))


def test_the_page_shows_this_one_the_next_and_the_past_with_their_gaps() -> None:
    editor = desk.an_editor()
    porridge = desk.a_material("article", "粥")
    past = desk.an_issue(editor, [porridge], number=5, starts_on=date(2026, 2, 9))
    services.publish(past, by=editor, as_of=clock.start_of(date(2026, 2, 9)))
    desk.an_issue(editor, [porridge], number=6, starts_on=date(2026, 2, 23), quotas={"article": 2})
    desk.an_issue(editor, [], number=7, starts_on=desk.MONDAY, quotas={"video": 1})

    found = calendar.calendar(desk.NOW)
    text = page()

    assert found.current is not None
    assert (found.current.number, found.current.today, found.current.alarm) == (6, 11, "late")
    assert found.current.gaps == ["种草文章差 1 个"]
    assert [day.count for day in found.current.days][:2] == [1, 0]
    assert [(one.number, one.alarm, one.gaps) for one in found.coming] == [(7, "", ["小视频差 1 个"])]
    assert [one.number for one in found.past] == [5]
    assert "逾期 11 天" in text
    assert "4 天后开始" in text
    assert "负责人 小文" in text


@pytest.mark.parametrize(
    ("now", "alarm"),
    [
        (clock.start_of(date(2026, 3, 6)) - timedelta(seconds=1), ""),
        (clock.start_of(date(2026, 3, 6)), "due"),
        (clock.start_of(desk.MONDAY) - timedelta(seconds=1), "due"),
        (clock.start_of(desk.MONDAY), "late"),
        (clock.start_of(date(2026, 3, 23)) - timedelta(seconds=1), "late"),
        (clock.start_of(date(2026, 3, 23)), "missed"),
    ],
)
def test_an_unpublished_fortnight_is_due_then_late_then_missed(now: datetime, alarm: str) -> None:
    issue = desk.an_issue(desk.an_editor(), [])

    found = calendar.calendar(now)

    [shown] = [*([found.current] if found.current else []), *found.coming, *found.past]
    assert (shown.issue, shown.alarm) == (issue, alarm)


def test_a_published_one_is_never_late() -> None:
    issue = desk.an_issue(desk.an_editor(), [desk.a_material()])
    services.publish(issue, by=issue.owner)

    for day in (desk.MONDAY, desk.MONDAY + desk.days(20)):
        found = calendar.calendar(at(day))
        [shown] = [*([found.current] if found.current else []), *found.past]
        assert shown.alarm == ""


def test_a_draft_is_shown_as_it_lies_on_the_desk_and_a_live_one_as_it_is_outside() -> None:
    editor = desk.an_editor()
    material = desk.a_material()
    issue = desk.an_issue(editor, [material])
    services.publish(issue, by=editor)
    draft = Issue.objects.get().get_latest_revision_as_object()
    draft.theme, draft.entries = "改过", []
    draft.save_revision(clean=False)

    [outside] = calendar.calendar(desk.NOW).coming
    Issue.objects.update(live=False)
    [inside] = calendar.calendar(desk.NOW).coming

    assert (outside.theme, outside.planned, outside.has_draft_changes) == ("春日焕新", 1, True)
    assert (inside.theme, inside.planned) == ("改过", 0)


def test_days_between_two_fortnights_are_named() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [], number=6, starts_on=date(2026, 3, 2))
    desk.an_issue(editor, [], number=7, starts_on=date(2026, 3, 23))

    assert calendar.calendar(desk.NOW).holes == [calendar.Gap(date(2026, 3, 16), date(2026, 3, 23))]
    assert "3月16日—3月22日 没有任何一期" in page()


def test_a_day_without_any_issue_is_an_alarm() -> None:
    desk.an_issue(desk.an_editor(), [], starts_on=date(2026, 2, 9))

    assert calendar.calendar(desk.NOW).is_current_missing
    assert "今天没有任何一期主题" in page()


@pytest.mark.parametrize(
    ("starts_on", "following"),
    [
        (date(2026, 2, 16), date(2026, 3, 2)),  # over the end of a short month
        (date(2026, 3, 23), date(2026, 4, 6)),
        (date(2026, 12, 21), date(2027, 1, 4)),  # over the end of the year
        (date(2028, 2, 21), date(2028, 3, 6)),  # over a leap day
    ],
)
def test_the_next_fortnight_prepares_itself_over_the_ends_of_months_and_years(
    thursday: Any, starts_on: date, following: date
) -> None:
    first = desk.an_issue(desk.an_editor(), [], number=7, starts_on=starts_on, quotas={"article": 3})
    sunday = at(starts_on - desk.days(1))
    thursday.move_to(sunday)
    assert services.ensure_next_issue(now=sunday) is None

    for moment in (clock.start_of(starts_on), at(starts_on + desk.days(13), 23)):
        thursday.move_to(moment)
        services.ensure_next_issue(now=moment)

    made = Issue.objects.exclude(pk=first.pk).get()
    assert (made.number, made.starts_on, made.theme) == (8, following, "主题待定")
    shown = calendar.calendar(at(starts_on + desk.days(13), 23))
    assert shown.current is not None
    assert (shown.current.number, shown.current.today) == (7, 14)
    assert [one.number for one in shown.coming] == [8]
    thursday.move_to(clock.start_of(following))
    shown = calendar.calendar(clock.start_of(following))
    assert shown.current is not None
    assert (shown.current.number, shown.current.today, shown.current.alarm) == (8, 1, "late")


def test_a_year_of_fortnights_is_unbroken_when_the_clock_runs_through_it(thursday: Any) -> None:
    desk.an_issue(desk.an_editor(), [], number=1, starts_on=date(2026, 1, 5))

    day = date(2026, 1, 5)
    while day < date(2027, 2, 1):
        moment = datetime(day.year, day.month, day.day, 6, 10, tzinfo=SHANGHAI)
        thursday.move_to(moment)
        services.ensure_next_issue(now=moment)
        day += desk.days(1)

    starts = list(Issue.objects.order_by("number").values_list("starts_on", flat=True))
    assert starts == [date(2026, 1, 5) + desk.days(14 * n) for n in range(len(starts))]
    assert starts[-1] > date(2027, 1, 31)


@pytest.mark.parametrize("count", [1, 6])
def test_the_calendar_costs_the_same_for_one_and_for_six(count: int, django_assert_num_queries: Any) -> None:
    editor = desk.an_editor()
    for number in range(count):
        desk.an_issue(
            editor,
            [desk.a_material("article", f"粥{number}")],
            number=number + 1,
            starts_on=date(2026, 3, 9) - desk.days(14 * number),
            quotas={"article": 1},
        ).save_revision(clean=False)
    calendar.calendar(desk.NOW)

    with django_assert_num_queries(3):
        calendar.calendar(desk.NOW)


def test_the_past_is_paged() -> None:
    editor = desk.an_editor()
    for number in range(15):
        desk.an_issue(editor, [], number=number + 1, starts_on=date(2025, 6, 2) + desk.days(14 * number))

    first = calendar.calendar(desk.NOW)
    assert first.older is not None
    second = calendar.calendar(desk.NOW, before=first.older)

    assert [one.number for one in first.past] == list(range(15, 3, -1))
    assert [one.number for one in second.past] == [3, 2, 1]
    assert second.older is None
    assert "更早的" in page()
    assert "第 2 期" in page(before=first.older.isoformat())
