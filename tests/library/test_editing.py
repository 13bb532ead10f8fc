"""Two editors on one material, versions side by side, and what is said when something goes back."""

from typing import Any

import pytest
from django.urls import reverse
from wagtail.models import Revision

from apps.library.models import Issue, Material
from apps.library.selectors import with_state
from tests.library import desk

pytestmark = pytest.mark.django_db

ADD, EDIT = "/hq/materials/add/", "/hq/materials/edit/{}/"


@pytest.fixture
def lin() -> Any:
    return desk.browser(desk.an_editor("lin", "小林"))


@pytest.fixture
def wen() -> Any:
    return desk.browser(desk.an_editor("wen", "小文"))


def opened(client: Any, material: Material) -> dict[str, str]:
    """What the form, opened now, will say about the version that it began with."""
    page = client.get(EDIT.format(material.pk))
    latest = page.context["object"].latest_revision
    return {
        "loaded_revision_id": str(latest.pk),
        "loaded_revision_created_at": page.context["loaded_revision_created_at"],
    }


def save(client: Any, material: Material, begun: dict[str, str], **changes: Any) -> Any:
    return client.post(EDIT.format(material.pk), {**desk.material_form(**changes), **begun}, follow=True)


def comparing(material: Material, one: Revision, other: Revision) -> str:
    return reverse("wagtailsnippets_library_material:revisions_compare", args=[material.pk, one.pk, other.pk])


def draft(material: Material) -> Material:
    found: Material = Material.objects.get(pk=material.pk).get_latest_revision_as_object()
    return found


@pytest.fixture
def material(lin: Any) -> Material:
    lin.post(ADD, desk.material_form(kind="script", title="开场白", summary="一句话"))
    return Material.objects.get()


def form(**changes: Any) -> dict[str, Any]:
    return {"kind": "script", "title": "开场白", "summary": "一句话", **changes}


def test_changes_in_different_fields_are_put_together(material: Material, lin: Any, wen: Any) -> None:
    begun_lin, begun_wen = opened(lin, material), opened(wen, material)

    save(lin, material, begun_lin, **form(title="林的标题"))
    answer = save(wen, material, begun_wen, **form(share_text="文的文案"))

    found = draft(material)
    assert (found.title, found.share_text, found.summary) == ("林的标题", "文的文案", "一句话")
    assert "小林刚才也改了（标题）" in desk.said(answer)
    material.refresh_from_db()
    assert material.title == "林的标题"


def test_changes_of_the_same_field_overwrite_nothing_and_both_are_kept(
    material: Material, lin: Any, wen: Any
) -> None:
    begun_lin, begun_wen = opened(lin, material), opened(wen, material)

    save(lin, material, begun_lin, **form(title="林的标题"))
    answer = save(wen, material, begun_wen, **form(title="文的标题", share_text="文的文案"))

    found = draft(material)
    assert (found.title, found.share_text) == ("林的标题", "自己家也在喝。")
    said = desk.said(answer)
    assert "小林在你之后也存了一版，你们都改了：标题" in said
    aside = Revision.objects.for_instance(material).get(content__title="文的标题")
    assert aside.content["share_text"] == "文的文案"
    newest = Revision.objects.for_instance(material).order_by("-created_at").first()
    assert newest is not None
    assert newest.content["title"] == "林的标题"
    page = answer.content.decode()
    compare = comparing(material, newest, aside)
    take = f"/hq/materials/history/{material.pk}/revisions/{aside.pk}/revert/"
    assert compare in page.replace("&amp;", "&")
    assert wen.get(compare).status_code == 200
    assert "文的标题" in wen.get(compare).content.decode()
    assert take in page
    wen.post(take, desk.material_form(**form(title="文的标题", share_text="文的文案")))
    assert draft(material).title == "文的标题"


def test_two_who_wrote_the_same_have_no_conflict(material: Material, lin: Any, wen: Any) -> None:
    begun_lin, begun_wen = opened(lin, material), opened(wen, material)

    save(lin, material, begun_lin, **form(title="同一个标题"))
    save(wen, material, begun_wen, **form(title="同一个标题", summary="补一句"))

    assert (draft(material).title, draft(material).summary) == ("同一个标题", "补一句")


def test_pictures_of_one_and_words_of_the_other_are_put_together(lin: Any, wen: Any) -> None:
    first, second = desk.a_picture("一").pk, desk.a_picture("二").pk
    lin.post(ADD, desk.material_form(kind="pictures", title="图集", pictures=[first]))
    material = Material.objects.get()
    begun_lin, begun_wen = opened(lin, material), opened(wen, material)

    kept = desk.material_form(kind="pictures", title="图集", pictures=[first, second])
    [row] = material.pictures.all()
    kept |= {"pictures-INITIAL_FORMS": "1", "pictures-0-id": str(row.pk)}
    lin.post(EDIT.format(material.pk), {**kept, **begun_lin})
    same = desk.material_form(kind="pictures", title="新名字", pictures=[first])
    same |= {"pictures-INITIAL_FORMS": "1", "pictures-0-id": str(row.pk)}
    wen.post(EDIT.format(material.pk), {**same, **begun_wen})

    found = draft(material)
    assert found.title == "新名字"
    assert [picture.image_id for picture in found.pictures.all()] == [first, second]


def test_handing_in_on_top_of_an_unseen_version_waits_for_a_look(
    material: Material, lin: Any, wen: Any
) -> None:
    begun = opened(wen, material)
    save(lin, material, opened(lin, material), **form(title="林的标题"))

    answer = wen.post(
        EDIT.format(material.pk),
        {**desk.material_form(**form(summary="改")), **begun, "action-submit": "1"},
        follow=True,
    )

    assert "还没有提交审核" in desk.said(answer)
    assert with_state(Material.objects.all()).get().state == "draft"
    assert (draft(material).title, draft(material).summary) == ("林的标题", "改")


def test_an_invalid_form_on_an_old_version_stays_on_it(material: Material, lin: Any, wen: Any) -> None:
    begun = opened(wen, material)
    save(lin, material, opened(lin, material), **form(title="林的标题"))

    answer = wen.post(EDIT.format(material.pk), {**desk.material_form(**form(title="长" * 61)), **begun})

    assert "title" in answer.context["form"].errors
    assert f'name="loaded_revision_id" value="{begun["loaded_revision_id"]}"' in answer.content.decode()
    assert draft(material).title == "林的标题"


def test_a_moved_entry_and_a_new_theme_are_put_together(lin: Any, wen: Any) -> None:
    from apps.accounts.models import User

    editor = User.objects.get(username="lin")
    issue = desk.an_issue(editor, [desk.a_material("script", "粥")])
    issue.save_revision(clean=False)
    url = f"/hq/issues/edit/{issue.pk}/"
    page = wen.get(url)
    begun = {
        "loaded_revision_id": str(page.context["object"].latest_revision_id),
        "loaded_revision_created_at": page.context["loaded_revision_created_at"],
    }

    lin.post(f"/hq/fortnights/{issue.pk}/1/{Material.objects.get().pk}/move/", {"day": 9})
    wen.post(url, {**desk.issue_form(Issue.objects.get(), theme="新主题"), "entries-0-day": "1", **begun})

    found = Issue.objects.get().get_latest_revision_as_object()
    assert (found.theme, [entry.day for entry in found.entries.all()]) == ("新主题", [9])


# --- going back, and versions ------------------------------------------------------------------------


def hand_in(client: Any, material: Material) -> None:
    client.post(EDIT.format(material.pk), {**desk.material_form(**form()), "action-submit": "1"})


def test_nothing_goes_back_without_a_reason(material: Material, lin: Any) -> None:
    hand_in(lin, material)
    reviewer = desk.browser(desk.a_reviewer())

    for reason in ("", "   "):
        desk.approve(reviewer, material, "reject", reason)
        assert with_state(Material.objects.all()).get().state == "review"
    reviewer.post(
        EDIT.format(material.pk),
        {"action-workflow-action": "1", "workflow-action-name": "reject", "workflow-action-extra-data": "{}"},
    )

    assert with_state(Material.objects.all()).get().state == "review"


def test_the_editor_reads_why_it_came_back_until_it_is_handed_in_again(material: Material, lin: Any) -> None:
    hand_in(lin, material)
    desk.approve(desk.browser(desk.a_reviewer()), material, "reject", "标题没有商品名")

    assert "周审退回了：标题没有商品名" in desk.said(lin.get(EDIT.format(material.pk)))
    assert "标题没有商品名" in lin.get(f"/hq/materials/history/{material.pk}/").content.decode()

    hand_in(lin, material)
    assert "退回了" not in desk.said(lin.get(EDIT.format(material.pk)))


def test_a_comment_of_an_approval_is_in_the_history(material: Material, lin: Any) -> None:
    hand_in(lin, material)
    desk.approve(desk.browser(desk.a_reviewer()), material, "approve", "写得好")

    assert "写得好" in lin.get(f"/hq/materials/history/{material.pk}/").content.decode()


def test_two_versions_are_compared_word_by_word(material: Material, lin: Any) -> None:
    save(lin, material, opened(lin, material), **form(share_text="自己家也在喝热的。", title="改过的标题"))
    older, newer = Revision.objects.for_instance(material).order_by("pk")

    page = lin.get(comparing(material, older, newer))

    assert page.status_code == 200
    text = page.content.decode()
    assert "改过的标题" in text.replace('<span class="addition">', "").replace("</span>", "")
    assert 'class="addition"' in text
