"""客户: the list with its views and search, and one person."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation, Tag
from apps.lib import clock
from apps.records.models import AccessLog
from apps.trade.models import Order
from tests.happenings import a_customer


def url_of(relation: Relation, more: str = "") -> str:
    return f"/customers/{relation.public_id}/{more}"


def test_the_list_names_stage_and_last_act_and_hides_phones(
    phone: Client, order: Order, xiaoyu: Relation
) -> None:
    page = phone.get("/customers/").content.decode()
    assert "王小雨" in page
    assert "13800008000" not in page
    assert "全部" in page


@pytest.mark.parametrize(
    "words", ["小雨", "wxy", "wangxiaoyu", "wangxy", "w小雨", "王xy", "8000", "13800008000", " 王小雨 "]
)
def test_she_is_found_by_name_initials_and_phone(phone: Client, xiaoyu: Relation, words: str) -> None:
    page = phone.get("/customers/", {"q": words}).content.decode()
    assert str(xiaoyu.public_id) in page


def test_letters_in_a_phone_are_named_as_the_order_form_does(phone: Client, xiaoyu: Relation) -> None:
    page = phone.get("/customers/", {"q": "138OOOO8l08"}).content.decode()
    assert "手机号里有字母 O、l：请把 O 改成数字 0，l 改成数字 1。" in page
    for words in ("abc", "小雨 3 号楼", "13811118888"):
        assert "手机号里有字母" not in phone.get("/customers/", {"q": words}).content.decode(), words


def test_another_hosts_customer_is_never_found(phone: Client, mei: Host, now: datetime) -> None:
    theirs = a_customer(mei, "13900009000", at=now, name="赵敏")
    for words in ("赵敏", "zm", "9000", "13900009000"):
        page = phone.get("/customers/", {"q": words}).content.decode()
        assert str(theirs.public_id) not in page
        assert "没有找到这位客户" in page


def test_views_count_and_narrow(phone: Client, xiaoyu: Relation, lin: Host, now: datetime) -> None:
    new = a_customer(lin, "13800000001", at=now, name="新来的")
    page = phone.get("/customers/?view=new").content.decode()
    assert str(new.public_id) in page
    assert str(xiaoyu.public_id) not in page
    assert '新加入 <span class="num">1</span>' in page
    assert '全部 <span class="num">2</span>' in page
    assert "没有沉睡的客户" in phone.get("/customers/?view=sleeping").content.decode()


def next_page(page: str) -> str:
    """The query by which a list goes on."""
    return unescape(page.split('hx-get="?')[1].split('"', maxsplit=1)[0])


def test_twenty_a_page_and_the_rest_as_a_part(phone: Client, lin: Host, now: datetime) -> None:
    for number in range(21):
        a_customer(lin, f"1380000{number:04d}", at=now - timedelta(minutes=number), name=f"客{number}")
    page = phone.get("/customers/").content.decode()
    assert page.count('class="rows__row"') == 20
    assert "再看 20 位" in page
    following = next_page(page)
    part = phone.get(
        f"/customers/?{following}", headers={"hx-request": "true", "hx-target": "customers-more"}
    ).content.decode()
    assert part.count('class="rows__row"') == 1
    assert "<html" not in part


def test_whom_she_marks_on_page_one_pushes_nobody_over_the_edge(
    phone: Client, lin: Host, now: datetime
) -> None:
    for number in range(65):
        a_customer(lin, f"1380000{number:04d}", at=now - timedelta(minutes=number), name=f"客{number}")
    address = "/customers/?sort=contact"
    shown: list[str] = []
    while True:
        page = phone.get(address).content.decode()
        people = re.findall(r'class="rows__row" href="/customers/([\w-]+)/"', page)
        for person in people[:5]:
            phone.post(f"/customers/{person}/contacted/")
        shown += people
        if 'hx-get="?' not in page:
            break
        address = f"/customers/?{next_page(page)}"

    assert len(shown) == len(set(shown)) == 65


def test_her_own_reading_is_written_down_once_a_session(phone: Client, lin: Host, xiaoyu: Relation) -> None:
    phone.get("/customers/")
    phone.get(url_of(xiaoyu))
    [look] = AccessLog.objects.all()
    assert (look.action, look.host_id, look.is_hq) == ("view", lin.pk, False)


def test_a_person_with_her_timeline(phone: Client, order: Order, xiaoyu: Relation) -> None:
    page = phone.get(url_of(xiaoyu)).content.decode()
    assert "认识 40 天" in page
    assert "138****8000" in page
    assert "13800008000" not in page
    assert "下单 ¥118.00" in page
    assert f"/me/orders/{order.public_id}/" in page


def test_whom_she_met_last_night_she_has_known_for_a_day(phone: Client, lin: Host, now: datetime) -> None:
    last_night = clock.start_of(clock.day_of(now)) - timedelta(minutes=10)
    one = a_customer(lin, "13800000077", at=last_night, name="昨晚来的")
    page = phone.get(url_of(one)).content.decode()
    assert "认识 1 天" in page
    assert "今天刚认识" not in page


def test_the_whole_phone_shows_on_request_and_that_is_written_down(
    phone: Client, lin: Host, xiaoyu: Relation
) -> None:
    assert phone.get(url_of(xiaoyu, "phone/")).status_code == 405
    answer = phone.post(url_of(xiaoyu, "phone/"))
    assert "13800008000" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    look = AccessLog.objects.get(action="reveal")
    assert (look.actor_id, look.relation_id, look.fields) == (lin.user_id, xiaoyu.pk, "手机号")
    part = phone.post(url_of(xiaoyu, "phone/"), headers={"hx-request": "true"}).content.decode()
    assert "tel:13800008000" in part
    assert "<html" not in part


def test_notes_are_kept_in_the_timeline(phone: Client, xiaoyu: Relation) -> None:
    phone.post(url_of(xiaoyu, "notes/"), {"text": "血糖高，别推甜的\n喜欢绿茶"})
    page = phone.get(url_of(xiaoyu)).content.decode()
    assert "血糖高，别推甜的<br>喜欢绿茶" in page


@pytest.mark.parametrize("text", ["", "   ", "长" * 1001])
def test_an_empty_or_endless_note_is_refused(phone: Client, xiaoyu: Relation, text: str) -> None:
    answer = phone.post(url_of(xiaoyu, "notes/"), {"text": text})
    assert answer.status_code == 422
    assert "field__error" in answer.content.decode()
    assert xiaoyu.notes.count() == 0


def test_tags_come_and_go(phone: Client, lin: Host, xiaoyu: Relation) -> None:
    phone.post(url_of(xiaoyu, "tags/"), {"name": "爱喝茶"})
    tag = Tag.objects.get(name="爱喝茶", host=lin)
    assert "去掉标签爱喝茶" in phone.get(url_of(xiaoyu)).content.decode()
    phone.post(url_of(xiaoyu, f"tags/{tag.public_id}/remove/"))
    assert "去掉标签爱喝茶" not in phone.get(url_of(xiaoyu)).content.decode()
    answer = phone.post(url_of(xiaoyu, "tags/"), {"name": ""})
    assert answer.status_code == 422
    assert "请填写标签名。" in answer.content.decode()


def test_a_tag_of_another_customer_is_404(phone: Client, lin: Host, xiaoyu: Relation, now: datetime) -> None:
    other = a_customer(lin, "13800000001", at=now)
    tag = customers.tag_relation(other, name="爱喝茶", by=lin.user, now=now)
    assert phone.post(url_of(xiaoyu, f"tags/{tag.public_id}/remove/")).status_code == 404


def test_editing_keeps_the_phone_when_left_empty(phone: Client, xiaoyu: Relation, now: datetime) -> None:
    day = clock.day_of(now)
    phone.post(
        url_of(xiaoyu, "edit/"),
        {
            "remark": "三楼小雨",
            "phone": "",
            "next_action": "问问茶喝得惯吗",
            "next_action_on": day.isoformat(),
        },
    )
    xiaoyu.refresh_from_db()
    assert (xiaoyu.remark, xiaoyu.phone) == ("三楼小雨", "+8613800008000")
    page = phone.get("/customers/?view=due").content.decode()
    assert "三楼小雨" in page
    assert "该跟进了" in page


def test_editing_never_prints_the_whole_phone(phone: Client, xiaoyu: Relation) -> None:
    page = phone.get(url_of(xiaoyu, "edit/")).content.decode()
    assert "13800008000" not in page
    assert "138****8000" in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"phone": "123"}, "手机号不对"),
        ({"phone": "139OOOO1111"}, "请把 O 改成数字 0"),
        ({"phone": "13800000001"}, "另一位客户已经用了这个手机号"),
        ({"next_action_on": "someday"}, "日期"),
        ({"next_action_on": "9999-12-31"}, "年份要在 1900 到 2199 之间"),
        ({"remark": "长" * 61}, "60"),
        ({"birthday": "13月1日"}, "生日写成 3月5日"),
        ({"birthday": "腊月初八"}, "农历生日还记不了"),
    ],
)
def test_bad_input_is_told_and_nothing_is_saved(
    phone: Client, lin: Host, xiaoyu: Relation, now: datetime, data: dict[str, str], words: str
) -> None:
    a_customer(lin, "13800000001", at=now)
    answer = phone.post(url_of(xiaoyu, "edit/"), {"remark": "", "phone": "", "next_action": "", **data})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    xiaoyu.refresh_from_db()
    assert (xiaoyu.remark, xiaoyu.phone) == ("", "+8613800008000")


def test_another_hosts_customer_with_the_same_phone_is_no_obstacle(
    phone: Client, mei: Host, xiaoyu: Relation, now: datetime
) -> None:
    a_customer(mei, "13900009000", at=now)
    answer = phone.post(url_of(xiaoyu, "edit/"), {"remark": "", "phone": "13900009000", "next_action": ""})
    assert answer.status_code == 302


def test_talking_to_her_today_is_one_tap(phone: Client, xiaoyu: Relation) -> None:
    answer = phone.post(url_of(xiaoyu, "contacted/"), follow=True)
    assert "今天联系过" in answer.content.decode()
    xiaoyu.refresh_from_db()
    assert xiaoyu.last_contact_at is not None


def test_the_timeline_goes_on_in_parts(phone: Client, lin: Host, xiaoyu: Relation, now: datetime) -> None:
    for number in range(20):
        customers.add_note(xiaoyu, text=f"笔记{number:02d}", by=lin.user, now=now - timedelta(days=number))
    page = phone.get(url_of(xiaoyu)).content.decode()
    assert "笔记09" in page
    assert "笔记10" not in page
    more = page.split('href="?before=')[1].split('"')[0]
    part = phone.get(
        url_of(xiaoyu) + "?before=" + more, headers={"hx-request": "true", "hx-target": "timeline-more"}
    ).content.decode()
    assert "笔记10" in part
    assert "<html" not in part


def test_who_is_no_friend_any_more_is_said(phone: Client, xiaoyu: Relation, now: datetime) -> None:
    Relation.objects.filter(pk=xiaoyu.pk).update(ended_at=now)
    assert "不再是企业微信好友" in phone.get(url_of(xiaoyu)).content.decode()
