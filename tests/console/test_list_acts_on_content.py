"""What the lists of pictures, of consumers' stories and of practice do to many rows at once."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import AccountEvent, User
from apps.console_kit.models import BulkRun
from apps.learning.models import Practice
from apps.learning.training import services as training
from apps.library.models import Material
from apps.media.models import Image
from apps.records.models import AccessLog
from apps.stories import services as stories
from apps.stories.models import Story
from tests.console.listing import Acting, names_on
from tests.factories import a_host
from tests.happenings import a_customer
from tests.learning.lessons import a_lesson, a_path
from tests.library import desk
from tests.library.desk import a_material, a_person, browser
from tests.media import samples
from tests.pages import html_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return a_person(roles.ADMIN, "boss", "总部小何")


@pytest.fixture
def client(boss: User) -> Client:
    return browser(boss)


def _place(client: Client, key: str, act: str, **named: Any) -> str:
    return text_of(Acting(client, key, act).all_the_way(**named))


# --- pictures -----------------------------------------------------------------------------------------------


def test_pictures_get_a_label_and_lose_it_again(client: Client) -> None:
    tea, porridge = desk.a_picture("春茶"), desk.a_picture("小米粥")
    porridge.tags.add("早餐")

    assert "看看会怎样" in text_of(Acting(client, "images", "tag").preview(tag=" , "))
    ended = Acting(client, "images", "tag").all_the_way(tag="早餐")

    words = text_of(ended)
    assert "1 条做好了，1 条没有做" in words
    assert "已经有这个标签" in words
    assert names_on(client.get("/hq/images/?tag=早餐")) == ["小米粥", "春茶"]
    client.post(ended.redirect_chain[-1][0])
    assert names_on(client.get("/hq/images/?tag=早餐")) == ["小米粥"]
    assert not tea.tags.exists()

    assert "没有这个标签" in _place(client, "images", "untag", tag="早餐")
    assert not porridge.tags.exists()


def test_pictures_out_of_use_are_offered_no_more_and_stay_where_they_were_chosen(client: Client) -> None:
    old, new = desk.a_picture("旧包装"), desk.a_picture("新包装")
    a_material(title="在外面的", cover=old)

    ended = Acting(client, "images", "switch-off").all_the_way(ids=[old.pk])

    chooser = html_of(client.get("/hq/images/chooser/results/"))
    assert new.title in chooser
    assert old.title not in chooser
    assert Material.objects.get().cover == old
    assert names_on(client.get("/hq/images/?in_use=False")) == ["旧包装"]
    client.post(ended.redirect_chain[-1][0])
    assert old.title in html_of(client.get("/hq/images/chooser/results/"))


def test_only_pictures_that_nothing_shows_are_deleted(client: Client) -> None:
    shown, spare = desk.a_picture("封面"), desk.a_picture("没用过的")
    a_material(title="在外面的", cover=shown)
    assert names_on(client.get("/hq/images/?used=no")) == ["没用过的"]

    words = _place(client, "images", "delete")

    assert "1 条做好了，1 条没有做" in words
    assert "有素材用着它" in words
    assert list(Image.objects.all()) == [shown]
    assert not Image.objects.filter(pk=spare.pk).exists()


def test_a_picture_leads_back_to_where_the_list_was_left(client: Client) -> None:
    picture = desk.a_picture("春茶")
    listed = html_of(client.get("/hq/images/?q=春茶&ordering=title"))
    assert f"/hq/images/{picture.pk}/?next=%2Fhq%2Fimages%2F%3Fq%3D" in listed

    page = client.get(f"/hq/images/{picture.pk}/")

    crumbs = [str(one["url"]) for one in page.context["breadcrumbs_items"]]
    assert any(one.startswith("/hq/images/?q=") for one in crumbs)
    assert f"/hq/lists/images/do/delete/?row={picture.pk}" in html_of(page)


def test_who_may_only_choose_pictures_has_no_list_of_them() -> None:
    picture = desk.a_picture("春茶")
    reviewer = browser(desk.a_reviewer())
    assert reviewer.get("/hq/images/").status_code == 302
    assert Acting(reviewer, "images", "delete").preview(ids=[picture.pk]).status_code in {302, 403}


# --- practice -----------------------------------------------------------------------------------------------


@pytest.fixture
def proofs() -> list[Practice]:
    lesson = a_lesson("去群里问候", task="在群里问候一次", questions=())
    a_path(lesson)
    return [
        training.hand_in(lesson, a_host(name, called), upload=samples.picture(), now=timezone.now())
        for name, called in (("lin", "林姐"), ("mei", "小美"), ("xiu", "阿秀"))
    ]


def test_practice_is_passed_at_once_but_for_what_was_judged_before(
    client: Client, boss: User, proofs: list[Practice]
) -> None:
    training.review(proofs[2], passed=False, reason="看不清", by=boss, now=timezone.now())

    words = _place(client, "practices", "pass", reason="做得好")

    assert "2 条做好了，1 条没有做" in words
    assert "已经退回重做" in words
    assert {one.state for one in Practice.objects.filter(pk__in=[one.pk for one in proofs[:2]])} == {"passed"}
    assert set(Practice.objects.filter(state="passed").values_list("reason", flat=True)) == {"做得好"}


def test_practice_is_sent_back_for_a_reason_alone(client: Client, proofs: list[Practice]) -> None:
    acting = Acting(client, "practices", "return")
    assert "退回时请写一句哪里要改" in text_of(acting.preview(reason=""))

    shown = acting.preview(reason="请重截一张")
    assert "她们都会看到这句评语：「请重截一张」" in text_of(shown)
    acting.confirm(shown)

    assert set(Practice.objects.values_list("state", "reason")) == {("returned", "请重截一张")}
    assert BulkRun.objects.get().given == {}


def test_nobody_judges_among_many_what_may_be_her_own(
    client: Client, boss: User, proofs: list[Practice]
) -> None:
    lin = proofs[0].host.user
    AccountEvent.objects.create(user=boss, actor=lin, kind=AccountEvent.Kind.WECOM_BOUND, at=timezone.now())

    words = _place(client, "practices", "pass")

    assert "2 条做好了，1 条没有做" in words
    assert "自己的练习要由别人来批" in words
    assert Practice.objects.get(pk=proofs[0].pk).state == "waiting"


def test_one_verdict_after_the_other(client: Client, proofs: list[Practice]) -> None:
    waiting = client.get("/hq/practices/?state=waiting&ordering=submitted_at")
    assert names_on(waiting) == ["去群里问候"] * 3
    first = f"/hq/practices/{proofs[0].public_id}/"
    assert "还有 2 份练习等批改" in text_of(client.get(first))

    following = client.post(f"{first}judge/", {"passed": "1"}, follow=True)

    assert following.redirect_chain[-1][0] == f"/hq/practices/{proofs[1].public_id}/"
    assert "林姐的练习通过了" in text_of(following)
    for proof in proofs[1:]:
        ended = client.post(f"/hq/practices/{proof.public_id}/judge/", {"passed": "1"})
    assert ended["Location"] == "/hq/practices/"


# --- stories ------------------------------------------------------------------------------------------------


def _told(phone: str, title: str, name: str) -> Story:
    now = timezone.now()
    _secret, story = stories.ask(
        a_customer(a_host(name, name), phone, at=now),
        title=title,
        called="两个娃的妈妈",
        text="孩子以前不吃早饭，现在每天自己盛一碗。",
        pictures=[samples.picture()],
        now=now,
    )
    seen = stories.mark_of(story, stories.notice(now=now))
    return stories.agree(story, seen=seen, now=now, evidence={})


def test_stories_become_drafts_each_by_the_service_of_one(client: Client) -> None:
    with time_machine.travel(desk.NOW, tick=False):
        first, second = _told("13800008001", "自己盛粥了", "lin"), _told("13800008002", "不挑食了", "mei")
        stories.refuse(second, reason="有别家的商标", by=desk.a_reviewer(), now=timezone.now())

        words = _place(client, "stories", "take")

    assert "1 条做好了，1 条没有做" in words
    assert "不用再审核" in words
    material = Material.objects.get()
    assert (material.title, material.live) == ("自己盛粥了", False)
    assert Story.objects.get(pk=first.pk).material == material


def test_stories_are_refused_for_a_reason(client: Client) -> None:
    _told("13800008001", "自己盛粥了", "lin")
    acting = Acting(client, "stories", "refuse")
    assert "请写一句为什么不用" in text_of(acting.preview(reason=""))

    acting.all_the_way(reason="有别家的商标")

    assert Story.objects.values_list("state", "reason").get() == ("returned", "有别家的商标")
    assert BulkRun.objects.get().given == {}


def test_a_list_of_stories_finds_by_sealed_titles_shows_them_and_notes_the_look(client: Client) -> None:
    story = _told("13800008001", "自己盛粥了", "lin")
    _told("13800008002", "不挑食了", "mei")

    page = client.get("/hq/stories/?q=盛粥")

    assert names_on(page) == ["自己盛粥了"]
    assert f"/hq/stories/pictures/{story.pictures.get().public_id}/" in html_of(page)
    assert list(AccessLog.objects.values_list("host_id", "fields")) == [
        (story.host_id, "用户故事（标题和图片）")
    ]
