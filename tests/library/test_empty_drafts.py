"""A form that was merely opened leaves nothing; what has content and no title is kept, and says so."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from apps.accounts import roles
from apps.learning.models import Case, Lesson, Path
from apps.library.desk import plan
from apps.library.models import Issue, Material
from tests.library import desk
from tests.library.desk import a_person, browser, material_form
from tests.pages import text_of

pytestmark = pytest.mark.django_db
AUTOSAVE = {"Accept": "application/json"}


@pytest.fixture
def client() -> Client:
    return browser(a_person(roles.EDITOR, "editor"))


def lesson_form(**changes: Any) -> dict[str, Any]:
    data = {"title": "", "minutes": "3", "video": "", "body": streamfield([]), "task": ""}
    return nested_form_data({**data, "go_live_at": "", "expire_at": "", **changes})


def path_form(**changes: Any) -> dict[str, Any]:
    data = {"title": "", "position": "1", "intro": "", "min_level": "1", "max_level": "9"}
    return nested_form_data(
        {**data, "lessons": inline_formset([]), "go_live_at": "", "expire_at": "", **changes}
    )


def case_form(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"month": "2026-03-01", "host": "", "owner": "", "title": "", "summary": ""}
    data |= {"cover": "", "background": "", "actions": ""}
    data |= {name: inline_formset([]) for name in ("figures", "lines", "steps")}
    return nested_form_data({**data, "go_live_at": "", "expire_at": "", **changes})


def issue_form(**changes: Any) -> dict[str, Any]:
    editor = desk.User.objects.get(username="editor")
    issue = Issue(number=77, theme="", intro="", starts_on=desk.MONDAY, owner=editor)
    return desk.issue_form(issue, **changes)


BLANK: list[tuple[str, Any, dict[str, Any]]] = [
    ("materials", Material, {"share_text": "只写了一句"}),
    ("lessons", Lesson, {"task": "问候一次"}),
    ("paths", Path, {"intro": "学会开口"}),
    ("cases", Case, {"background": "当时"}),
    ("issues", Issue, {"intro": "这一期"}),
]
FORMS = {
    "materials": lambda **more: material_form(
        title="", **{"share_text": "", "body": streamfield([]), **more}
    ),
    "lessons": lesson_form,
    "paths": path_form,
    "cases": case_form,
    "issues": issue_form,
}


def urls(client: Client, key: str) -> str:
    return f"/hq/{key}/add/"


@pytest.mark.parametrize(("key", "model", "content"), BLANK)
@pytest.mark.parametrize("headers", [AUTOSAVE, {}], ids=["by itself", "by her"])
def test_a_form_that_was_merely_opened_leaves_no_row(
    client: Client, key: str, model: Any, content: dict[str, Any], headers: dict[str, str]
) -> None:
    answer = client.post(urls(client, key), FORMS[key](), headers=headers)
    assert answer.status_code in {200, 400}, answer.get("Location")
    if not headers:
        assert "还是空的，没有保存" in text_of(answer)
    assert not model.objects.exists()

    kept = client.post(urls(client, key), FORMS[key](**content), headers=headers)

    assert kept.status_code in {200, 302}, kept.content.decode()[:300]
    row = model.objects.get()
    page = text_of(client.get(f"/hq/{key}/edit/{row.pk}/"))
    assert "还没有标题：内容都存着" in page
    assert "（空）" not in text_of(client.get(f"/hq/{key}/?v=all"))
    assert "还没有标题" in text_of(client.get(f"/hq/{key}/?v=all"))


def test_what_has_no_title_is_neither_planned_nor_chosen(client: Client) -> None:
    editor = desk.User.objects.get(username="editor")
    material = Material(kind="article", title="", share_text="只写了一句", live=False)
    material.save()
    issue = desk.an_issue(editor, [])
    assert material not in plan.materials_to_plan("", "", timezone.now())
    with pytest.raises(plan.PlanError, match="还没有标题"):
        plan.put(issue.pk, material.pk, day=1, by=editor, now=timezone.now())
    Lesson(title="", task="问候一次", minutes=3, live=False).save()
    for chooser in ("library/material", "learning/lesson"):
        shown = client.get(f"/hq/snippets/choose/{chooser}/results/")
        assert "还没有标题" not in shown.content.decode(), chooser
