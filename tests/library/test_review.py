"""From draft to published: a second person approves, and nobody else's key opens the door."""

from typing import Any

import pytest
import time_machine

from apps.console_kit.confirming import FIELD
from apps.library.models import Material
from apps.library.selectors import with_state
from tests.library import desk
from tests.library.desk import nested_form_data

pytestmark = pytest.mark.django_db

ADD, EDIT = "/hq/materials/add/", "/hq/materials/edit/{}/"


def state_of(material: Material) -> str:
    return str(with_state(Material.objects.filter(pk=material.pk)).get().state)


def hand_in(client: Any, **form: Any) -> Material:
    response = client.post(ADD, {**desk.material_form(**form), "action-submit": "1"}, follow=True)
    assert response.status_code == 200
    return Material.objects.get()


def test_a_material_goes_from_draft_over_review_to_published() -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())

    editor.post(ADD, desk.material_form())
    material = Material.objects.get()
    assert (state_of(material), material.live) == ("draft", False)

    answer = editor.post(
        EDIT.format(material.pk), {**desk.material_form(), "action-submit": "1"}, follow=True
    )
    assert "已提交审核" in desk.said(answer)
    assert state_of(material) == "review"

    answer = desk.approve(reviewer, material)
    assert desk.said(answer) == "已通过「小米粥怎么煮」，现在对外可见。"
    material.refresh_from_db()
    assert (state_of(material), material.live) == ("published", True)


def test_nobody_approves_what_she_handed_in() -> None:
    both = desk.a_reviewer()
    client = desk.browser(both)
    both.groups.add(*desk.an_editor().groups.all())
    material = hand_in(client)

    desk.approve(client, material)

    material.refresh_from_db()
    assert (state_of(material), material.live) == ("review", False)


def test_nobody_approves_what_she_changed_last() -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())
    material = hand_in(editor)
    reviewer.post(EDIT.format(material.pk), desk.material_form(title="改过的标题"))

    desk.approve(reviewer, material)
    material.refresh_from_db()
    assert not material.live

    desk.approve(desk.browser(desk.a_reviewer("second")), material)
    material.refresh_from_db()
    assert (material.live, material.title) == (True, "改过的标题")


def test_approving_from_the_form_publishes_what_was_handed_in_not_what_is_typed() -> None:
    material = hand_in(desk.browser(desk.an_editor()))
    reviewer = desk.browser(desk.a_reviewer())
    form = desk.material_form(title="审核人随手写的")

    decide = {**form, "action-workflow-action": "1", "workflow-action-name": "approve"}
    page = reviewer.post(EDIT.format(material.pk), decide)
    reviewer.post(page.context["action"], {FIELD: page.context["act"].mark})

    material.refresh_from_db()
    assert (material.live, material.title) == (True, "小米粥怎么煮")


def test_an_editor_is_no_reviewer() -> None:
    material = hand_in(desk.browser(desk.an_editor()))

    desk.approve(desk.browser(desk.an_editor("other")), material)

    material.refresh_from_db()
    assert not material.live


@pytest.mark.parametrize("who", ["editor", "reviewer", "admin"])
def test_nobody_publishes_without_review(who: str) -> None:
    from apps.accounts import roles

    user = {
        "editor": desk.an_editor,
        "reviewer": desk.a_reviewer,
        "admin": lambda: desk.a_person(roles.ADMIN, "admin"),
    }[who]()
    material = desk.a_material(live=False)

    desk.browser(user).post(
        EDIT.format(material.pk), {**desk.material_form(), "action-publish": "1"}, follow=True
    )

    material.refresh_from_db()
    assert not material.live


def test_what_is_sent_back_waits_for_the_editor_and_can_be_handed_in_again() -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())
    material = hand_in(editor)

    answer = desk.approve(reviewer, material, "reject", "标题太长")
    assert "已退回" in desk.said(answer)
    assert state_of(material) == "rejected"

    editor.post(EDIT.format(material.pk), {**desk.material_form(title="短"), "action-submit": "1"})
    assert state_of(material) == "review"
    desk.approve(reviewer, material)
    material.refresh_from_db()
    assert (material.live, material.title) == (True, "短")


def test_a_new_draft_of_a_live_material_changes_nothing_outside_until_approved() -> None:
    editor, reviewer = desk.browser(desk.an_editor()), desk.browser(desk.a_reviewer())
    material = hand_in(editor)
    desk.approve(reviewer, material)

    editor.post(EDIT.format(material.pk), {**desk.material_form(title="第二版"), "action-submit": "1"})
    material.refresh_from_db()
    assert (material.live, material.title) == (True, "小米粥怎么煮")

    desk.approve(reviewer, material)
    material.refresh_from_db()
    assert material.title == "第二版"


def test_the_second_of_two_editors_is_told_instead_of_overwriting() -> None:
    first, second = desk.browser(desk.an_editor()), desk.browser(desk.an_editor("other"))
    first.post(ADD, desk.material_form())
    material = Material.objects.get()
    loaded = material.latest_revision_id
    first.post(EDIT.format(material.pk), desk.material_form(title="第一位改的"))

    answer = second.post(
        EDIT.format(material.pk),
        {**desk.material_form(title="第二位改的"), "loaded_revision_id": loaded},
        headers={"accept": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json()["error_code"] == "invalid_revision"
    material.refresh_from_db()
    assert material.get_latest_revision_as_object().title == "第一位改的"


def test_while_it_is_in_review_the_editor_can_not_change_it() -> None:
    editor = desk.browser(desk.an_editor())
    material = hand_in(editor)

    answer = editor.post(EDIT.format(material.pk), desk.material_form(title="再改"), follow=True)

    assert "被锁定" in desk.said(answer)
    assert material.get_latest_revision_as_object().title == "小米粥怎么煮"


MISSING = {
    "article": "文章还没有正文，请至少写一段。",
    "pictures": "图集还没有图片，请添加 1 到 9 张。",
    "video": "小视频还没有选视频，也没有填视频号链接。",
    "new_product": "新品介绍要关联一个商品。",
    "script": "话术还没有写分享文案。",
}


@pytest.mark.parametrize("kind", MISSING)
def test_handing_in_an_unfinished_material_names_what_is_missing(kind: str) -> None:
    editor = desk.browser(desk.an_editor())
    form = desk.material_form("article", share_text="", body=desk.streamfield([]))
    form["kind"] = kind

    answer = editor.post(ADD, {**form, "action-submit": "1"})

    assert MISSING[kind] in desk.said(answer)
    assert not Material.objects.exists()


def test_an_unfinished_draft_may_be_saved() -> None:
    desk.browser(desk.an_editor()).post(ADD, desk.material_form("pictures"))

    assert Material.objects.get().kind == "pictures"


def test_ten_pictures_are_too_many() -> None:
    images = [desk.a_picture(str(n)).pk for n in range(10)]

    desk.browser(desk.an_editor()).post(
        ADD, {**desk.material_form("pictures", pictures=images), "action-submit": "1"}
    )

    assert not Material.objects.exists()


def test_nine_pictures_are_handed_in_in_their_order() -> None:
    images = [desk.a_picture(str(n)).pk for n in range(9)]

    material = hand_in(desk.browser(desk.an_editor()), kind="pictures", pictures=images)

    assert [picture.image_id for picture in material.pictures.all()] == images


def test_a_price_that_ends_before_it_begins_is_refused() -> None:
    form = desk.material_form(expire_at="2020-01-01 00:00")

    answer = desk.browser(desk.an_editor()).post(ADD, {**form, "action-submit": "1"})

    assert answer.status_code == 200
    assert not Material.objects.exists()


# --- asked before, and said as it came out -----------------------------------------------------------------


def test_sending_back_without_a_reason_is_not_said_to_be_done() -> None:
    material = hand_in(desk.browser(desk.an_editor()))
    reviewer = desk.browser(desk.a_reviewer())

    from_home = desk.said(desk.approve(reviewer, material, "reject"))
    from_form = desk.said(
        reviewer.post(
            EDIT.format(material.pk),
            {"action-workflow-action": "1", "workflow-action-name": "reject"},
            follow=True,
        )
    )

    assert "没有办成：请写一句原因" in from_home
    assert "没有退回：请写一句原因" in from_form
    assert "已退回" not in from_home + from_form
    assert state_of(material) == "review"


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_who_may_not_decide_is_not_told_that_it_is_done(action: str) -> None:
    editor = desk.browser(desk.an_editor())
    material = hand_in(editor)

    said = desk.said(
        editor.post(
            EDIT.format(material.pk),
            {
                **desk.material_form(),
                "action-workflow-action": "1",
                "workflow-action-name": action,
                "workflow-action-extra-data": '{"comment": "太长"}',
            },
            follow=True,
        )
    )

    assert "已退回" not in said
    assert "已通过" not in said
    assert state_of(material) == "review"


def test_approving_asks_first_and_does_nothing_until_then() -> None:
    material = hand_in(desk.browser(desk.an_editor()))
    reviewer = desk.browser(desk.a_reviewer())
    state = material.current_workflow_task_state
    url = f"/hq/materials/workflow/action/{material.pk}/approve/{state.pk}/"

    for page in (reviewer.get(url), reviewer.post(url), reviewer.post(url, {FIELD: "made up"})):
        assert "马上对外可见。" in page.content.decode()
        assert "不会给大C发消息。" in page.content.decode()
    assert state_of(material) == "review"


PAST = ["2020-01-01 09:00", "2026-03-05 08:59"]
FORMS = {
    "materials": desk.material_form,
    "issues": lambda: desk.issue_form(
        desk.Issue(number=9, theme="远", starts_on=desk.MONDAY, owner=desk.User.objects.get())
    ),
    "lessons": lambda: nested_form_data({"title": "课", "minutes": "3", "body": desk.streamfield([])}),
    "paths": lambda: nested_form_data(
        {"title": "路", "position": "1", "min_level": "0", "lessons": desk.inline_formset([])}
    ),
    "cases": lambda: nested_form_data(
        {
            "title": "例",
            "month": "2026-03-01",
            **{name: desk.inline_formset([]) for name in ("figures", "lines", "steps")},
        }
    ),
}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("past", PAST)
def test_a_time_that_has_passed_is_refused_by_every_form(kind: str, past: str) -> None:
    with time_machine.travel(desk.NOW, tick=False):
        editor = desk.browser(desk.an_editor())

        answer = editor.post(f"/hq/{kind}/add/", {**FORMS[kind](), "go_live_at": past})

        assert "这个发布时间已经过去了。" in desk.said(answer)
