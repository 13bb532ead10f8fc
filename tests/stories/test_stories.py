"""User stories: no yes, no publishing; her no takes it from every page in one transaction."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.database import db_role
from apps.library import services as content
from apps.library.desk import copying
from apps.library.models import HostVariant, Material
from apps.library.models.publishing import NotPublishableError
from apps.media.models import Image
from apps.records.models import AccessLog, Consent, Notice
from apps.records.services import consents
from apps.stories import services
from apps.stories.models import Story, StoryPicture
from apps.tracking.models import Event
from tests.accounts.walking import put_down
from tests.factories import a_host, a_sku
from tests.happenings import buy, pass_on
from tests.library import desk
from tests.media import samples
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
    mark,
    phone,
    published,
    relation,
)

__all__ = ["clock", "lin", "relation"]
pytestmark = pytest.mark.django_db


# --- the whole way -----------------------------------------------------------------------------------------


def test_the_whole_way_from_the_hosts_words_to_every_hosts_library(lin: Host, relation: Relation) -> None:
    files = [SimpleUploadedFile("a.jpg", samples.picture(), content_type="image/jpeg")]
    form = {"title": TITLE, "called": CALLED, "text": WORDS, "product": "", "pictures": files}
    link = html_of(phone(lin).post(f"/customers/{relation.public_id}/story/", form))
    address = "/u/" + link.split("/u/")[1].split("/")[0] + "/"
    story = Story.objects.get()

    # She reads all of what will be shown, and agrees.
    page = html_of(Client().get(address))
    for shown in (TITLE, f"{CALLED}的真实故事", *WORDS.splitlines(), "谁来用"):
        assert shown in page
    picture: Any = Client().get(f"{address}pictures/{story.pictures.get().public_id}/")
    assert picture["Content-Type"] == "image/jpeg"
    assert b"".join(picture.streaming_content)[:2] == b"\xff\xd8"
    put_down(picture)
    seen = page.split('name="seen" value="')[1].split('"')[0]
    yes = Client().post(address, {"do": "agree", "consent": "on", "seen": seen})
    assert yes.status_code == 302

    # HQ takes it as a draft, an editor hands it in, another reviewer approves.
    judge = desk.browser(desk.a_reviewer())
    assert TITLE in html_of(judge.get("/hq/stories/"))
    judge.post(f"/hq/stories/{story.public_id}/take/")
    material = Material.objects.get()
    assert (material.live, material.title, material.share_text) == (False, TITLE, WORDS)
    assert TITLE not in html_of(phone(lin).get("/materials/?all"))
    editor = desk.an_editor()
    material.save_revision(user=editor)
    material.get_workflow().start(material, editor)
    desk.approve(judge, material)
    material.refresh_from_db()
    assert material.live

    # Every host may share it, as it is.
    mei = a_host("mei", "梅姐")
    assert TITLE in html_of(phone(mei).get("/materials/?all"))
    shared = pass_on(mei, material, at=NOW)
    page = html_of(Client().get(f"/s/{shared.code}/"))
    assert all(line in page for line in WORDS.splitlines())
    assert "正在分享" in html_of(Client().get(address))
    assert [one.name for one in Event.objects.filter(subject_kind="story").order_by("pk")] == [
        "story.asked",
        "story.agreed",
        "story.taken",
    ]


# --- collecting --------------------------------------------------------------------------------------------


def test_the_link_is_shown_once(lin: Host, relation: Relation) -> None:
    form = {"title": TITLE, "called": CALLED, "text": WORDS, "product": ""}
    assert "/u/" in html_of(phone(lin).post(f"/customers/{relation.public_id}/story/", form))
    story = Story.objects.get()
    again = html_of(phone(lin).get(f"/stories/{story.public_id}/"))
    assert "/u/" not in again
    assert TITLE in again
    assert TITLE in html_of(phone(lin).get("/stories/"))


def test_only_what_she_bought_is_offered(lin: Host, relation: Relation) -> None:
    sku, other = a_sku("小米"), a_sku("核桃")
    buy(lin, sku, at=NOW, phone="13800008000")
    page = html_of(phone(lin).get(f"/customers/{relation.public_id}/story/"))
    assert ("小米" in page, "核桃" in page) == (True, False)
    form = {"title": TITLE, "called": CALLED, "text": WORDS, "product": other.product_id}
    assert phone(lin).post(f"/customers/{relation.public_id}/story/", form).status_code == 400


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"called": ""}, "请写怎么称呼她"),
        ({"title": ""}, "请写一个标题"),
        ({"text": "好"}, "写 10 到 600 个字"),
        ({"text": f"{WORDS}打 138-0000-8000 找我"}, "手机号"),
        ({"called": "王小雨妈妈"}, "姓名"),
        ({"pictures": [b"<svg>"]}, "图片"),
        ({"pictures": [b"x"] * 7}, "图片最多 6 张"),
    ],
)
def test_what_is_not_right_is_refused_and_nothing_is_kept(
    lin: Host, relation: Relation, changed: dict[str, Any], said: str
) -> None:
    relation.name = "王小雨"
    relation.save()
    form = {"title": TITLE, "called": CALLED, "text": WORDS, **changed}
    files = [SimpleUploadedFile(f"{n}.jpg", data) for n, data in enumerate(form.pop("pictures", []))]
    page = phone(lin).post(f"/customers/{relation.public_id}/story/", {**form, "pictures": files})
    assert page.status_code == 400
    assert said in html_of(page)
    assert not Story.objects.exists()
    assert not StoryPicture.objects.exists()


def test_a_double_tap_is_one_story_and_the_last_link_counts(relation: Relation) -> None:
    first, story = asked(relation)
    second, again = asked(relation)
    assert (Story.objects.get(), StoryPicture.objects.count()) == (story, 1)
    assert again == story
    assert [Client().get(f"/u/{secret}/").status_code for secret in (first, second)] == [404, 200]


def test_a_new_link_ends_the_old_one(lin: Host, relation: Relation) -> None:
    secret, story = asked(relation)
    assert "/u/" in html_of(phone(lin).post(f"/stories/{story.public_id}/renew/"))
    assert Client().get(f"/u/{secret}/").status_code == 404
    fresh = services.renew(story, now=NOW)
    answer(fresh, "agree", story)
    with pytest.raises(services.NotPossibleError):
        services.renew(story, now=NOW)


# --- whose it is -------------------------------------------------------------------------------------------


def test_another_hosts_customer_story_and_picture_are_absent(lin: Host, relation: Relation) -> None:
    _secret, story = asked(relation)
    mei = phone(a_host("mei", "梅姐"))
    assert mei.get(f"/customers/{relation.public_id}/story/").status_code == 404
    assert mei.get(f"/stories/{story.public_id}/").status_code == 404
    assert mei.post(f"/stories/{story.public_id}/withdraw/").status_code == 404
    assert mei.post(f"/stories/{story.public_id}/renew/").status_code == 404
    picture = f"/stories/pictures/{story.pictures.get().public_id}/"
    assert mei.get(picture).status_code == 404
    assert Client().get(picture).status_code == 302
    mine = phone(lin).get(picture)
    assert mine.status_code == 200
    put_down(mine)
    assert Client().get(f"/media/{story.pictures.get().file.name}").status_code == 404
    story.refresh_from_db()
    assert story.state == "asked"


def test_one_link_opens_no_other_storys_pictures(relation: Relation) -> None:
    secret, _story = asked(relation)
    _other, second = asked(relation, title="第二个故事")
    assert Client().get(f"/u/{secret}/pictures/{second.pictures.get().public_id}/").status_code == 404


def test_the_database_shows_a_host_her_own_and_hq_none_that_is_unanswered(
    lin: Host, relation: Relation
) -> None:
    mei = a_host("mei", "梅姐")
    secret, story = asked(relation)

    def seen(standing: db_role.Identity) -> tuple[int, int]:
        with db_role.as_identity(standing):
            return Story.objects.count(), StoryPicture.objects.count()

    hers, other = (db_role.Identity(db_role.Role.HOST, host.pk) for host in (lin, mei))
    assert [seen(one) for one in (hers, other, db_role.NOBODY, db_role.HQ)] == [
        (1, 1),
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    answer(secret, "agree", story)
    assert [seen(one) for one in (hers, other, db_role.NOBODY, db_role.HQ)] == [
        (1, 1),
        (0, 0),
        (0, 0),
        (1, 1),
    ]


def test_words_lie_sealed(relation: Relation) -> None:
    asked(relation)
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, called, text FROM stories_story")
        row = b" ".join(bytes(value) for value in cursor.fetchone())
    for word in (TITLE, CALLED, WORDS):
        assert word.encode() not in row


# --- her answer --------------------------------------------------------------------------------------------


def test_she_agrees_by_purpose_notice_recipient_and_to_these_words(relation: Relation) -> None:
    secret, story = asked(relation)
    page = Client().get(f"/u/{secret}/")
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("strict-origin", True)
    answer(secret, "agree", story)
    answer(secret, "agree", story)  # a double tap
    consent = Consent.objects.get()
    company = relation.host.organisation.get_root().name
    assert (consent.recipient, consent.relation_id, consent.notice.purpose) == (company, relation.pk, "story")
    assert (consent.basis, consent.channel) == ("consent", "story-link")
    assert consent.evidence["seen"] == story.sha256().hex()
    story.refresh_from_db()
    assert (story.state, story.consent) == ("agreed", consent)


def test_without_the_tick_there_is_no_consent(relation: Relation) -> None:
    secret, story = asked(relation)
    assert Client().post(f"/u/{secret}/", {"do": "agree", "seen": mark(story)}).status_code == 400
    assert Client().post(f"/u/{secret}/", {"do": "dance"}).status_code == 400
    assert not Consent.objects.exists()


def test_a_host_can_not_say_yes_for_her(lin: Host, relation: Relation) -> None:
    secret, story = asked(relation)
    data = {"do": "agree", "consent": "on", "seen": mark(story)}
    for client in (phone(lin), desk.browser(desk.a_reviewer())):
        assert client.post(f"/u/{secret}/", data).status_code == 403
    assert not Consent.objects.exists()


@pytest.mark.parametrize("field", ["title", "called", "text"])
def test_what_changed_meanwhile_is_seen_again_first(relation: Relation, field: str) -> None:
    secret, story = asked(relation)
    seen = mark(story)
    setattr(story, field, getattr(story, field) + "啊")
    story.save()
    refused = answer(secret, "agree", story, seen=seen)
    assert refused.status_code == 409
    assert "再看一遍" in html_of(refused)
    assert not Consent.objects.exists()


def test_pictures_and_the_notice_are_part_of_what_she_sees(relation: Relation) -> None:
    secret, story = asked(relation, pictures=2)
    seen = mark(story)
    story.pictures.filter(position=2).delete()
    story = Story.objects.get()
    assert answer(secret, "agree", story, seen=seen).status_code == 409
    seen = mark(story)
    consents.publish(Notice.Purpose.STORY, "总部的新说明", by=desk.a_person(roles.ADMIN), now=NOW)
    assert answer(secret, "agree", story, seen=seen).status_code == 409
    assert "总部的新说明" in html_of(Client().get(f"/u/{secret}/"))
    assert answer(secret, "agree", story).status_code == 302


def test_what_was_changed_after_her_yes_is_not_taken(relation: Relation) -> None:
    _secret, story = agreed(relation)
    story.text = f"{WORDS}全网最好。"
    story.save()
    reviewer = desk.a_reviewer()
    with pytest.raises(services.NotPossibleError, match="不一样"):
        services.take(story, by=reviewer, now=NOW)
    assert "不一样" in html_of(desk.browser(reviewer).get(f"/hq/stories/{story.public_id}/"))
    assert not Material.objects.exists()


def test_the_link_asks_for_two_weeks(relation: Relation) -> None:
    secret, story = asked(relation)
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        page = html_of(Client().get(f"/u/{secret}/"))
        assert "过期了" in page
        assert 'value="agree"' not in page
        assert answer(secret, "agree", story).status_code == 409
    with time_machine.travel(NOW + timedelta(days=14) - timedelta(seconds=1), tick=False):
        assert answer(secret, "agree", story).status_code == 302


def test_a_host_who_left_gets_no_yes_any_more(lin: Host, relation: Relation) -> None:
    secret, story = asked(relation)
    Host.objects.filter(pk=lin.pk).update(status=Host.Status.LEFT)
    assert answer(secret, "agree", story).status_code == 409


def test_her_no_deletes_words_and_pictures(
    relation: Relation, django_capture_on_commit_callbacks: Any
) -> None:
    secret, story = asked(relation)
    name = str(story.pictures.get().file.name)
    assert default_storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        answer(secret, "decline", story)
    story.refresh_from_db()
    assert (story.state, story.text, story.called, story.title) == ("declined", "", "", "")
    assert not StoryPicture.objects.exists()
    assert not default_storage.exists(name)
    assert "不分享" in html_of(Client().get(f"/u/{secret}/"))
    assert answer(secret, "agree", story).status_code == 409


@pytest.mark.parametrize("secret", ["x", "A" * 22, "A" * 200])
def test_an_unknown_link_opens_nothing(secret: str, relation: Relation) -> None:
    _, story = asked(relation)
    assert Client().get(f"/u/{secret}/").status_code == 404
    assert Client().get(f"/u/{secret}/pictures/{story.pictures.get().public_id}/").status_code == 404
    assert answer(secret, "withdraw", story).status_code == 404


# --- HQ ----------------------------------------------------------------------------------------------------


def test_hq_reads_nothing_before_her_yes(lin: Host, relation: Relation) -> None:
    _secret, story = asked(relation)
    reviewer = desk.browser(desk.a_reviewer())
    assert reviewer.get(f"/hq/stories/{story.public_id}/").status_code == 404
    assert reviewer.get(f"/hq/stories/pictures/{story.pictures.get().public_id}/").status_code == 404
    assert reviewer.post(f"/hq/stories/{story.public_id}/take/").status_code == 404
    assert TITLE not in html_of(reviewer.get("/hq/stories/?all"))
    assert not Material.objects.exists()


def test_the_host_sees_who_at_hq_read_it(lin: Host, relation: Relation) -> None:
    _secret, story = agreed(relation)
    reviewer = desk.browser(desk.a_reviewer())
    page = html_of(reviewer.get(f"/hq/stories/{story.public_id}/"))
    assert TITLE in page
    assert "第 1 版说明" in page
    assert AccessLog.objects.get(host_id=lin.pk).fields == "用户故事"
    picture = reviewer.get(f"/hq/stories/pictures/{story.pictures.get().public_id}/")
    assert picture.status_code == 200
    put_down(picture)


def test_who_may_not_review_sees_nothing(relation: Relation) -> None:
    _secret, story = agreed(relation)
    for role in (roles.EDITOR, roles.OPERATOR, roles.ANALYST, roles.REGION_MANAGER, roles.SUPPORT):
        client = desk.browser(desk.a_person(role))
        assert client.get("/hq/stories/").status_code == 302, role
        assert client.get(f"/hq/stories/{story.public_id}/").status_code == 302, role
        assert client.post(f"/hq/stories/{story.public_id}/take/").status_code == 302, role
    assert not Material.objects.exists()


def test_what_hq_does_not_take_goes_back_with_the_reason(lin: Host, relation: Relation) -> None:
    secret, story = agreed(relation)
    reviewer = desk.browser(desk.a_reviewer())
    for bad in ("", "太" * 101):
        reviewer.post(f"/hq/stories/{story.public_id}/refuse/", {"reason": bad})
        story.refresh_from_db()
        assert story.state == "agreed"
    reviewer.post(f"/hq/stories/{story.public_id}/refuse/", {"reason": "有别家的商标"})
    assert "有别家的商标" in html_of(phone(lin).get(f"/stories/{story.public_id}/"))
    assert "没有用上" in html_of(Client().get(f"/u/{secret}/"))


def test_who_collected_it_does_not_take_it(lin: Host, relation: Relation) -> None:
    _secret, story = agreed(relation)
    with pytest.raises(services.NotPossibleError, match="别人来审"):
        services.take(story, by=lin.user, now=NOW)


def test_the_database_refuses_a_story_shown_without_consent(relation: Relation) -> None:
    _secret, story = asked(relation)
    for state in ("agreed", "returned", "taken"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Story.objects.filter(pk=story.pk).update(state=state)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"title": "全网最好的粥"}, "标题"),
        ({"summary": "明星推荐"}, "一句话简介"),
        ({"share_text": "她说这是全网最好的。"}, "分享文案"),
        ({"body": [("paragraph", "另外一段")]}, "正文"),
        ({"channels_url": "https://example.com/v"}, "视频"),
    ],
)
@pytest.mark.parametrize("pictures", [0, 2])
def test_what_she_did_not_agree_to_does_not_go_live(
    relation: Relation, changed: dict[str, Any], named: str, pictures: int
) -> None:
    _secret, _story, material = published(relation, pictures=pictures)
    for name, value in changed.items():
        setattr(material, name, value)
    with pytest.raises(NotPublishableError, match=f"请把{named}"):
        content.publish(material, by=None)


def test_another_picture_or_order_does_not_go_live(relation: Relation) -> None:
    _secret, _story, material = published(relation, pictures=2)
    first, second = material.pictures.all()
    first.image, second.image = second.image, first.image
    material.pictures = [first, second]  # type: ignore[misc]
    with pytest.raises(NotPublishableError, match="请把图片"):
        content.publish(material, by=None)
    material = Material.objects.get()
    material.cover = desk.a_picture()
    with pytest.raises(NotPublishableError, match="请把封面"):
        content.publish(material, by=None)


def test_nobody_copies_or_rewords_it_or_uses_its_pictures(lin: Host, relation: Relation) -> None:
    _secret, _story, material = published(relation)
    editor = desk.an_editor()
    with pytest.raises(copying.NotCopiedError):
        copying.copy_material(material, by=editor)
    desk.browser(editor).post(f"/hq/fortnights/materials/{material.pk}/copy/")
    assert Material.objects.count() == 1
    page = phone(lin).post(f"/materials/{material.public_id}/words/", {"text": "我家孩子也爱喝"})
    assert page.status_code == 302
    content.keep_words(lin, material, text="我家孩子也爱喝", now=NOW)
    assert not HostVariant.objects.exists()
    other = desk.a_picture("随便一张")
    shown = html_of(desk.browser(editor).get("/hq/images/chooser/results/"))
    assert other.title in shown
    assert Image.objects.get(story_picture__isnull=False).title not in shown
