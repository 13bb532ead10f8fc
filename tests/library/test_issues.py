"""The fortnight: its window, its quotas, its plan, and who is told when it goes live."""

from datetime import date, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.accounts import roles
from apps.lib import clock
from apps.library import announcing, publishing, selectors, services
from apps.library.models import Issue, IssueEntry, Material
from apps.library.models.publishing import NotPublishableError
from apps.outbox.letters import Card, unpack
from apps.outbox.models import Delivery
from apps.sharing.services import NotNowError
from apps.tracking.models import Event
from tests.factories import a_branch, a_host
from tests.happenings import pass_on
from tests.library import desk

pytestmark = pytest.mark.django_db

ADD, EDIT = "/hq/issues/add/", "/hq/issues/edit/{}/"


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


def three(live: bool = True) -> list[Material]:
    return [
        desk.a_material("article", "粥", live=live),
        desk.a_material("script", "开场白", live=live),
        desk.a_material("article", "茶", live=live),
    ]


def hand_in(client: Any, issue: Issue, **changes: Any) -> Any:
    return client.post(
        EDIT.format(issue.pk), {**desk.issue_form(issue, **changes), "action-submit": "1"}, follow=True
    )


def state_of(issue: Issue) -> str:
    return str(selectors.with_state(Issue.objects.filter(pk=issue.pk)).get().state)


# --- going live -------------------------------------------------------------------------------------


def test_an_approved_issue_goes_live_with_its_window_and_every_active_host_is_told_once(
    thursday: Any,
) -> None:
    lin, mei = a_host("lin"), a_host("mei", "小美")
    gone = a_host("gone", "离开的")
    gone.status = "left"
    gone.save()
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    issue = desk.an_issue(editor, three(), quotas={"article": 2, "script": 1})

    hand_in(desk.browser(editor), issue)
    answer = desk.approve(desk.browser(reviewer), issue)
    assert desk.said(answer).startswith("已通过「第 7 期《春日焕新》」，3月9日 00:00 发布。")
    assert (state_of(issue), Delivery.objects.count()) == ("scheduled", 0)

    monday = clock.start_of(desk.MONDAY)
    thursday.move_to(monday)
    services.tick(now=monday)

    assert state_of(issue) == "published"
    deliveries = Delivery.objects.order_by("host_id")
    assert [delivery.host_id for delivery in deliveries] == [lin.pk, mei.pk]
    assert len({delivery.letter_id for delivery in deliveries}) == 1
    card = unpack(deliveries[0].letter.body)
    assert isinstance(card, Card)
    assert card.title == "第 7 期「春日焕新」来了"
    assert card.description.startswith("今天开始，14 天。")
    event = Event.objects.get(name="issue.published")
    assert (event.subject_kind, event.subject_id, event.occurred_at) == ("issue", issue.pk, monday)


@pytest.mark.parametrize(
    ("starts_on", "words"),
    [(date(2026, 3, 2), "3月2日开始"), (date(2026, 3, 5), "今天开始"), (date(2026, 3, 9), "3月9日开始")],
)
def test_the_message_says_today_only_of_today(starts_on: date, words: str) -> None:
    issue = Issue(number=7, theme="春日焕新", starts_on=starts_on)
    assert announcing.card_of(issue, desk.NOW).description.startswith(f"{words}，14 天。")


def test_publishing_a_changed_issue_tells_nobody_by_itself() -> None:
    a_host("lin")
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    issue = desk.an_issue(editor, three())
    services.publish(issue, by=editor)
    hand_in(desk.browser(editor), issue, theme="第二版")
    desk.approve(desk.browser(reviewer), issue)

    issue.refresh_from_db()
    assert issue.theme == "第二版"
    assert Delivery.objects.count() == 1
    assert Event.objects.filter(name="issue.published").count() == 1


def test_an_issue_below_quota_is_refused_with_the_missing_kinds_named() -> None:
    editor = desk.an_editor()
    issue = desk.an_issue(editor, three(), quotas={"article": 3, "video": 2, "script": 1})

    answer = hand_in(desk.browser(editor), issue)

    assert "配额还没满：种草文章还差 1 个、小视频还差 2 个。" in desk.said(answer)
    assert state_of(issue) == "draft"


def test_the_same_material_on_two_days_counts_once() -> None:
    editor = desk.an_editor()
    porridge = desk.a_material()
    issue = desk.an_issue(editor, [porridge, porridge], quotas={"article": 2})

    answer = hand_in(desk.browser(editor), issue)

    assert "种草文章还差 1 个" in desk.said(answer)


def test_an_issue_with_materials_that_nobody_approved_is_refused() -> None:
    editor = desk.an_editor()
    materials = [desk.a_material("article", "粥"), desk.a_material("article", "茶", live=False)]

    answer = hand_in(desk.browser(editor), desk.an_issue(editor, materials))

    assert "这些素材还没有发布：「茶」。请先提交审核，或从排期里去掉。" in desk.said(answer)


def test_an_issue_whose_material_is_taken_down_while_it_waits_is_refused_at_approval() -> None:
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    materials = three()
    issue = desk.an_issue(editor, materials)
    hand_in(desk.browser(editor), issue)
    publishing.withdraw(materials[0], by=reviewer, now=desk.NOW)

    answer = desk.approve(desk.browser(reviewer), issue)

    assert "还不能发布" in desk.said(answer)
    assert "「粥」" in desk.said(answer)
    assert state_of(issue) == "review"
    assert not Delivery.objects.exists()


def test_a_price_that_ends_before_its_day_of_the_plan_is_refused() -> None:
    editor = desk.an_editor()
    ending = desk.a_material("article", "限时价", expire_at=clock.start_of(desk.MONDAY + desk.days(1)))
    issue = desk.an_issue(editor, [desk.a_material(), ending])

    answer = hand_in(desk.browser(editor), issue)

    assert "这些素材在排到的那天之前就到期了：「限时价」。" in desk.said(answer)


def test_an_empty_plan_is_refused() -> None:
    editor = desk.an_editor()

    answer = hand_in(desk.browser(editor), desk.an_issue(editor, []))

    assert "排期还是空的" in desk.said(answer)


# --- the window -------------------------------------------------------------------------------------


def test_two_issues_may_not_overlap() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [])
    other = Issue(number=8, theme="另一期", starts_on=desk.MONDAY + desk.days(7), owner=editor)

    answer = desk.browser(editor).post(ADD, desk.issue_form(other))

    assert "这 14 天和另一期重叠了。请换一个开始日期。" in desk.said(answer)
    assert Issue.objects.count() == 1


def test_the_database_itself_refuses_an_overlap() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [])

    with pytest.raises(IntegrityError), transaction.atomic():
        desk.an_issue(editor, [], number=8, starts_on=desk.MONDAY - desk.days(7))


def test_the_next_fortnight_begins_where_this_one_ends() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [])

    desk.an_issue(editor, [], number=8, starts_on=desk.MONDAY + desk.days(14))

    assert Issue.objects.count() == 2


def test_an_issue_begins_on_a_monday() -> None:
    editor = desk.an_editor()
    tuesday = Issue(number=8, theme="周二", starts_on=date(2026, 3, 10), owner=editor)

    answer = desk.browser(editor).post(ADD, desk.issue_form(tuesday))

    assert "一期从星期一开始。请选一个星期一。" in desk.said(answer)


@pytest.mark.parametrize("day", [0, 15, -1])
def test_a_day_outside_the_fortnight_is_refused(day: int) -> None:
    editor = desk.an_editor()
    issue = desk.an_issue(editor, [desk.a_material()])
    form = desk.issue_form(issue)
    form["entries-0-day"] = str(day)

    desk.browser(editor).post(EDIT.format(issue.pk), form)

    issue.refresh_from_db()
    assert [entry.day for entry in issue.entries.all()] == [1]


def test_a_new_issue_starts_after_the_last_with_its_quotas() -> None:
    editor = desk.an_editor()
    desk.an_issue(editor, [], quotas={"article": 4})

    form = desk.browser(editor).get(ADD).context["form"]

    assert form.instance.number == 8
    assert form.instance.starts_on == desk.MONDAY + desk.days(14)
    assert [quota.instance.minimum for quota in form.formsets["quotas"].forms] == [4]


# --- the clock --------------------------------------------------------------------------------------


def test_a_scheduled_issue_and_its_scheduled_material_go_live_when_the_time_comes(thursday: Any) -> None:
    a_host("lin")
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())
    editor.post(
        "/hq/materials/add/",
        {**desk.material_form(go_live_at="2026-03-08 20:00"), "action-submit": "1"},
    )
    material = Material.objects.get()
    desk.approve(reviewer, material)
    issue = desk.an_issue(desk.User.objects.get(username="editor"), [material])
    hand_in(editor, issue, go_live_at="2026-03-08 20:00")
    answer = desk.approve(reviewer, issue)
    assert desk.said(answer).startswith("已通过「第 7 期《春日焕新》」，3月8日 20:00 发布。")
    assert state_of(issue) == "scheduled"
    assert services.tick(now=desk.NOW) == services.Ticked()

    later = desk.NOW.replace(day=8, hour=20, minute=1)
    thursday.move_to(later)
    done = services.tick(now=later)

    assert done == services.Ticked(published=2)
    assert (state_of(issue), Delivery.objects.count()) == ("published", 1)
    assert services.tick(now=later) == services.Ticked()


def test_a_scheduled_issue_whose_material_is_gone_stays_and_shows_as_overdue(thursday: Any) -> None:
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    materials = three()
    issue = desk.an_issue(editor, materials)
    hand_in(desk.browser(editor), issue, go_live_at="2026-03-08 20:00")
    desk.approve(desk.browser(reviewer), issue)
    publishing.withdraw(materials[0], by=reviewer, now=desk.NOW)

    monday = clock.start_of(desk.MONDAY)
    thursday.move_to(monday)
    done = services.tick(now=monday)

    assert done == services.Ticked(refused=1)
    [glance] = selectors.fortnight_glance(monday)
    assert glance.is_overdue
    assert [material.title for material in glance.waiting] == ["粥"]
    home = desk.browser(editor).get("/hq/").content.decode()
    assert "已经开始了还没发布，逾期 1 天。" in home
    assert "「粥」" in home


def test_an_issue_is_archived_when_its_fortnight_is_over(thursday: Any) -> None:
    issue = desk.an_issue(desk.an_editor(), three())
    services.publish(issue, by=issue.owner)
    last_moment = clock.start_of(issue.ends_on) - timedelta(seconds=1)
    thursday.move_to(last_moment)
    assert services.tick(now=last_moment) == services.Ticked()

    over = clock.start_of(issue.ends_on)
    thursday.move_to(over)

    assert services.tick(now=over) == services.Ticked(archived=1)
    assert state_of(issue) == "archived"


def test_a_material_is_archived_when_its_price_ends_and_is_unseen_from_that_moment(thursday: Any) -> None:
    ends = desk.NOW + timedelta(hours=2)
    material = desk.a_material(expire_at=ends)

    thursday.move_to(ends)

    assert not Material.objects.live_at(ends).exists()
    assert services.tick(now=ends) == services.Ticked(archived=1)
    material.refresh_from_db()
    assert (material.live, material.expired) == (False, True)


def test_one_that_fails_holds_up_no_other(thursday: Any) -> None:
    reviewer = desk.browser(desk.a_reviewer())
    editor = desk.browser(desk.an_editor())
    for title in ("一", "二"):
        form = desk.material_form(title=title, go_live_at="2026-03-05 10:00")
        editor.post("/hq/materials/add/", {**form, "action-submit": "1"})
        desk.approve(reviewer, Material.objects.get(title=title))
    broken = Material.objects.get(title="一").latest_revision
    broken.content["expire_at"] = "2026-03-05T00:00:00Z"
    broken.save()

    later = desk.NOW + timedelta(hours=1)
    thursday.move_to(later)

    assert services.tick(now=later) == services.Ticked(published=1, refused=1)
    assert Material.objects.get(live=True).title == "二"


def test_the_next_issue_is_prepared_once_as_a_draft(thursday: Any) -> None:
    issue = desk.an_issue(desk.an_editor(), three(), quotas={"article": 2})
    assert services.ensure_next_issue(now=desk.NOW) is None  # this one is still to come

    monday = clock.start_of(desk.MONDAY)
    prepared = services.ensure_next_issue(now=monday)

    assert prepared is not None
    assert (prepared.number, prepared.starts_on, prepared.live) == (8, issue.ends_on, False)
    assert [(quota.kind, quota.minimum) for quota in prepared.quotas.all()] == [("article", 2)]
    assert services.ensure_next_issue(now=monday) is None


# --- what hosts see ---------------------------------------------------------------------------------


def test_the_plan_of_a_day_holds_only_what_may_be_shared(thursday: Any) -> None:
    materials = three()
    issue = desk.an_issue(desk.an_editor(), materials)
    services.publish(issue, by=issue.owner)
    second_day = clock.start_of(desk.MONDAY) + timedelta(days=1, hours=8)

    assert selectors.current_issue(desk.NOW) is None
    assert selectors.current_issue(second_day) == issue
    assert selectors.issue_day(issue, second_day) == 2
    assert [entry.material.title for entry in selectors.plan_of_day(issue, 2, now=second_day)] == ["开场白"]
    publishing.withdraw(materials[1], by=issue.owner, now=second_day)
    assert selectors.plan_of_day(issue, 2, now=second_day) == []


def test_an_entry_for_one_branch_reaches_its_hosts_alone() -> None:
    from apps.library import access

    east, south = a_branch("华东"), a_branch("华南")
    store = east.add_child(name="徐汇店", kind="store")
    here, there = a_host("here", organisation=store), a_host("there", organisation=south)
    only_east, for_all = desk.a_material("article", "只给华东"), desk.a_material("article", "给大家")
    issue = desk.an_issue(desk.an_editor(), [for_all])
    issue.entries.add(IssueEntry(material=only_east, day=1, best_time=time(10), organisation=east))
    issue.save()
    services.publish(issue, by=issue.owner)
    monday = clock.start_of(desk.MONDAY)

    def titles(host: Any) -> list[str]:
        return [entry.material.title for entry in selectors.plan_of_day(issue, 1, now=monday, host=host)]

    assert titles(here) == ["给大家", "只给华东"]
    assert titles(there) == ["给大家"]
    assert only_east in access.materials_for(here, monday)
    assert only_east not in access.materials_for(there, monday)
    assert for_all in access.materials_for(there, monday)


def test_an_entry_for_guides_of_a_level_reaches_them_alone() -> None:
    senior, junior = a_host("senior", kind="guide", level=3), a_host("junior", kind="guide", level=1)
    owner = a_host("owner", kind="owner", level=9)
    issue = desk.an_issue(desk.an_editor(), [desk.a_material()])
    IssueEntry.objects.filter(issue=issue).update(host_kind="guide", min_level=2)
    services.publish(Issue.objects.get(pk=issue.pk), by=issue.owner)
    monday = clock.start_of(desk.MONDAY)

    seen = {
        host.user.username
        for host in (senior, junior, owner)
        if selectors.plan_of_day(issue, 1, now=monday, host=host)
    }

    assert seen == {"senior"}


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_costs_the_same_for_one_and_for_three(count: int, django_assert_num_queries: Any) -> None:
    issue = desk.an_issue(desk.an_editor(), three()[:count])
    services.publish(issue, by=issue.owner)
    host = a_host()

    with django_assert_num_queries(2):
        found = selectors.plan_of(issue, now=desk.NOW, host=host)
        assert [entry.material.picture for entry in found] == [None] * count


# --- taking down, and history -----------------------------------------------------------------------


def test_taking_down_says_what_it_means_and_needs_the_right() -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())
    material = desk.a_material()
    pass_on(a_host(), material, at=desk.NOW)
    url = f"/hq/materials/withdraw/{material.pk}/"

    assert editor.post(url).status_code == 302
    assert "1 位大C发出的 1 个链接" in reviewer.get(url).content.decode()
    material.refresh_from_db()
    assert material.live

    reviewer.post(url)  # without having read the page
    material.refresh_from_db()
    assert material.live

    assert "「小米粥怎么煮」已下架。" in desk.said(desk.confirm(reviewer, url))
    material.refresh_from_db()
    assert not material.live


def test_an_expired_material_can_not_be_shared() -> None:
    material = desk.a_material(expire_at=desk.NOW - timedelta(minutes=1))

    with pytest.raises(NotNowError):
        pass_on(a_host(), material, at=desk.NOW)

    assert not Event.objects.filter(name="material.shared").exists()


def test_history_is_told_with_its_own_times_and_without_messages() -> None:
    a_host()
    material = desk.a_material(live=False)
    past = clock.start_of(date(2026, 1, 5))
    services.publish(material, by=None, as_of=past)
    issue = desk.an_issue(desk.an_editor(), [material], starts_on=date(2026, 1, 5))

    services.publish(issue, by=issue.owner, as_of=past)

    issue.refresh_from_db()
    assert issue.first_published_at == past
    assert Event.objects.get(name="issue.published").occurred_at == past
    assert not Delivery.objects.exists()


def test_publishing_refuses_by_any_door() -> None:
    issue = desk.an_issue(desk.a_person(roles.ADMIN), [desk.a_material(live=False)])

    with pytest.raises(NotPublishableError):
        services.publish(issue, by=issue.owner)

    assert state_of(issue) == "draft"
