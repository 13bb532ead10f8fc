"""The page on which a reviewer decides: what she reads, her two answers, nothing that she did not see."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.accounts import roles
from apps.library.models import Material
from tests.library import desk
from tests.pages import html_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday() -> Any:
    with time_machine.travel(desk.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def editor() -> Client:
    return desk.browser(desk.an_editor())


@pytest.fixture
def reviewer() -> Client:
    return desk.browser(desk.a_reviewer())


def handed_in(editor: Client, title: str = "小米粥怎么煮") -> Material:
    editor.post("/hq/materials/add/", {**desk.material_form(title=title), "action-submit": "1"})
    return Material.objects.get(title=title)


def url_of(material: Material) -> str:
    return f"/hq/materials/review/{material.pk}/"


def form_of(client: Client, material: Material, decision: str, comment: str = "") -> dict[str, str]:
    """What the form of the page sends."""
    page = client.get(url_of(material)).content.decode()
    hidden = dict(re.findall(r'type="hidden"\s+name="(confirmed|version)"\s+value="([^"]+)"', page))
    assert set(hidden) == {"confirmed", "version"}
    return {**hidden, "decision": decision, "comment": comment}


def test_she_reads_the_words_what_will_come_of_it_and_the_phone(editor: Client, reviewer: Client) -> None:
    material = handed_in(editor)

    page = reviewer.get(url_of(material))

    for words in ("种草文章", "自己家也在喝。", "马上对外可见。", "小文", "检查", "通过", "退回"):
        assert words in text_of(page), words
    looks = re.findall(r'<iframe[^>]*src="([^"]+)"', page.content.decode())
    assert [re.sub(".*mode=", "", one) for one in looks] == ["consumer", "host"]
    for one in looks:
        assert "小米粥怎么煮" in html_of(reviewer.get(one))


def test_passed_it_is_out_and_the_next_one_opens(editor: Client, reviewer: Client) -> None:
    first, second = handed_in(editor), handed_in(editor, "白茶怎么泡")

    answer = reviewer.post(url_of(first), form_of(reviewer, first, "approve"), follow=True)

    first.refresh_from_db()
    assert first.live
    assert "已通过「小米粥怎么煮」" in desk.said(answer)
    assert answer.redirect_chain[-1][0] == url_of(second)


def test_sent_back_needs_a_reason_and_keeps_what_was_typed(editor: Client, reviewer: Client) -> None:
    material = handed_in(editor)

    refused = reviewer.post(url_of(material), form_of(reviewer, material, "reject", "  "))
    assert "请写一句原因" in text_of(refused)
    too_long = reviewer.post(url_of(material), form_of(reviewer, material, "reject", "长" * 501))
    assert "最多 500 个字" in text_of(too_long)
    assert "长" * 501 in html_of(too_long)
    assert Material.objects.get().workflow_in_progress

    done = reviewer.post(url_of(material), form_of(reviewer, material, "reject", "水温呢？"), follow=True)
    assert "已退回「小米粥怎么煮」" in desk.said(done)
    assert "水温呢？" in text_of(editor.get(f"/hq/materials/edit/{material.pk}/"))


def test_nothing_passes_that_changed_after_she_read_it(editor: Client, reviewer: Client) -> None:
    material = handed_in(editor)
    form = form_of(reviewer, material, "approve", "写得好")
    draft = material.get_latest_revision_as_object()
    draft.title = "另一个标题"
    draft.save_revision(user=Material.objects.get().latest_revision.user)  # type: ignore[union-attr]

    answer = reviewer.post(url_of(material), form)

    assert "请再看一眼" in text_of(answer)
    assert "写得好" in html_of(answer)
    assert not Material.objects.get().live
    stale = {**form_of(reviewer, material, "approve"), "confirmed": "0" * 32}
    assert "请再看一眼" in text_of(reviewer.post(url_of(material), stale))
    assert not Material.objects.get().live


def test_nobody_decides_on_her_own_work(editor: Client) -> None:
    material = handed_in(editor)
    page = editor.get(url_of(material))
    assert "不能审自己的" in text_of(page)
    assert 'name="decision"' not in page.content.decode()

    editor.post(url_of(material), {"decision": "approve", "version": str(material.latest_revision_id)})

    assert not Material.objects.get().live


def test_who_may_not_change_it_gets_no_page_and_what_waits_for_nobody_opens_its_form(editor: Client) -> None:
    material = handed_in(editor)
    assert desk.browser(desk.a_person(roles.ANALYST)).get(url_of(material)).status_code in {302, 403}
    draft = desk.a_material(title="还在写", live=False)
    assert editor.get(url_of(draft))["Location"] == f"/hq/materials/edit/{draft.pk}/"


def test_the_queue_shows_it_as_the_library_does_and_lists_lead_reviewers_there(
    editor: Client, reviewer: Client
) -> None:
    material = handed_in(editor)
    home, listed = reviewer.get("/hq/"), reviewer.get("/hq/materials/?state=review")
    for page in (home, listed):
        assert "种草文章" in text_of(page)
        assert "待审核" in text_of(page)
        assert f'href="{url_of(material)}"' in page.content.decode()
    assert f'href="{url_of(material)}"' not in editor.get("/hq/materials/?state=review").content.decode()
