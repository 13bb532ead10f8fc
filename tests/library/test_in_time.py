"""What was approved goes out while somebody can see it, or HQ reads why not; and whom it reaches."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts.models import Host
from apps.library import publishing, receivers, selectors, services
from apps.library.models import Issue
from apps.outbox.models import Delivery
from tests.factories import a_host
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


def an_issue(**fields: Any) -> Issue:
    return desk.an_issue(desk.an_editor(), [desk.a_material()], **fields)


def hand_in(issue: Issue, **changes: Any) -> Any:
    form = {**desk.issue_form(issue, **changes), "action-submit": "1"}
    return desk.browser(issue.owner).post(f"/hq/issues/edit/{issue.pk}/", form, follow=True)


def question_of_approving(reviewer: Any, issue: Issue) -> str:
    row = Issue.objects.get(pk=issue.pk)
    url = f"/hq/issues/workflow/action/{row.pk}/approve/{row.current_workflow_task_state.pk}/"
    return html_of(reviewer.get(url))


# --- what comes back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_planned", [False, True])
def test_what_nobody_heard_of_comes_back_as_news(thursday: Any, is_planned: bool) -> None:
    a_host("lin")
    issue = an_issue()
    services.publish(issue, by=issue.owner)
    publishing.withdraw(issue, by=issue.owner, now=desk.NOW)
    assert [row.state for row in Delivery.objects.all()] == ["cancelled"]
    hand_in(issue, theme="初夏焕新", go_live_at="2026-03-06 10:00" if is_planned else "2026-03-05 09:01")
    desk.approve(desk.browser(desk.a_reviewer()), issue)

    later = desk.NOW + timedelta(days=2)
    thursday.move_to(later)
    assert services.tick(now=later) == services.Ticked(published=1)

    assert Issue.objects.get(pk=issue.pk).live
    waiting = Delivery.objects.get(state="new")
    assert ":first:" in waiting.key
    assert "初夏焕新" in waiting.letter.body


def test_a_change_is_told_as_news_where_nobody_heard_of_the_first(thursday: Any) -> None:
    issue = an_issue()
    services.publish(issue, by=issue.owner)
    a_host("lin")
    thursday.shift(60)
    issue.theme = "第二版"
    services.publish(issue, by=issue.owner)

    answer = desk.confirm(desk.browser(desk.a_reviewer()), f"/hq/issues/correct/{issue.pk}/")

    assert "正在发：0 条更正，1 条通知。" in desk.said(answer)


def test_hq_reads_what_did_not_go_live_and_what_to_do(thursday: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    issue, reviewer = an_issue(), desk.browser(desk.a_reviewer())
    hand_in(issue, go_live_at="2026-03-06 10:00")
    desk.approve(reviewer, issue)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(receivers.announcing, "announce", broken)
    later = desk.NOW.replace(day=6, hour=10, minute=5)
    thursday.move_to(later)
    assert services.tick(now=later) == services.Ticked(refused=1)

    page = html_of(reviewer.get("/hq/"))
    assert "定在 3月6日 10:00 发布，还没有发出去。" in page
    assert selectors.FAILED in page
    assert "到时间没发出去" in html_of(reviewer.get("/hq/issues/"))
    assert "到时间没发出去" in html_of(reviewer.get("/hq/issues/", {"state": "late"}))

    monkeypatch.undo()
    services.tick(now=later)
    assert "到时间没发出去" not in html_of(reviewer.get("/hq/"))


def test_hq_reads_which_material_holds_up_what_did_not_go_live(thursday: Any) -> None:
    issue, reviewer = an_issue(), desk.browser(desk.a_reviewer())
    hand_in(issue, go_live_at="2026-03-06 10:00")
    desk.approve(reviewer, issue)
    publishing.withdraw(issue.entries.get().material, by=issue.owner, now=desk.NOW)
    later = desk.NOW + timedelta(days=2)
    thursday.move_to(later)
    services.tick(now=later)

    assert "这些素材还没有发布：「小米粥怎么煮」。请先提交审核，或从排期里去掉。" in html_of(
        reviewer.get("/hq/")
    )


# --- what nobody would see --------------------------------------------------------------------------------


def test_a_go_live_after_the_window_is_refused_and_named_with_its_year() -> None:
    answer = hand_in(an_issue(), go_live_at="2188-01-01 09:00")

    assert "发布时间 2188年1月1日 09:00 在这一期结束（3月22日）以后" in desk.said(answer)
    assert "请改「发布时间」或「开始日期」。" in desk.said(answer)


def test_a_window_that_is_over_is_refused(thursday: Any) -> None:
    issue = an_issue(starts_on=date(2020, 1, 6))
    answer = hand_in(issue)
    assert "这一期的 14 天到 2020年1月19日 已经过完了，发布了谁也看不到。请改「开始日期」。" in desk.said(
        answer
    )

    issue = an_issue_handed_in()
    thursday.move_to(issue.ends_at)
    answer = desk.approve(desk.browser(desk.a_reviewer()), issue)
    assert "还不能发布。这一期的 14 天到 3月22日 已经过完了" in desk.said(answer)
    assert not Issue.objects.get(pk=issue.pk).live


def an_issue_handed_in() -> Issue:
    issue = desk.an_issue(desk.an_editor("other"), [desk.a_material()], number=8)
    hand_in(issue)
    return issue


def test_a_draft_of_a_window_that_is_over_may_be_written_in() -> None:
    issue = an_issue(starts_on=date(2020, 1, 6))
    desk.browser(issue.owner).post(f"/hq/issues/edit/{issue.pk}/", desk.issue_form(issue, theme="旧的"))
    assert Issue.objects.get(pk=issue.pk).theme == "旧的"


def test_an_issue_is_not_planned_for_years_ahead() -> None:
    editor = desk.an_editor()
    far = Issue(number=8, theme="写错年份", starts_on=date(2099, 1, 5), owner=editor)

    answer = desk.browser(editor).post("/hq/issues/add/", desk.issue_form(far))

    assert "开始日期最晚到 2027年3月6日。请看看年份有没有写错。" in desk.said(answer)


def test_an_issue_far_ahead_is_not_the_next_one() -> None:
    this = an_issue(starts_on=date(2026, 3, 2))
    desk.an_issue(this.owner, [], number=20, starts_on=date(2026, 9, 7))

    made = services.ensure_next_issue(now=desk.NOW)

    assert made is not None
    assert (made.number, made.starts_on) == (21, this.ends_on)


def test_an_issue_that_is_moved_ends_with_its_new_window(thursday: Any) -> None:
    issue = an_issue(starts_on=date(2026, 3, 2))
    services.publish(issue, by=issue.owner)
    publishing.withdraw(issue, by=issue.owner, now=desk.NOW)
    thursday.move_to(issue.ends_at + timedelta(days=1))

    said = desk.said(
        hand_in(issue, starts_on="2026-03-23", go_live_at="2026-03-22 09:00", expire_at="2026-03-16 00:00")
    )

    assert "已提交审核" in said
    moved = Issue.objects.get(pk=issue.pk).get_latest_revision_as_object()
    assert moved.expire_at == moved.ends_at


def test_whoever_hands_in_reads_when_it_goes_out() -> None:
    assert "已提交审核，通过后 3月9日 00:00 对外可见。" in desk.said(hand_in(an_issue()))


def test_a_question_names_the_year_of_another_one(thursday: Any) -> None:
    thursday.move_to(desk.NOW.replace(month=12, day=28))
    issue, reviewer = an_issue(starts_on=date(2027, 1, 4)), desk.browser(desk.a_reviewer())
    hand_in(issue)

    assert "2027年1月4日 00:00对外可见。" in question_of_approving(reviewer, issue)


# --- whom it reaches --------------------------------------------------------------------------------------


def test_questions_count_only_whom_wecom_reaches(thursday: Any) -> None:
    a_host("lin")
    a_host("mei", "梅姐")
    a_host("alone", "没绑定的")
    Host.objects.filter(name="没绑定的").update(wecom_userid=None)
    issue, reviewer = an_issue(), desk.browser(desk.a_reviewer())
    hand_in(issue, go_live_at="2026-03-06 10:00")
    beside = "1 位大C没有绑定企业微信，收不到消息。"

    page = question_of_approving(reviewer, issue)
    assert "给 2 位大C各发一条消息。" in page
    assert beside in page

    desk.approve(reviewer, issue)
    thursday.move_to(desk.NOW + timedelta(days=2))
    services.tick(now=desk.NOW + timedelta(days=2))
    Delivery.objects.filter(host_id=Host.objects.get(name="梅姐").pk).update(state="sent", sent_at=desk.NOW)
    thursday.shift(60)
    hand_in(Issue.objects.get(pk=issue.pk), theme="第二版")
    desk.approve(reviewer, issue)
    page = html_of(reviewer.post(f"/hq/issues/correct/{issue.pk}/"))
    assert "收到过旧消息的 1 位大C" in page
    assert "还没有收到过的 1 位大C" in page
    assert beside in page


# --- a planned version of what is live --------------------------------------------------------------------


def test_taking_down_says_that_a_planned_version_goes_too(thursday: Any) -> None:
    issue, reviewer = an_issue(), desk.browser(desk.a_reviewer())
    services.publish(issue, by=issue.owner)
    url = f"/hq/issues/withdraw/{issue.pk}/"
    assert "新一版" not in html_of(reviewer.post(url))
    hand_in(issue, theme="第二版", go_live_at="2026-03-10 10:00")
    desk.approve(reviewer, issue)

    assert "已经通过、定在 3月10日 10:00 换上的新一版也一起取消，变回草稿。" in html_of(reviewer.post(url))
    answer = desk.confirm(reviewer, url)
    assert "已经通过的新一版也取消了，要发布请重新提交审核。" in desk.said(answer)
    assert not Issue.objects.get(pk=issue.pk).approved_schedule
