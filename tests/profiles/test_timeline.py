"""One customer's story, and whom to care for."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.lib.clock import SHANGHAI
from apps.library.models import Material
from apps.profiles import selectors, wording
from apps.profiles.models import Facts
from apps.profiles.selectors import timelines
from apps.tracking.facts import Fact
from apps.trade import services as trade
from tests.factories import a_host, a_sku, api_of
from tests.happenings import MINUTE, a_customer, a_link, a_material, a_visitor, buy, look
from tests.projecting import project_now

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
def host(db: None) -> Host:
    return a_host()


def test_the_timeline_tells_everything_once_newest_first(host: Host) -> None:
    visitor, link = a_visitor(NOW), a_link(host, a_material("春日焕新"), at=NOW)
    look(link, visitor, at=NOW, stays=True)
    order = buy(host, a_sku(price_fen=9_900), at=NOW + 10 * MINUTE, link=link, visitor=visitor)
    customers.add_note(order.relation, text="喜欢淡口味", by=host.user, now=NOW + DAY)
    customers.tag_relation(order.relation, name="老客", by=host.user, now=NOW + DAY + MINUTE)
    trade.cancel_order(order, by=host.user, now=NOW + 2 * DAY)
    project_now()

    told = selectors.timeline(order.relation)

    assert [(entry.kind, entry.words, entry.text) for entry in told] == [
        ("order", "下单 ¥99.00", ""),
        ("tag", "你打了标签「老客」", ""),
        ("note", "你记了一笔", "喜欢淡口味"),
        ("contact", "第一次向你下单，成为你的客户", ""),
        ("visit", "看了《春日焕新》", ""),
    ]
    [bought] = [entry for entry in told if entry.kind == "order"]
    assert (bought.order_id, bought.at) == (order.public_id, NOW + 2 * DAY)
    assert [step.words for step in bought.steps] == ["下单", "取消"]
    assert told.next == ""


def test_the_timeline_goes_on_where_the_page_ended(host: Host) -> None:
    relation = a_customer(host, "13800008000", at=NOW - DAY)
    for n in range(7):
        customers.add_note(relation, text=f"第 {n} 笔", by=host.user, now=NOW)  # all at one moment
        customers.mark_contacted(relation, by=host.user, now=NOW + n * MINUTE)

    whole = selectors.timeline(relation, limit=100)
    pages, cursor = [], ""
    while True:
        page = selectors.timeline(relation, before=cursor, limit=4)
        pages += page
        if not (cursor := page.next):
            break

    assert [entry.id for entry in pages] == [entry.id for entry in whole]
    assert len(whole) == 15


@pytest.mark.parametrize("cursor", ["nonsense", "你好", "MjAyNg", "A" * 500])
def test_a_cursor_that_makes_no_sense_gives_the_first_page(host: Host, cursor: str) -> None:
    relation = a_customer(host, "13800008000", at=NOW)
    assert len(selectors.timeline(relation, before=cursor)) == 1


def test_nothing_of_another_host_is_told(host: Host) -> None:
    other, sku, visitor = a_host("zhao"), a_sku(), a_visitor(NOW)
    mine = buy(host, sku, at=NOW, visitor=visitor).relation
    buy(other, sku, at=NOW, visitor=visitor)
    look(a_link(other, a_material(), at=NOW), visitor, at=NOW + DAY)
    project_now()

    assert {entry.words for entry in selectors.timeline(mine)} == {
        "下单 ¥59.00",
        "第一次向你下单，成为你的客户",
    }


def test_what_was_with_the_former_host_is_not_told_as_mine(host: Host) -> None:
    new, visitor = a_host("zhao"), a_visitor(NOW)
    order = buy(host, a_sku(price_fen=9_900), at=NOW, visitor=visitor)
    friend, _ = customers.attach_external_contact(host, external_userid="wm1", name="小月", now=NOW)
    customers.update_relation(
        order.relation,
        remark="",
        phone=order.relation.phone,
        next_action="回访",
        next_action_on=NOW.date(),
        by=host.user,
        now=NOW,
    )
    customers.tag_relation(order.relation, name="老客", by=host.user, now=NOW + MINUTE)
    customers.mark_contacted(order.relation, by=host.user, now=NOW + 2 * MINUTE)
    trade.mark_paid(order, by=host.user, now=NOW + 3 * MINUTE)
    both = Relation.objects.filter(pk__in=[order.relation_id, friend.pk])
    acts.hand_over(host, new, relations=both, scope="", reason="换人", by=None, now=NOW + DAY)
    for relation in both:
        customers.mark_contacted(relation, by=new.user, now=NOW + DAY + MINUTE)
    project_now()
    bought, befriended = (Relation.objects.get(pk=pk) for pk in (order.relation_id, friend.pk))

    told = selectors.timeline(bought)
    assert {entry.words for entry in told} == {
        "你联系了她",
        "交接给你",
        "联系了她",
        "打了标签「老客」",
        "定了下一步",
        "下单 ¥99.00",
        "第一次下单，成为客户",
    }
    [placed] = [entry for entry in told if entry.kind == "order"]
    assert [step.words for step in placed.steps] == ["下单", "收款"]
    assert "加了企业微信" in {entry.words for entry in selectors.timeline(befriended)}
    listed = {row.relation.pk: row.last_act for row in selectors.customer_rows(new, now=NOW + DAY).rows}
    assert listed[friend.pk] == "加了企业微信"
    assert next(care.why for care in selectors.who_to_care_for(new, NOW + DAY)).startswith("定了")


def test_the_timeline_takes_the_same_queries_however_long(host: Host) -> None:
    visitor, sku = a_visitor(NOW), a_sku()
    taken = []
    for n in range(2):
        for step in range(1 + 10 * n):
            at = NOW + (n * 20 + step) * DAY / 10
            look(a_link(host, a_material(f"{n}-{step}"), at=at), visitor, at=at)
            relation = buy(host, sku, at=at + MINUTE, visitor=visitor).relation
            customers.add_note(relation, text="记", by=host.user, now=at)
            customers.tag_relation(relation, name=f"标签{n}{step}", by=host.user, now=at)
        project_now()
        with CaptureQueriesContext(connection) as queries:
            selectors.timeline(relation)
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 8


# --- whom to care for -------------------------------------------------------------------------------------


def ready(host: Host, phone: str, name: str, **columns: object) -> Relation:
    """A customer of a year ago, with these facts."""
    relation = a_customer(host, phone, at=NOW - 20 * DAY, name=name)
    Facts.objects.filter(pk=relation.pk).update(
        **{"joined_at": NOW - 300 * DAY, "last_event_at": NOW - 9 * DAY, **columns}
    )
    return relation


@pytest.mark.parametrize("fact", timelines.TOLD)
def test_whatever_the_timeline_tells_has_words(fact: Fact) -> None:
    if fact not in timelines.ABOUT_TAGS:
        assert wording.say_act(fact, "", None, {}) != wording.UNSAID


def test_a_shelf_is_hers_for_the_host_and_nobodys_where_others_read() -> None:
    assert wording.say_act(Fact.SHELF_VIEWED, "shelf", 1, {}) == "逛了你的货架"
    assert wording.say_subject("shelf", 1, {}) == "货架"


def test_a_plan_that_is_given_up_is_told(host: Host) -> None:
    relation = a_customer(host, "13800000009", at=NOW - DAY, name="小雨")
    for moment, action in ((NOW, "问尺码"), (NOW + MINUTE, "")):
        customers.update_relation(
            relation, remark="", phone=relation.phone, next_action=action, by=host.user, now=moment
        )
    project_now()

    assert [entry.words for entry in selectors.timeline(relation)][:2] == ["你划掉了下一步", "你定了下一步"]


def test_each_reason_is_told_in_words_with_a_sentence_to_begin(host: Host) -> None:
    material = a_material("春日焕新")
    planned = ready(host, "13800000001", "小雨")
    customers.update_relation(
        planned,
        remark="三楼爱便宜",
        phone=planned.phone,
        next_action="问尺码",
        next_action_on=NOW.date(),
        by=host.user,
        now=NOW,
    )
    ready(host, "13800000002", "阿秀", birthday=306)
    ready(
        host,
        "13800000003",
        "陈姐",
        last_event="material.read",
        last_subject_kind="material",
        last_subject_id=material.pk,
        last_event_at=NOW - DAY,
    )
    a_customer(host, "13800000004", at=NOW - 2 * DAY, name="新来的")
    ready(
        host,
        "13800000005",
        "周姐",
        orders_count=4,
        first_order_at=NOW - 100 * DAY,
        last_order_at=NOW - 42 * DAY,
    )
    ready(
        host,
        "13800000006",
        "吴姐",
        orders_count=1,
        gmv_fen=123_400,
        last_order_at=NOW - 70 * DAY,
        last_event_at=NOW - 70 * DAY,
    )
    ready(host, "13800000007", "无事")

    cared = selectors.who_to_care_for(host, NOW, limit=10)

    assert [(one.reason, one.why) for one in cared] == [
        ("due", "你定了今天：问尺码"),
        ("birthday", "明天生日（3月6日）"),
        ("looked", "昨天看了《春日焕新》，还没下单"),
        ("greet", "3月3日成为你的客户，还没打过招呼"),
        ("rebuy", "平均 19 天买一次，这次隔了 42 天"),
        ("sleeping", "70 天没动静，一共买过 ¥1,234.00"),
    ]
    assert cared[1].opener.startswith("阿秀，提前祝你")


@pytest.mark.parametrize("kind", ["product", "material"])
def test_nobody_is_recommended_what_is_sold_out(host: Host, kind: str) -> None:
    gone = a_sku("高山苹果", stock=0).product
    material = a_material("苹果怎么挑")
    Material.objects.filter(pk=material.pk).update(product=gone)
    ready(
        host,
        "13800000003",
        "陈姐",
        last_event=f"{kind}.read",
        last_subject_kind=kind,
        last_subject_id=material.pk if kind == "material" else gone.pk,
        last_event_at=NOW - DAY,
    )

    [care] = selectors.who_to_care_for(host, NOW)
    assert care.why.endswith("，卖完了")
    assert "给你推荐" not in care.opener
    assert "「高山苹果」暂时没货" in care.opener

    a_sku("砀山梨", stock=7)
    [care] = selectors.who_to_care_for(host, NOW)
    assert "「高山苹果」没货了，「砀山梨」也不错" in care.opener


def test_pauses_are_counted_in_shanghais_days(host: Host) -> None:
    late = datetime(2026, 1, 3, 23, 50, tzinfo=SHANGHAI)
    quiet = {"orders_count": 1, "gmv_fen": 100, "last_order_at": late, "last_event_at": late}
    ready(host, "13800000006", "吴姐", **quiet)
    [care] = selectors.who_to_care_for(host, NOW)
    assert care.why.startswith("61 天没动静")  # sixty times 24 hours


@pytest.mark.parametrize(
    ("remark", "greeting"),
    [
        ("", "郭可馨，"),
        ("阿珍", "阿珍，"),
        ("楼上王姐", "楼上王姐，"),
        ("朵朵妈", "朵朵妈，"),
        ("糖糖", "糖糖，"),
        ("三单元张阿姨", "三单元张阿姨，"),
        ("郭可馨 3楼 嫌贵", "郭可馨，"),
        ("三楼爱便宜", ""),
        ("欠 39 元", ""),
        ("13800000000", ""),
    ],
)
def test_a_text_calls_her_as_the_list_does_and_tells_no_note(host: Host, remark: str, greeting: str) -> None:
    one = ready(host, "13800000001", "郭可馨", birthday=305)
    customers.update_relation(one, remark=remark, phone=one.phone, by=host.user, now=NOW)

    [care] = selectors.who_to_care_for(host, NOW)

    assert care.opener.split("生日快乐")[0] == greeting
    assert care.name == (remark or "郭可馨")


def test_whom_she_just_talked_to_is_left_in_peace(host: Host) -> None:
    one = ready(host, "13800000001", "阿秀", birthday=305)
    assert [care.relation.pk for care in selectors.who_to_care_for(host, NOW)] == [one.pk]

    customers.mark_contacted(one, by=host.user, now=NOW - DAY)
    assert selectors.who_to_care_for(host, NOW) == []

    customers.update_relation(
        one, remark="", phone=one.phone, next_action_on=NOW.date(), by=host.user, now=NOW
    )
    assert [care.reason for care in selectors.who_to_care_for(host, NOW)] == ["due"]


def test_the_list_is_short_and_mixed(host: Host) -> None:
    for n in range(6):
        ready(host, f"1380000000{n}", f"客{n}", birthday=305, gmv_fen=n)
    ready(host, "13800000009", "睡着的", orders_count=1, last_event_at=NOW - 90 * DAY)

    cared = selectors.who_to_care_for(host, NOW)

    assert [one.name for one in cared] == ["客5", "客4", "睡着的", "客3", "客2"]


def test_who_left_is_not_to_be_cared_for(host: Host) -> None:
    ready(host, "13800000001", "阿秀", birthday=305, is_current=False)
    assert selectors.who_to_care_for(host, NOW) == []


def test_caring_takes_the_same_queries_for_one_and_for_many(host: Host) -> None:
    taken = []
    for n in (1, 20):
        for k in range(n):
            ready(host, f"138000{n:02d}{k:03d}", "客", birthday=305)
        with CaptureQueriesContext(connection) as queries:
            selectors.who_to_care_for(host, NOW)
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 4


def test_an_order_tells_what_became_of_it_at_another_host(host: Host) -> None:
    """She reads the order, its steps and its returns; the ledger of the host between is not hers to read."""
    between = a_host("zhao", "赵店长")
    order = buy(host, a_sku(price_fen=9_900), at=NOW)
    hers = Relation.objects.filter(pk=order.relation_id)
    acts.hand_over(host, between, relations=hers, scope="", reason="换人", by=None, now=NOW + MINUTE)
    order.refresh_from_db()
    trade.confirm_order(order, by=between.user, now=NOW + 2 * MINUTE)
    trade.mark_paid(order, by=between.user, now=NOW + 3 * MINUTE)
    trade.ship_order(order, by=between.user, now=NOW + 4 * MINUTE)
    trade.return_goods(order, amount_fen=1_000, by=between.user, now=NOW + DAY)
    acts.hand_over(between, host, relations=hers, scope="", reason="换回", by=None, now=NOW + 2 * DAY)
    project_now()

    with db_role.acting_as(host.pk):
        told = selectors.timeline(Relation.objects.get(pk=order.relation_id))
        pages = [entry for entry in told if entry.kind == "order"]
        before = selectors.timeline(Relation.objects.get(pk=order.relation_id), before=pages[0].cursor)

    [placed] = pages
    assert placed.at == NOW + DAY
    assert [(step.at, step.words) for step in placed.steps] == [
        (NOW, "下单"),
        (NOW + 2 * MINUTE, "确认"),
        (NOW + 3 * MINUTE, "收款"),
        (NOW + 4 * MINUTE, "发货"),
        (NOW + DAY, "退货 ¥10.00"),
    ]
    assert not [entry for entry in before if entry.kind == "order"]
    [answer] = [
        one
        for one in api_of(host).get(f"/api/v1/customers/{hers.get().public_id}/timeline/").json()["results"]
        if one["kind"] == "order"
    ]
    assert [step["words"] for step in answer["steps"]][-1] == "退货 ¥10.00"
