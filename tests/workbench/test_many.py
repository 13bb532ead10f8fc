"""多选: several customers tagged, noted, reminded and sent something at once; who is left out is said."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.customers import many
from apps.customers import services as customers
from apps.customers.models import Note, Relation, RelationTag
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from tests.happenings import a_customer
from tests.pages import html_of, text_of
from tests.reach.people import agrees
from tests.workbench.issues import a_material

MANY = "/customers/many/"


@pytest.fixture
def three(lin: Host, now: datetime) -> list[Relation]:
    return [
        a_customer(lin, f"1380000000{n}", at=now - timedelta(days=40, minutes=n), name=name)
        for n, name in enumerate(("阿秀", "小雨", "朵朵妈"))
    ]


def ids(people: list[Relation]) -> list[str]:
    return [str(one.public_id) for one in people]


def test_the_list_can_be_ticked_and_keeps_view_and_search(phone: Client, three: list[Relation]) -> None:
    page = phone.get("/customers/?view=all&q=小雨").content.decode()
    assert "q=%E5%B0%8F%E9%9B%A8&amp;pick=1" in page
    picking = phone.get("/customers/?view=all&q=小雨&pick=1").content.decode()
    assert picking.count('class="pick"') == 1
    assert ids(three)[1] in picking


@pytest.mark.parametrize("name", ["tag", "note", "remind", "share"])
def test_first_it_says_for_whom_and_nothing_is_done(phone: Client, three: list[Relation], name: str) -> None:
    answer = phone.post(f"{MANY}{name}/", {"customers": ids(three)})
    assert answer.status_code == 200
    assert "阿秀、小雨、朵朵妈" in text_of(answer)
    assert not RelationTag.objects.exists()
    assert not Note.objects.exists()


@pytest.mark.parametrize("name", ["tag", "note", "remind", "share"])
def test_with_nobody_ticked_she_is_told(phone: Client, name: str) -> None:
    for answer in (
        phone.post(f"{MANY}{name}/", follow=True),
        phone.post(f"{MANY}{name}/", {"go": "1"}, follow=True),
    ):
        assert "先勾选要一起处理的客户" in text_of(answer)
    assert phone.get(f"{MANY}{name}/").status_code == 302


@pytest.mark.parametrize("name", ["tag", "note", "remind", "share"])
def test_the_page_is_found_again_with_the_same_people(
    phone: Client, mei: Host, three: list[Relation], name: str
) -> None:
    """By its address, which says nothing of them, is short enough for any server, and is hers alone."""
    chosen = phone.post(f"{MANY}{name}/", {"customers": ids(three)[::-1]})
    address = html_of(chosen).split('data-answers="')[1].split('"')[0]
    again = phone.get(address)
    assert "朵朵妈、小雨、阿秀" in text_of(again)
    assert f'action="{address}"' in html_of(again)
    assert not any(one in address for one in ids(three))
    assert "朵朵妈、小雨、阿秀" in text_of(phone.post(address, {"go": "1"}))  # refused: the same people

    phone.force_login(mei.user)
    for strange in (address, f"{address}x", f"{MANY}{name}/?of=%E8%8C%B6", f"{MANY}{name}/?of="):
        told = phone.get(strange, follow=True)
        assert told.redirect_chain[-1][0] == "/customers/?pick=1"
        assert "先勾选要一起处理的客户" in text_of(told)
        assert "阿秀" not in text_of(told)


def test_the_most_that_may_be_chosen_fit_into_an_address(lin: Host, now: datetime) -> None:
    people = [Relation(pk=2**31 + 7919 * n) for n in range(many.MOST)]
    assert len(many.sealed(lin, people)) < 2_000


def test_who_is_hers_no_more_is_left_out_of_an_address(lin: Host, three: list[Relation]) -> None:
    text = many.sealed(lin, three)
    three[1].delete()
    assert many.unsealed(lin, text) == ([three[0], three[2]], 1)


def test_a_tag_for_all_with_its_result_and_the_way_back(
    phone: Client, lin: Host, three: list[Relation], now: datetime
) -> None:
    customers.tag_relation(three[0], name="爱喝茶", by=lin.user, now=now)
    told = phone.post(f"{MANY}tag/", {"customers": ids(three), "name": "爱喝茶", "go": "1"}, follow=True)
    text = text_of(told)
    assert "2 位打上了标签「爱喝茶」" in text
    assert "1 位没有动：本来就有这个标签" in text
    assert Event.objects.filter(name=Fact.CUSTOMER_TAGGED).count() == 3
    # A reload of the result does nothing again.
    page = told.redirect_chain[-1][0]
    assert "2 位打上了标签" in text_of(phone.get(page))

    assert "2 位的「爱喝茶」去掉了" in text_of(takes_back(phone, told))
    [left] = RelationTag.objects.all()
    assert left.relation_id == three[0].pk  # who had it before keeps it
    again = phone.get(page)
    assert "后来又去掉了" in text_of(again)
    assert "many/undo/" not in html_of(again)


def takes_back(phone: Client, page: Any) -> Any:
    """Press 撤回 on the page of one act."""
    act = html_of(page).split('name="act" value="')[1].split('"')[0]
    return phone.post(f"{MANY}undo/", {"act": act}, follow=True)


def test_the_way_back_is_that_of_the_act_on_its_page(
    phone: Client, lin: Host, mei: Host, three: list[Relation], now: datetime
) -> None:
    """Two tabs, two acts: each page takes back its own, for its own people, and once."""
    others = [a_customer(lin, f"1381000000{n}", at=now, name=f"乙{n}") for n in range(2)]
    first = phone.post(f"{MANY}tag/", {"customers": ids(three), "name": "甲标签", "go": "1"}, follow=True)
    second = phone.post(f"{MANY}tag/", {"customers": ids(others), "name": "乙标签", "go": "1"}, follow=True)
    page = phone.get(first.redirect_chain[-1][0])
    assert "3 位打上了标签「甲标签」" in text_of(page)

    assert "3 位的「甲标签」去掉了" in text_of(takes_back(phone, page))
    assert {row.tag.name for row in RelationTag.objects.select_related("tag")} == {"乙标签"}
    # Put on anew meanwhile, it is another act's.
    customers.tag_relation(three[0], name="甲标签", by=lin.user, now=now)
    assert "已经不在了，没有再动" in text_of(takes_back(phone, page))
    assert RelationTag.objects.filter(tag__name="甲标签").count() == 1
    assert "2 位的「乙标签」去掉了" in text_of(takes_back(phone, second))

    phone.force_login(mei.user)
    act = html_of(page).split('name="act" value="')[1].split('"')[0]
    for strange in (act, "", "nonsense", "茶"):
        assert phone.post(f"{MANY}undo/", {"act": strange}).status_code == 404
        assert phone.get(f"{MANY}done/", {"act": strange})["Location"] == "/customers/"


def test_the_largest_act_fits_into_an_address(lin: Host, now: datetime) -> None:
    people = [Relation(pk=2**31 + 7919 * n) for n in range(many.MOST)]
    rows = tuple(2**33 + 3 * n for n in range(many.MOST))
    outcome = many.Outcome(people, [(many.GONE, 3), (many.TAGGED, 9)], tagged=rows)
    assert len(many.sealed_outcome(lin, "tag", outcome)) < 2_000


def test_a_note_for_all_is_written_once_however_often_it_is_sent(
    phone: Client, three: list[Relation]
) -> None:
    phone.handler.enforce_csrf_checks = True
    phone.get("/customers/?pick=1")
    mark = phone.cookies["csrftoken"].value
    for _ in range(2):
        answer = phone.post(
            f"{MANY}note/",
            {"customers": ids(three), "text": "中秋送过月饼", "go": "1", "csrfmiddlewaretoken": mark},
            follow=True,
        )
        assert "3 位记下了" in text_of(answer)
    assert [note.text for note in Note.objects.all()] == ["中秋送过月饼"] * 3


def test_a_next_step_for_all_leaves_what_was_planned(
    phone: Client, lin: Host, three: list[Relation], now: datetime
) -> None:
    day = (now + timedelta(days=2)).date()
    customers.update_relation(
        three[1],
        remark="",
        phone=three[1].phone,
        next_action="问尺码",
        next_action_on=day,
        by=lin.user,
        now=now,
    )
    assert "其中 1 位已经定了下一步" in text_of(phone.post(f"{MANY}remind/", {"customers": ids(three)}))
    step = {"customers": ids(three), "action": "问问春茶", "on": day.isoformat(), "go": "1"}
    text = text_of(phone.post(f"{MANY}remind/", step, follow=True))
    assert "2 位定好了下一步" in text
    assert "1 位没有动：已经定了别的下一步" in text
    assert Relation.objects.get(pk=three[1].pk).next_action == "问尺码"

    phone.post(f"{MANY}remind/", {**step, "replace": "on"})
    assert Relation.objects.get(pk=three[1].pk).next_action == "问问春茶"
    assert Relation.objects.get(pk=three[0].pk).next_action_on == day


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("tag", {"name": ""}, "请填写标签名。"),
        ("note", {"text": " "}, "写点什么再保存吧。"),
        ("remind", {"action": "问问", "on": "后天"}, "日期写成 2026-03-05 这样。"),
        ("remind", {"action": "", "on": "2026-03-05"}, "写一句到时候要做什么。"),
        ("share", {}, "选一样要发的。"),
        ("share", {"what": "material:nonsense"}, "选一样要发的。"),
    ],
)
def test_what_is_amiss_is_named_and_the_chosen_stay(
    phone: Client, three: list[Relation], name: str, data: dict[str, str], words: str
) -> None:
    for one in three:
        agrees(one)
    answer = phone.post(f"{MANY}{name}/", {"customers": ids(three), "go": "1", **data})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert all(one in page for one in ids(three))


def test_who_is_not_hers_is_left_out_like_who_never_was(
    phone: Client, mei: Host, three: list[Relation], now: datetime
) -> None:
    theirs = a_customer(mei, "13900009000", at=now, name="赵敏")
    for other in (str(theirs.public_id), str(uuid4())):
        preview = text_of(phone.post(f"{MANY}tag/", {"customers": [*ids(three), other]}))
        assert "1 位已经不在你的客户里，不算在内" in preview
        assert "赵敏" not in preview
        told = phone.post(
            f"{MANY}tag/", {"customers": [*ids(three), other], "name": other[:8], "go": "1"}, follow=True
        )
        assert "1 位没有动：已经不在你的客户里" in text_of(told)
    assert not RelationTag.objects.filter(relation=theirs).exists()


def test_only_who_agreed_is_sent_something_and_each_by_her_name(phone: Client, three: list[Relation]) -> None:
    material = a_material("春茶怎么泡")
    for one in three[:2]:
        agrees(one)
    preview = text_of(phone.post(f"{MANY}share/", {"customers": ids(three)}))
    assert "3 位里，2 位可以发" in preview
    assert "1 位先不发：还没有问过" in preview

    asked = {"customers": ids(three), "what": f"material:{material.public_id}", "go": "1"}
    page = text_of(phone.post(f"{MANY}share/", asked))

    assert "阿秀，姐妹们" in page
    assert "小雨，姐妹们" in page
    assert "朵朵妈" not in page
    assert "1 位没在里面：还没有问过" in page
    assert not Event.objects.filter(name=Fact.MATERIAL_SENT).exists()  # each is written down when it is taken


def test_a_host_without_result_finds_her_list(phone: Client) -> None:
    assert phone.get(f"{MANY}done/")["Location"] == "/customers/"
