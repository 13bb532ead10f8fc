"""Her no, whenever it comes, takes a story from every page in one transaction."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.database import db_role
from apps.library import services as content
from apps.library.models import Material
from apps.library.models.publishing import NotPublishableError
from apps.media.models import Image, Poster
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests, retention
from apps.records.models import Consent, LegalHold
from apps.records.services import consents
from apps.sharing.services import NotNowError
from apps.stories import services, taking_back
from apps.stories.models import Story, StoryPicture
from apps.tracking.models import Event
from tests.accounts.walking import put_down
from tests.console.listing import Acting
from tests.happenings import a_customer, pass_on
from tests.library import desk
from tests.pages import html_of
from tests.stories.telling import (
    CALLED,
    NOW,
    TITLE,
    WORDS,
    agreed,
    answer,
    asked,
    clock,
    lin,
    phone,
    published,
    relation,
    subject_of,
)

__all__ = ["clock", "lin", "relation"]
pytestmark = pytest.mark.django_db


def test_her_withdrawal_ends_every_use_at_once(
    lin: Host, relation: Relation, django_capture_on_commit_callbacks: Any
) -> None:
    secret, story, material = published(relation)
    private = story.pictures.get().file.name
    link = pass_on(lin, material, at=NOW)
    poster = phone(lin).get(f"/api/v1/materials/{material.public_id}/poster/")
    assert poster.status_code == 200
    put_down(poster)
    page = html_of(Client().get(f"/s/{link.code}/"))
    assert WORDS.splitlines()[0] in page
    files = [private, *(image.file.name for image in Image.objects.all())]
    files += [poster.file.name for poster in Poster.objects.all()]
    files += [size.file.name for image in Image.objects.all() for size in image.renditions.all()]
    assert len(files) > 3
    assert all(default_storage.exists(name) for name in files)

    with django_capture_on_commit_callbacks(execute=True):
        assert answer(secret, "withdraw", story).status_code == 302
        assert answer(secret, "withdraw", story).status_code == 302  # a double tap

    gone = Client().get(f"/s/{link.code}/")
    assert gone.status_code == 410
    assert WORDS.splitlines()[0] not in html_of(gone)
    assert phone(lin).get(f"/materials/{material.public_id}/").status_code == 404
    assert TITLE not in html_of(phone(lin).get("/materials/?all"))
    assert phone(lin).get(f"/api/v1/materials/{material.public_id}/poster/").status_code == 404
    material.refresh_from_db()
    with pytest.raises(NotNowError):
        pass_on(lin, material, at=NOW)
    assert [name for name in files if default_storage.exists(name)] == []
    story.refresh_from_db()
    assert (story.state, story.text, story.title) == ("withdrawn", "", "")
    assert Consent.objects.get().withdrawn_at == NOW
    assert Event.objects.filter(name="story.withdrawn").count() == 1
    assert "已经撤回" in html_of(Client().get(f"/u/{secret}/"))
    assert traces(TITLE, CALLED, *WORDS.splitlines()) == []


def traces(*words: str) -> list[tuple[str, str]]:
    """(table, word) wherever one of the words stands in any row."""
    from tests.privacy import traces as everywhere

    found = everywhere.found(list(words), everywhere.raw_rows())
    return found + everywhere.found(list(words), everywhere.opened_rows())


def test_a_draft_that_was_never_published_goes_too(relation: Relation) -> None:
    secret, story = agreed(relation)
    material = services.take(story, by=desk.a_reviewer(), now=NOW)
    editor = desk.an_editor()
    material.save_revision(user=editor)
    material.get_workflow().start(material, editor)
    answer(secret, "withdraw", story)
    material.refresh_from_db()
    assert (material.live, material.current_workflow_state) == (False, None)
    assert traces(TITLE, CALLED, *WORDS.splitlines()) == []
    page = desk.browser(editor).get(f"/hq/materials/edit/{material.pk}/")
    assert page.status_code == 200
    assert desk.browser(editor).get("/hq/materials/").status_code == 200


def test_an_act_on_many_keeps_no_title_of_it(relation: Relation) -> None:
    secret, story, _material = published(relation)
    boss: Any = desk.browser(desk.a_person(roles.ADMIN, "boss"))
    acting = Acting(boss, "materials", "occasion")
    run = acting.all_the_way(query=f"q={TITLE}", occasion=Material.Occasion.values[-1])
    address = run.redirect_chain[-1][0]
    assert TITLE in html_of(boss.get(address))

    answer(secret, "withdraw", story)

    assert traces(TITLE, CALLED, *WORDS.splitlines()) == []
    assert TITLE not in html_of(boss.get(address))


@pytest.mark.parametrize("ends", ["withdrawn", "erased"])
def test_an_open_preview_of_it_goes_and_does_not_come_back(relation: Relation, ends: str) -> None:
    secret, story, material = published(relation)
    client: Any = desk.browser(desk.an_editor())
    url = f"/hq/materials/preview/{material.pk}/"
    form = {**desk.material_form(material.kind, TITLE), "summary": CALLED, "share_text": WORDS}
    assert client.post(url, form).json()["is_valid"]
    assert WORDS.splitlines()[0] in client.get(url, {"mode": "host"}).content.decode()
    assert "wagtailadmin_formstate" in {table.partition(".")[2] for table, _ in traces(TITLE)}

    if ends == "withdrawn":
        answer(secret, "withdraw", story)
    else:
        taking_back.forget(Story.objects.all())

    assert traces(TITLE, CALLED, *WORDS.splitlines()) == []
    for mode in ("consumer", "host"):
        assert TITLE not in client.get(url, {"mode": mode}).content.decode()
    # The page that was left open sends what it holds: as a preview, as a draft.
    assert not client.post(url, form).json()["is_valid"]
    page = client.post(f"/hq/materials/edit/{material.pk}/", form, follow=True).content.decode()
    assert "请另建一条素材" in page
    assert traces(TITLE, CALLED, *WORDS.splitlines()) == []


def test_what_was_withdrawn_or_forgotten_does_not_come_back(relation: Relation) -> None:
    secret, story, material = published(relation)
    answer(secret, "withdraw", story)
    material.refresh_from_db()
    with pytest.raises(NotPublishableError, match="撤回了同意"):
        content.publish(material, by=None)
    taking_back.forget(Story.objects.all())
    with pytest.raises(NotPublishableError, match="撤回了同意"):
        content.publish(material, by=None)


def test_another_material_that_shows_her_picture_goes_offline(relation: Relation) -> None:
    secret, story, _material = published(relation)
    image = Image.objects.get(story_picture__isnull=False)
    covered = desk.a_material(title="别的文章", cover=image)
    told = desk.a_material(title="又一篇")
    told.body = [("picture", {"image": image, "caption": ""})]
    told.save()
    answer(secret, "withdraw", story)
    for one in (covered, told):
        one.refresh_from_db()
        assert not one.live
    assert covered.cover is None
    assert not Image.objects.filter(pk=image.pk).exists()


def test_a_host_withdraws_for_her(lin: Host, relation: Relation) -> None:
    _secret, story, material = published(relation)
    phone(lin).post(f"/stories/{story.public_id}/withdraw/")
    material.refresh_from_db()
    assert not material.live
    assert Consent.objects.get().withdrawn_at == NOW


def test_a_story_of_a_host_who_left_can_still_be_withdrawn(lin: Host, relation: Relation) -> None:
    secret, story, material = published(relation)
    Host.objects.filter(pk=lin.pk).update(status=Host.Status.LEFT)
    assert answer(secret, "withdraw", story).status_code == 302
    material.refresh_from_db()
    assert not material.live


def test_taking_the_consent_back_elsewhere_ends_her_stories(relation: Relation) -> None:
    _secret, story, material = published(relation)
    _other, second = agreed(relation, title="第二个故事")
    given = Consent.objects.earliest("pk").public_id
    with db_role.as_identity(db_role.NOBODY):
        assert consents.withdraw(given, relation_ids=[relation.pk], now=NOW)
    for one in (story, second):
        one.refresh_from_db()
        assert (one.state, one.text) == ("withdrawn", "")
    material.refresh_from_db()
    assert not material.live
    assert StoryPicture.objects.count() == 0


def test_erasing_her_removes_story_and_pictures(
    lin: Host, relation: Relation, django_capture_on_commit_callbacks: Any
) -> None:
    from apps.stories.erasure import HOLDER

    _secret, story, material = published(relation)
    other = agreed(a_customer(lin, "13900009000", at=NOW), title="别人的故事")[1]
    name = str(story.pictures.get().file.name)
    copy = HOLDER.export(subject_of(relation))["你的故事"]
    assert [(row["标题"], row["你的话"], row["正在展示"]) for row in copy] == [(TITLE, WORDS, True)]
    with django_capture_on_commit_callbacks(execute=True):
        HOLDER.erase(subject_of(relation), NOW)
        HOLDER.erase(subject_of(relation), NOW)
    assert list(Story.objects.all()) == [other]
    assert StoryPicture.objects.get().story == other
    material.refresh_from_db()
    assert not material.live
    assert not default_storage.exists(name)
    assert HOLDER.export(subject_of(relation)) == {"你的故事": []}


def test_who_asks_to_be_erased_is_offline_at_once(relation: Relation) -> None:
    _secret, story, material = published(relation)
    request = RightsRequest.objects.create(
        kind=RightsRequest.Kind.ERASE,
        phone=relation.phone,
        view_digest=b"x" * 32,
        view_until=NOW + timedelta(days=1),
        requested_at=NOW,
        due_at=NOW + timedelta(days=15),
    )
    code = data_requests.make_code(request, by=desk.a_reviewer("caller"), now=NOW)
    data_requests.prove_by_code(request, code=code, now=NOW)
    material.refresh_from_db()
    story.refresh_from_db()
    assert (material.live, story.text) == (False, WORDS)  # a hold may keep the rest for now
    with pytest.raises(NotPublishableError, match="删除自己的资料"):
        content.publish(material, by=None)


def test_what_nobody_answered_and_whose_customer_is_gone_ends(lin: Host, relation: Relation) -> None:
    asked(relation)
    gone = agreed(a_customer(lin, "13900009000", at=NOW))[1]
    held = asked(a_customer(lin, "13900009001", at=NOW))[1]
    LegalHold.objects.create(
        relation_id=held.relation_id, reason="争议", placed_by=desk.a_reviewer(), placed_at=NOW
    )
    retention.end_what_is_due(now=NOW + timedelta(days=15))
    assert Story.objects.count() == 3
    retention.end_what_is_due(now=NOW + timedelta(days=15, seconds=1))
    assert set(Story.objects.all()) == {gone, held}
    Relation.objects.filter(pk=gone.relation_id).update(blocked_at=NOW)
    retention.end_what_is_due(now=NOW + timedelta(days=16))
    assert list(Story.objects.all()) == [held]
