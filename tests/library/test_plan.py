"""The posting plan: materials moved into days, by whom and when it may be done, and for whom an entry is."""

from datetime import time, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import roles
from apps.lib import clock
from apps.library import access, services
from apps.library.desk import plan
from apps.library.models import Issue, Material, MaterialPicture
from apps.outbox.models import Delivery
from apps.tracking.models import Link
from tests.factories import a_branch, a_host
from tests.library import desk
from tests.pages import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def editor() -> Any:
    return desk.an_editor()


@pytest.fixture
def issue(editor: Any) -> Issue:
    return desk.an_issue(editor, [desk.a_material("article", "粥"), desk.a_material("script", "开场白")])


def plan_of(issue: Issue) -> dict[str, int]:
    """Title → day, as the draft says."""
    days = plan.entries_by_day(plan.draft_of(Issue.objects.get(pk=issue.pk)))
    return {entry.material.title: day for day, entries in days.items() for entry in entries}


def url(issue: Issue, *rest: Any) -> str:
    return f"/hq/fortnights/{issue.pk}/" + "".join(f"{part}/" for part in rest)


def test_a_material_is_put_moved_and_taken_out(issue: Issue, editor: Any) -> None:
    client = desk.browser(editor)
    tea = desk.a_material("article", "茶")

    answer = client.post(url(issue, "put"), {"material": tea.pk, "day": 14}, follow=True)
    assert "「茶」排到了第 14 天。" in desk.said(answer)
    assert plan_of(issue) == {"粥": 1, "开场白": 2, "茶": 14}

    client.post(url(issue, 14, tea.pk, "move"), {"day": 3})
    assert plan_of(issue) == {"粥": 1, "开场白": 2, "茶": 3}

    porridge = Material.objects.get(title="粥")
    answer = client.post(url(issue, 1, porridge.pk, "remove"), follow=True)
    assert "素材还在素材库里" in desk.said(answer)
    assert plan_of(issue) == {"开场白": 2, "茶": 3}
    last = Issue.objects.get().latest_revision
    assert last is not None
    assert last.user == editor


def test_the_form_of_the_issue_sees_what_was_moved(issue: Issue, editor: Any) -> None:
    client = desk.browser(editor)
    client.post(url(issue, 1, Material.objects.get(title="粥").pk, "move"), {"day": 9})

    form = client.get(f"/hq/issues/edit/{issue.pk}/").context["form"]

    assert sorted(entry.instance.day for entry in form.formsets["entries"].forms) == [2, 9]


def test_the_page_shows_every_day_what_is_on_it_and_what_may_be_put_there(issue: Issue, editor: Any) -> None:
    desk.a_material("article", "没排的茶", live=False)
    desk.a_material("article", "过期的", expire_at=desk.NOW - timedelta(hours=1))

    page = html_of(desk.browser(editor).get(url(issue)))

    assert page.count("data-drop-day=") == 14
    assert page.count("data-move=") == 2
    assert "没排的茶" in page
    assert "过期的" not in page


@pytest.mark.parametrize("day", ["0", "15", "-1", "", "第三天", "1.5"])
def test_a_day_outside_the_fortnight_changes_nothing(issue: Issue, editor: Any, day: str) -> None:
    client = desk.browser(editor)
    porridge = Material.objects.get(title="粥")

    moved = client.post(url(issue, 1, porridge.pk, "move"), {"day": day}, follow=True)
    put = client.post(url(issue, "put"), {"material": porridge.pk, "day": day}, follow=True)

    assert "一期只有第 1 到第 14 天。" in desk.said(moved)
    assert "请选一个素材和第几天。" in desk.said(put)
    assert plan_of(issue) == {"粥": 1, "开场白": 2}


def test_the_same_material_twice_on_a_day_is_refused(issue: Issue, editor: Any) -> None:
    client = desk.browser(editor)
    porridge = Material.objects.get(title="粥")

    answer = client.post(url(issue, "put"), {"material": porridge.pk, "day": 1}, follow=True)

    assert "第 1 天已经排了这个素材。" in desk.said(answer)


def test_what_is_over_or_absent_can_not_be_planned(issue: Issue, editor: Any) -> None:
    client = desk.browser(editor)
    over = desk.a_material("article", "过期的", expire_at=desk.NOW)

    for material in (over.pk, 999_999, "x"):
        client.post(url(issue, "put"), {"material": material, "day": 3})

    assert plan_of(issue) == {"粥": 1, "开场白": 2}


def test_an_entry_that_somebody_else_moved_meanwhile_is_not_moved_twice(issue: Issue, editor: Any) -> None:
    porridge = Material.objects.get(title="粥")
    one, other = desk.browser(editor), desk.browser(desk.an_editor("other"))

    one.post(url(issue, 1, porridge.pk, "move"), {"day": 5})
    answer = other.post(url(issue, 1, porridge.pk, "move"), {"day": 7}, follow=True)

    assert "这一条刚被别人移走或去掉了。" in desk.said(answer)
    assert plan_of(issue)["粥"] == 5


def test_two_people_moving_different_entries_keep_both(issue: Issue, editor: Any) -> None:
    one, other = desk.browser(editor), desk.browser(desk.an_editor("other"))
    one.get(url(issue))
    other.get(url(issue))

    one.post(url(issue, 1, Material.objects.get(title="粥").pk, "move"), {"day": 5})
    other.post(url(issue, 2, Material.objects.get(title="开场白").pk, "move"), {"day": 7})

    assert plan_of(issue) == {"粥": 5, "开场白": 7}


def test_while_it_is_reviewed_its_editor_can_not_move_anything(issue: Issue, editor: Any) -> None:
    client = desk.browser(editor)
    client.post(f"/hq/issues/edit/{issue.pk}/", {**desk.issue_form(issue), "action-submit": "1"})
    porridge = Material.objects.get(title="粥")

    answer = client.post(url(issue, 1, porridge.pk, "move"), {"day": 5}, follow=True)

    assert plan_of(issue)["粥"] == 1
    assert "审核" in desk.said(answer)
    assert "data-move=" not in html_of(client.get(url(issue)))


def test_moving_in_a_live_issue_is_a_draft_until_it_is_approved(issue: Issue, editor: Any) -> None:
    services.publish(issue, by=editor)
    client = desk.browser(editor)
    porridge = Material.objects.get(title="粥")

    client.post(url(issue, 1, porridge.pk, "move"), {"day": 5})

    assert plan_of(issue)["粥"] == 5
    assert Issue.objects.get().entries.get(material=porridge).day == 1
    assert "改动还是草稿" in html_of(client.get(url(issue)))


@pytest.mark.parametrize("role", [roles.OPERATOR, roles.ANALYST, roles.MERCHANDISER])
def test_who_may_only_look_changes_nothing(issue: Issue, role: str) -> None:
    client = desk.browser(desk.a_person(role))
    porridge = Material.objects.get(title="粥")

    page = client.get(url(issue))
    client.post(url(issue, 1, porridge.pk, "move"), {"day": 5})
    client.post(url(issue, 1, porridge.pk, "remove"))
    client.post(url(issue, "put"), {"material": porridge.pk, "day": 3})
    client.post(url(issue, "copy"), {"into": ""})

    assert page.status_code == 200
    assert "data-move=" not in html_of(page)
    assert plan_of(issue) == {"粥": 1, "开场白": 2}
    assert Issue.objects.count() == 1


# --- for whom ---------------------------------------------------------------------------------------


def test_an_entry_is_given_a_time_a_hint_and_a_target(issue: Issue, editor: Any) -> None:
    east = a_branch("华东")
    porridge = Material.objects.get(title="粥")

    answer = desk.browser(editor).post(
        url(issue, 1, porridge.pk),
        {
            "day": 2,
            "best_time": "20:30",
            "tip": "先问候",
            "organisation": east.pk,
            "host_kind": "guide",
            "min_level": 2,
        },
        follow=True,
    )

    [entry, _other] = plan.entries_by_day(plan.draft_of(Issue.objects.get()))[2][::-1]
    assert (entry.best_time, entry.tip, entry.organisation, entry.host_kind, entry.min_level) == (
        time(20, 30), "先问候", east, "guide", 2,
    )  # fmt: skip
    assert "只给华东 · 导购 · 2 级起" in html_of(answer)


@pytest.mark.parametrize(
    ("field", "value"), [("best_time", "25:00"), ("min_level", "-1"), ("host_kind", "boss"), ("day", "15")]
)
def test_a_wrong_target_is_named_at_its_field(issue: Issue, editor: Any, field: str, value: str) -> None:
    porridge = Material.objects.get(title="粥")
    form = {"day": 1, "best_time": "09:00", "tip": "", "organisation": "", "host_kind": "", "min_level": 0}

    answer = desk.browser(editor).post(url(issue, 1, porridge.pk), {**form, field: value})

    assert field in answer.context["form"].errors


def test_a_host_outside_the_target_sees_nothing_shares_nothing_and_is_not_told(editor: Any) -> None:
    east, south = a_branch("华东"), a_branch("华南")
    store = east.add_child(name="徐汇店", kind="store")
    here, there = a_host("here", organisation=store, level=3), a_host("there", organisation=south, level=3)
    young = a_host("young", organisation=store, level=1)
    issue = desk.an_issue(editor, [desk.a_material("article", "只给华东老手")])
    issue.entries.update(organisation=east, min_level=2)
    services.publish(Issue.objects.get(), by=editor)
    material = Material.objects.get()
    monday = clock.start_of(desk.MONDAY) + timedelta(hours=9)

    assert set(access.hosts_meant_by(issue)) == {here}
    assert [row.host_id for row in Delivery.objects.all()] == [here.pk]
    with time_machine.travel(monday, tick=False):
        for host, may in ((here, True), (there, False), (young, False)):
            client = desk.browser(host.user)
            assert (material.title in html_of(client.get("/materials/"))) is may
            page = client.get(f"/materials/{material.public_id}/")
            shared = client.post(f"/materials/{material.public_id}/share/", {"channel": "group"})
            assert (page.status_code == 200, shared.status_code < 400) == (may, may), host
    assert set(Link.objects.values_list("host", flat=True)) <= {here.pk}


def test_one_entry_for_everybody_tells_everybody(editor: Any) -> None:
    east, south = a_branch("华东"), a_branch("华南")
    hosts = {a_host("here", organisation=east), a_host("there", organisation=south)}
    issue = desk.an_issue(editor, [desk.a_material("article", "粥"), desk.a_material("article", "茶")])
    issue.entries.filter(day=1).update(organisation=east)

    assert set(access.hosts_meant_by(issue)) == hosts


# --- copies -----------------------------------------------------------------------------------------


def test_a_copy_of_an_issue_is_a_draft_in_the_next_free_fortnight(issue: Issue, editor: Any) -> None:
    services.publish(issue, by=editor)
    other = desk.an_editor("other", "小新")

    answer = desk.browser(other).post(url(issue, "copy"), {"into": ""}, follow=True)

    twin = Issue.objects.exclude(pk=issue.pk).get()
    assert (twin.number, twin.starts_on, twin.theme) == (8, desk.MONDAY + desk.days(14), "春日焕新")
    assert (twin.live, twin.first_published_at, twin.owner) == (False, None, other)
    assert plan_of(twin) == {"粥": 1, "开场白": 2}
    assert plan_of(issue) == {"粥": 1, "开场白": 2}
    assert "复制好了" in desk.said(answer)
    assert twin.public_id != issue.public_id


def test_a_copy_moves_into_the_empty_draft_that_was_prepared(
    issue: Issue, editor: Any, thursday: Any
) -> None:
    monday = clock.start_of(desk.MONDAY)
    thursday.move_to(monday)
    prepared = services.ensure_next_issue(now=monday)
    assert prepared is not None

    desk.browser(editor).post(url(issue, "copy"), {"into": prepared.pk})

    assert Issue.objects.count() == 2
    prepared.refresh_from_db()
    assert (prepared.theme, prepared.number) == ("春日焕新", 8)
    assert plan_of(prepared) == {"粥": 1, "开场白": 2}
    again = desk.browser(editor).post(url(issue, "copy"), {"into": prepared.pk})
    assert "into" in again.context["form"].errors  # it is no longer empty


def test_a_copy_leaves_behind_what_is_over_and_says_so(issue: Issue, editor: Any) -> None:
    Material.objects.filter(title="粥").update(expire_at=desk.NOW)
    client = desk.browser(editor)

    assert "已归档或到期的素材不带：「粥」。" in html_of(client.get(url(issue, "copy")))
    client.post(url(issue, "copy"), {"into": ""})

    assert plan_of(Issue.objects.exclude(pk=issue.pk).get()) == {"开场白": 2}


def test_a_copy_of_a_material_holds_everything_but_its_dates(editor: Any) -> None:
    material = desk.a_material("article", "粥", expire_at=desk.NOW + timedelta(days=1), summary="早上")
    picture = desk.a_picture()
    MaterialPicture.objects.create(material=material, image=picture, caption="近看", sort_order=0)

    desk.browser(editor).post(f"/hq/fortnights/materials/{material.pk}/copy/")

    twin = Material.objects.exclude(pk=material.pk).get()
    assert (twin.title, twin.summary, twin.live, twin.expire_at) == ("粥（副本）", "早上", False, None)
    assert [(one.image, one.caption) for one in twin.pictures.all()] == [(picture, "近看")]
    assert MaterialPicture.objects.filter(material=material).count() == 1
    assert str(twin.body) == str(material.body)
