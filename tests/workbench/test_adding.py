"""加客户: somebody she knows, typed in by hand, on the phone and by the API."""

from datetime import datetime

import pytest
from django.test import Client

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.profiles.models import Facts
from apps.reach import asking
from apps.reach.models import Reason
from apps.records.models import Consent
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from tests.factories import a_sku, api_of
from tests.happenings import a_customer, a_doubtful_order
from tests.pages import text_of

NEW = {
    "name": " 朵朵妈 ",
    "phone": "139 0000 9000",
    "birthday": "三月五号",
    "tags": "邻居，爱喝茶、邻居",
    "known_from": "小区群里",
    "note": "不吃辣",
}


def test_she_is_there_with_all_that_was_typed(phone: Client, lin: Host, now: datetime) -> None:
    answer = phone.post("/customers/new/", NEW, follow=True)
    page = text_of(answer)
    for words in (
        "朵朵妈加好了",
        "3月5日",
        "邻居",
        "爱喝茶",
        "怎么认识的：小区群里",
        "不吃辣",
        "139****9000",
    ):
        assert words in page, words
    one = Relation.objects.of(lin).get()
    assert (one.shown_name, one.phone, one.source) == ("朵朵妈", "+8613900009000", "manual")
    assert one.is_customer
    assert one.last_contact_at is None
    assert Facts.objects.get(pk=one.pk).birthday == 305
    assert "你把她加成了客户" in page


def test_one_field_is_enough(phone: Client, lin: Host) -> None:
    phone.post("/customers/new/", {"name": "对门"})
    phone.post("/customers/new/", {"name": "对门"})  # another page, another person of that name
    assert Relation.objects.of(lin).count() == 2
    assert "对门" in text_of(phone.get("/customers/"))


def test_she_has_agreed_to_nothing(phone: Client, lin: Host, now: datetime) -> None:
    phone.post("/customers/new/", NEW)
    one = Relation.objects.of(lin).get()
    assert asking.refusal(one, now=now) == Reason.NEVER_ASKED
    assert not Consent.objects.exists()


def test_her_joining_is_in_the_ledger_once(phone: Client, lin: Host) -> None:
    phone.post("/customers/new/", NEW)
    [event] = Event.objects.filter(name=Fact.CUSTOMER_JOINED)
    assert (event.host_id, event.props["source"]) == (lin.pk, "manual")


def test_whom_she_has_already_is_shown_and_nothing_is_lost(phone: Client, lin: Host, now: datetime) -> None:
    known = a_customer(lin, "13900009000", at=now, name="朵朵的妈妈")
    answer = phone.post("/customers/new/", NEW)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "「朵朵的妈妈」就是这个手机号" in page
    assert f"/customers/{known.public_id}/" in page
    for typed in ("朵朵妈", "三月五号", "邻居，爱喝茶、邻居", "不吃辣"):
        assert typed in page
    assert Relation.objects.of(lin).count() == 1


def test_who_came_only_by_a_doubtful_order_is_known_too(phone: Client, lin: Host, now: datetime) -> None:
    order = a_doubtful_order(lin, a_sku(stock=500), at=now, phone="13900009000")
    assert f"/customers/{order.relation.public_id}/" in phone.post("/customers/new/", NEW).content.decode()


def test_another_hosts_customer_is_no_obstacle_and_not_told(
    phone: Client, mei: Host, lin: Host, now: datetime
) -> None:
    theirs = a_customer(mei, "13900009000", at=now, name="赵敏")
    answer = phone.post("/customers/new/", NEW, follow=True)
    assert "赵敏" not in answer.content.decode()
    assert Relation.objects.of(lin).get().customer_id != theirs.customer_id


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": ""}, "写个称呼，以后就这么叫她。"),
        ({"name": "\u200b"}, "写个称呼"),
        ({"phone": "139OOOO9000"}, "请把 O 改成数字 0"),
        ({"birthday": "农历三月初五"}, "农历生日还记不了"),
        ({"birthday": "2月30日"}, "没有 2月30日这一天"),
        ({"tags": "长" * 21}, "一个标签最多 20 个字"),
        ({"note": "长" * 901}, "900"),
    ],
)
def test_what_is_amiss_is_named_and_nothing_is_written(
    phone: Client, lin: Host, data: dict[str, str], words: str
) -> None:
    answer = phone.post("/customers/new/", {**NEW, **data})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Relation.objects.of(lin).exists()


def test_the_form_sent_twice_makes_one(phone: Client, lin: Host) -> None:
    phone.handler.enforce_csrf_checks = True
    phone.get("/customers/new/")
    mark = phone.cookies["csrftoken"].value
    for _ in range(2):
        phone.post("/customers/new/", {"name": "对门", "csrfmiddlewaretoken": mark})
    assert Relation.objects.of(lin).count() == 1


def test_by_the_api_as_by_the_page(lin: Host, now: datetime) -> None:
    api = api_of(lin)
    answer = api.post("/api/v1/customers/", {"name": "朵朵妈", "birthday": "3月5日", "tags": ["邻居"]})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["birthday"], told["tags"], told["source"]) == (
        "朵朵妈",
        "3月5日",
        ["邻居"],
        "manual",
    )
    a_customer(lin, "13900009000", at=now, name="老邻居")
    again = api.post("/api/v1/customers/", {"name": "她", "phone": "13900009000"})
    assert again.status_code == 400
    assert "「老邻居」就是这个手机号" in again.json()["fields"]["phone"][0]
    changed = api.patch(
        f"/api/v1/customers/{told['id']}/", {"birthday": "12月31日"}, content_type="application/json"
    ).json()
    assert changed["birthday"] == "12月31日"
    assert (
        api.patch(
            f"/api/v1/customers/{told['id']}/", {"remark": "妈"}, content_type="application/json"
        ).json()["birthday"]
        == "12月31日"
    )
    assert (
        api.patch(
            f"/api/v1/customers/{told['id']}/", {"birthday": "腊月初八"}, content_type="application/json"
        ).status_code
        == 400
    )
