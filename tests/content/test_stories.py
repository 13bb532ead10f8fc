"""User stories: no yes, no publishing; her no takes it from every page in one transaction."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.content import services as content
from apps.content.models import Material, Story, StoryPicture
from apps.content.models.publishing import NotPublishableError
from apps.content.stories import services
from apps.customers.models import Relation
from apps.media.models import Image, Poster
from apps.privacy.models import AccessLog, Consent, Notice
from apps.tracking.models import Channel, Event
from tests.content import desk
from tests.factories import a_host
from tests.happenings import a_customer
from tests.media import samples

pytestmark = pytest.mark.django_db
NOW = desk.NOW
WORDS = "孩子以前不吃早饭，现在每天自己盛一碗。"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def relation(lin: Host) -> Relation:
    return a_customer(lin, "13800008000", at=NOW)


def phone(host: Host) -> Client:
    client = Client()
    client.force_login(host.user)
    return client


def asked(relation: Relation, *, pictures: int = 1) -> tuple[str, Story]:
    return services.ask(
        relation, called="两个娃的妈妈", text=WORDS, pictures=[samples.picture()] * pictures, now=NOW
    )


def answer(secret: str, do: str, story: Story, **more: str) -> Any:
    data = {"do": do, "seen": story.sha256().hex(), **({"consent": "on"} if do == "agree" else {}), **more}
    return Client().post(f"/u/{secret}/", data)


def agreed(relation: Relation) -> tuple[str, Story]:
    secret, story = asked(relation)
    answer(secret, "agree", story)
    story.refresh_from_db()
    return secret, story


def published(relation: Relation) -> tuple[str, Story, Material]:
    secret, story = agreed(relation)
    material = services.publish(story, title="她家的早饭", by=desk.a_reviewer(), now=NOW)
    story.refresh_from_db()
    return secret, story, material


# --- collecting --------------------------------------------------------------------------------------------


def test_a_host_writes_it_down_and_gets_a_link_once(lin: Host, relation: Relation) -> None:
    file = SimpleUploadedFile("a.jpg", samples.picture(), content_type="image/jpeg")
    page = phone(lin).post(
        f"/customers/{relation.public_id}/story/",
        {"called": "两个娃的妈妈", "text": WORDS, "product": "", "pictures": [file]},
    )
    shown = page.content.decode()
    assert "/u/" in shown
    story = Story.objects.get()
    assert (story.state, story.pictures.count(), story.relation_id) == ("asked", 1, relation.pk)
    again = phone(lin).get(f"/stories/{story.public_id}/").content.decode()
    assert "/u/" not in again
    assert WORDS in again


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"called": "", "text": WORDS}, "请写怎么称呼她"),
        ({"called": "妈妈", "text": "好"}, "写 10 到 600 个字"),
        ({"called": "妈妈", "text": WORDS, "pictures": [b"<svg>"]}, "图片"),
        ({"called": "妈妈", "text": WORDS, "pictures": [b"x"] * 7}, "图片最多 6 张"),
    ],
)
def test_what_is_not_right_is_refused_and_nothing_is_kept(
    lin: Host, relation: Relation, data: dict[str, Any], said: str
) -> None:
    files = [SimpleUploadedFile(f"{n}.jpg", content) for n, content in enumerate(data.pop("pictures", []))]
    answer = phone(lin).post(f"/customers/{relation.public_id}/story/", {**data, "pictures": files})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Story.objects.exists()
    assert not StoryPicture.objects.exists()


def test_another_hosts_customer_and_story_are_absent(lin: Host, relation: Relation) -> None:
    _secret, story = asked(relation)
    mei = phone(a_host("mei", "梅姐"))
    assert mei.get(f"/customers/{relation.public_id}/story/").status_code == 404
    assert mei.get(f"/stories/{story.public_id}/").status_code == 404
    assert mei.post(f"/stories/{story.public_id}/withdraw/").status_code == 404
    assert mei.post(f"/stories/{story.public_id}/renew/").status_code == 404
    assert mei.get(f"/stories/pictures/{story.pictures.get().public_id}/").status_code == 404
    story.refresh_from_db()
    assert story.state == "asked"


def test_a_new_link_ends_the_old_one(relation: Relation) -> None:
    secret, story = asked(relation)
    fresh = services.renew(story, now=NOW)
    assert Client().get(f"/u/{secret}/").status_code == 404
    assert Client().get(f"/u/{fresh}/").status_code == 200
    answer(fresh, "agree", story)
    with pytest.raises(services.NotPossibleError):
        services.renew(story, now=NOW)


# --- her answer --------------------------------------------------------------------------------------------


def test_she_sees_all_of_it_and_agrees_by_purpose_notice_and_recipient(relation: Relation) -> None:
    secret, story = asked(relation)
    page = Client().get(f"/u/{secret}/")
    shown = page.content.decode()
    assert WORDS in shown
    assert "山野集" in shown
    assert "随时可以用这个链接撤回" in shown
    assert "no-store" in page["Cache-Control"]

    answer(secret, "agree", story)
    answer(secret, "agree", story)  # a double tap
    consent = Consent.objects.get()
    assert (consent.recipient, consent.relation_id, consent.notice.purpose) == ("山野集", relation.pk, "story")
    assert bytes(consent.notice.sha256) == bytes(Notice.objects.get().sha256)
    assert consent.evidence["seen"] == story.sha256().hex()
    story.refresh_from_db()
    assert (story.state, story.consent) == ("agreed", consent)


def test_without_the_tick_there_is_no_consent(relation: Relation) -> None:
    secret, story = asked(relation)
    refused = Client().post(f"/u/{secret}/", {"do": "agree", "seen": story.sha256().hex()})
    assert refused.status_code == 400
    assert Client().post(f"/u/{secret}/", {"do": "dance"}).status_code == 400
    assert not Consent.objects.exists()


def test_a_host_can_not_say_yes_for_her(lin: Host, relation: Relation) -> None:
    secret, story = asked(relation)
    data = {"do": "agree", "consent": "on", "seen": story.sha256().hex()}
    for client in (phone(lin), desk.browser(desk.a_reviewer())):
        assert client.post(f"/u/{secret}/", data).status_code == 403
    assert not Consent.objects.exists()


def test_what_changed_meanwhile_is_seen_again_first(relation: Relation) -> None:
    secret, story = asked(relation)
    seen = story.sha256().hex()
    story.text = WORDS + "还会加一勺糖。"
    story.save()
    refused = answer(secret, "agree", story, seen=seen)
    assert refused.status_code == 409
    assert not Consent.objects.exists()


def test_the_link_asks_for_two_weeks(relation: Relation) -> None:
    secret, story = asked(relation)
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        assert "过期了" in Client().get(f"/u/{secret}/").content.decode()
        assert answer(secret, "agree", story).status_code == 409
    with time_machine.travel(NOW + timedelta(days=14) - timedelta(seconds=1), tick=False):
        assert answer(secret, "agree", story).status_code == 302


def test_her_no_deletes_words_and_pictures(
    relation: Relation, django_capture_on_commit_callbacks: Any
) -> None:
    secret, story = asked(relation)
    name = story.pictures.get().file.name
    with django_capture_on_commit_callbacks(execute=True):
        answer(secret, "decline", story)
    story.refresh_from_db()
    assert (story.state, story.text, story.called) == ("declined", "", "")
    assert not StoryPicture.objects.exists()
    assert not default_storage.exists(name)
    assert answer(secret, "agree", story).status_code == 409


@pytest.mark.parametrize("secret", ["x", "A" * 22, "A" * 200])
def test_an_unknown_link_opens_nothing(secret: str, relation: Relation) -> None:
    _, story = asked(relation)
    assert Client().get(f"/u/{secret}/").status_code == 404
    assert answer(secret, "withdraw", story).status_code == 404


# --- HQ ----------------------------------------------------------------------------------------------------


def test_hq_reads_nothing_before_her_yes(lin: Host, relation: Relation) -> None:
    _secret, story = asked(relation)
    reviewer = desk.browser(desk.a_reviewer())
    assert WORDS not in reviewer.get(f"/hq/stories/{story.public_id}/").content.decode()
    assert reviewer.get(f"/hq/stories/pictures/{story.pictures.get().public_id}/").status_code == 404
    refused = reviewer.post(f"/hq/stories/{story.public_id}/take/", {"title": "她家的早饭"}, follow=True)
    assert "不能审核" in desk.said(refused)
    assert not Material.objects.exists()


def test_hq_takes_it_as_it_is_and_the_host_sees_the_look(lin: Host, relation: Relation) -> None:
    _secret, story = agreed(relation)
    reviewer = desk.browser(desk.a_reviewer())
    assert WORDS in reviewer.get(f"/hq/stories/{story.public_id}/").content.decode()
    assert AccessLog.objects.get(host_id=lin.pk).fields == "用户故事"
    assert "请写一个标题" in desk.said(
        reviewer.post(f"/hq/stories/{story.public_id}/take/", {"title": ""}, follow=True)
    )
    reviewer.post(f"/hq/stories/{story.public_id}/take/", {"title": "她家的早饭"})
    material = Material.objects.get()
    assert (material.live, material.share_text, material.summary) == (True, WORDS, "两个娃的妈妈的真实故事")
    assert "她家的早饭" in phone(lin).get("/materials/?all").content.decode()


def test_who_may_not_review_sees_nothing(relation: Relation) -> None:
    _secret, story = agreed(relation)
    for role in (roles.EDITOR, roles.OPERATOR, roles.ANALYST, roles.REGION_MANAGER, roles.SUPPORT):
        client = desk.browser(desk.a_person(role))
        assert client.get(f"/hq/stories/{story.public_id}/").status_code == 302, role
        assert client.post(f"/hq/stories/{story.public_id}/take/", {"title": "x"}).status_code == 302, role
    assert not Material.objects.exists()


def test_what_hq_does_not_take_goes_back_with_the_reason(lin: Host, relation: Relation) -> None:
    _secret, story = agreed(relation)
    reviewer = desk.browser(desk.a_reviewer())
    reviewer.post(f"/hq/stories/{story.public_id}/refuse/", {"reason": ""})
    story.refresh_from_db()
    assert story.state == "agreed"
    reviewer.post(f"/hq/stories/{story.public_id}/refuse/", {"reason": "有别家的商标"})
    assert "有别家的商标" in phone(lin).get(f"/stories/{story.public_id}/").content.decode()


def test_the_database_refuses_a_story_shown_without_consent(relation: Relation) -> None:
    _secret, story = asked(relation)
    with pytest.raises(IntegrityError), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(state="published")
    with pytest.raises(IntegrityError), transaction.atomic():
        Story.objects.filter(pk=story.pk).update(state="agreed")


def test_words_that_she_did_not_agree_to_do_not_go_live(relation: Relation) -> None:
    _secret, _story, material = published(relation)
    material.share_text = "她说这是全网最好的。"
    with pytest.raises(NotPublishableError, match="本人同意的那一版"):
        content.publish(material, by=None)


# --- taking back -------------------------------------------------------------------------------------------


def test_her_withdrawal_takes_it_from_every_page_at_once(
    lin: Host, relation: Relation, django_capture_on_commit_callbacks: Any
) -> None:
    secret, story, material = published(relation)
    link = content.share_material(lin, material, channel=Channel.GROUP, now=NOW)
    assert phone(lin).get(f"/api/v1/materials/{material.public_id}/poster/").status_code == 200
    assert WORDS in Client().get(f"/s/{link.code}/").content.decode()
    files = [image.file.name for image in Image.objects.all()]
    files += [poster.file.name for poster in Poster.objects.all()]
    assert len(files) == 2

    with django_capture_on_commit_callbacks(execute=True):
        answer(secret, "withdraw", story)
        answer(secret, "withdraw", story)  # a double tap

    assert Client().get(f"/s/{link.code}/").status_code == 410
    assert phone(lin).get(f"/materials/{material.public_id}/").status_code == 404
    assert "她家的早饭" not in phone(lin).get("/materials/?all").content.decode()
    assert phone(lin).get(f"/api/v1/materials/{material.public_id}/poster/").status_code == 404
    with pytest.raises(content.ExpiredError):
        material.refresh_from_db()
        content.share_material(lin, material, channel=Channel.GROUP, now=NOW)
    assert [name for name in files if default_storage.exists(name)] == []
    story.refresh_from_db()
    assert (story.state, story.text) == ("withdrawn", "")
    assert Consent.objects.get().withdrawn_at == NOW
    assert Event.objects.filter(name="story.withdrawn").count() == 1
    # Nothing of her words is left in the material, nor in its earlier versions.
    assert WORDS not in str(Material.objects.values().get())
    assert not material.revisions.exists()
    assert "已经撤回" in Client().get(f"/u/{secret}/").content.decode()


def test_what_was_withdrawn_does_not_come_back(relation: Relation) -> None:
    secret, story, material = published(relation)
    answer(secret, "withdraw", story)
    material.refresh_from_db()
    with pytest.raises(NotPublishableError, match="撤回了同意"):
        content.publish(material, by=None)


def test_a_host_withdraws_for_her(lin: Host, relation: Relation) -> None:
    _secret, story, material = published(relation)
    phone(lin).post(f"/stories/{story.public_id}/withdraw/")
    material.refresh_from_db()
    assert not material.live


def test_a_story_of_a_host_who_left_can_still_be_withdrawn(lin: Host, relation: Relation) -> None:
    secret, story, material = published(relation)
    Host.objects.filter(pk=lin.pk).update(status=Host.Status.LEFT)
    assert answer(secret, "withdraw", story).status_code == 302
    material.refresh_from_db()
    assert not material.live
