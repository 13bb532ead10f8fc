"""Her customer list."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import paging
from apps.database.paging import BadPlaceError, Page
from apps.lib.clock import SHANGHAI
from apps.profiles import selectors
from apps.profiles.models import NO_DAY, Facts
from apps.profiles.selectors.rows import birthdays_between
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, a_link, a_material, a_visitor, buy, look
from tests.projecting import project_now

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
def host(db: None) -> Host:
    return a_host()


def many(host: Host, count: int, *, name: str = "客", at: datetime = NOW - 40 * DAY) -> list[Relation]:
    return [
        a_customer(host, f"1390000{n:04d}", at=at + timedelta(minutes=n), name=f"{name}{n}")
        for n in range(count)
    ]


def names(host: Host, **asked: Any) -> list[str]:
    return [row.name for row in selectors.customer_rows(host, now=NOW, **asked).rows]


def test_the_last_to_act_stands_first_with_her_act_in_words(host: Host) -> None:
    sku, visitor = a_sku(), a_visitor(NOW)
    link = a_link(host, a_material("春日焕新"), at=NOW)
    buy(host, sku, at=NOW - 3 * DAY, phone="13800000001", name="阿秀", visitor=visitor)
    buy(host, sku, at=NOW - 2 * DAY, phone="13800000002", name="小雨")
    look(link, visitor, at=NOW - DAY, stays=True)
    project_now()

    first, second = selectors.customer_rows(host, now=NOW).rows

    assert (first.name, first.last_act, first.stage_label) == ("阿秀", "看了《春日焕新》", "成长")
    assert (second.name, second.last_act, second.year_fen) == ("小雨", "下单", 5_900)


def all_pages(host: Host, **asked: Any) -> list[Page[selectors.CustomerRow]]:
    pages = [selectors.customer_rows(host, now=NOW, **asked)]
    while pages[-1].has_next:
        pages.append(selectors.customer_rows(host, now=NOW, after=pages[-1].next, **asked))
    return pages


def test_a_page_holds_twenty_and_the_last_one_says_so(host: Host) -> None:
    many(host, 65)
    pages = all_pages(host)

    assert [len(page.rows) for page in pages] == [20, 20, 20, 5]
    assert [page.has_next for page in pages] == [True, True, True, False]
    seen = [row.relation.pk for page in pages for row in page.rows]
    assert len(seen) == len(set(seen)) == 65


def test_another_hosts_customers_are_nowhere(host: Host) -> None:
    other = a_host("zhao")
    a_customer(other, "13800008000", at=NOW, name="别人的")
    a_customer(host, "13900009000", at=NOW, name="我的")

    assert names(host) == ["我的"]
    assert names(host, query="别人") == []
    assert names(host, query="8000") == []
    assert selectors.view_counts(host, NOW)["all"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("小雨", ["小雨"]),
        ("雨", ["小雨"]),
        ("xy", ["小雨"]),
        ("XY", ["小雨"]),
        ("三楼", ["阿秀"]),
        ("sl", ["阿秀"]),
        ("秀", ["阿秀"]),
        ("0001", ["小雨"]),
        ("13800000002", ["阿秀"]),
        ("138 0000 0002", ["阿秀"]),
        ("12345678901", []),
        ("138-0000-0002", ["阿秀"]),
        ("１３８００００ ０００２", ["阿秀"]),
        ("+86 138 0000 0002", ["阿秀"]),
        ("三 楼", ["阿秀"]),
        ("xiaoyu", ["小雨"]),
        ("Xiao Yu", ["小雨"]),
        ("ＸＹ", ["小雨"]),
        ("sanlouax", ["阿秀"]),
        ("没有", []),
        ("  ", ["阿秀", "小雨"]),
    ],
)
def test_search_finds_by_name_remark_initials_and_phone(host: Host, query: str, found: list[str]) -> None:
    a_customer(host, "13800000001", at=NOW - DAY, name="小雨")
    friend = a_customer(host, "13800000002", at=NOW, name="阿秀")
    Relation.objects.filter(pk=friend.pk)
    customers.update_relation(friend, remark="三楼阿秀", phone=friend.phone, by=host.user, now=NOW)

    shown = selectors.customer_rows(host, query=query, now=NOW).rows

    assert [row.relation.name for row in shown] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("13811112222", ["甲", "乙"]),
        ("\u202d138-1111-2222\u202c", ["甲", "乙"]),
        ("13811112222-1234", ["甲"]),
        ("13811112222-9999", []),
        ("0571-88888888", ["丙"]),
        ("0571-88888888-801", ["丙"]),
        ("jose", ["José"]),
    ],
)
def test_a_number_finds_whoever_is_behind_it(host: Host, query: str, found: list[str]) -> None:
    known = {"甲": "13811112222-1234", "乙": "13811112222", "丙": "0571-88888888转801", "José": "13900002222"}
    for hours, (name, phone) in enumerate(known.items()):
        a_customer(host, phone, at=NOW - timedelta(hours=hours), name=name)

    assert names(host, query=query) == found


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("曾小贤", ["zxx", "zengxx", "zengxiaoxian", "cengxiaoxian", "xiaoxian", "曾 小贤"]),
        ("单雄信", ["sxx", "shanxiongxin"]),
        ("仇小雨", ["qxy", "qiu xiaoyu"]),
        ("解珍", ["xz"]),
        ("查理", ["zl", "zhali"]),
        ("区凤", ["of"]),
        ("朴信", ["px", "piao"]),
        ("盖文", ["gw", "gewen"]),
        ("尉迟恭", ["ycg", "yuchi"]),
        ("万俟洛", ["mql", "moqi"]),
        ("吕布", ["lvbu", "lubu", "lb"]),
        ("Anne-Marie O’Néill", ["annemarie", "anne marie", "o'néill"]),
        ("Ａｍｙ", ["amy"]),
        ("𠮷野家", ["𠮷野", "野家"]),
        ("阿依古丽·买买提", ["阿依古丽买买提", "aygl"]),
    ],
)
def test_a_name_is_found_however_it_is_read_and_written(host: Host, name: str, asked: list[str]) -> None:
    a_customer(host, "13800000001", at=NOW, name=name)
    a_customer(host, "13800000002", at=NOW, name="欢欢")

    assert {query: names(host, query=query) for query in asked} == {query: [name] for query in asked}


def test_names_stand_in_the_order_in_which_they_are_read(host: Host) -> None:
    ordered = ["盖文", "区凤", "仇小雨", "单雄信", "解珍", "尉迟恭", "曾小贤", "查理"]
    for number, name in enumerate(reversed(ordered)):
        a_customer(host, f"1380000000{number}", at=NOW, name=name)

    assert names(host, sort="name") == ordered


def put(relation: Relation, **columns: Any) -> None:
    """What the projection would have found."""
    Facts.objects.filter(pk=relation.pk).update(**columns)


def due(relation: Relation) -> None:
    customers.update_relation(
        relation,
        remark="",
        phone=relation.phone,
        next_action="回访",
        next_action_on=NOW.date(),
        by=relation.host.user,
        now=NOW,
    )


def born_on_sunday(relation: Relation) -> None:
    relation.birthday_month, relation.birthday_day = 3, 8
    relation.save()


@pytest.mark.parametrize(
    ("view", "make"),
    [
        ("due", due),
        ("new", lambda one: put(one, joined_at=NOW - 6 * DAY)),
        ("birthday", born_on_sunday),
        ("sleeping", lambda one: put(one, last_event_at=NOW - 60 * DAY)),
        ("valued", lambda one: put(one, gmv_fen=1)),
    ],
)
def test_a_view_holds_whom_its_chip_counts(host: Host, view: str, make: Callable[[Relation], None]) -> None:
    one, _, gone = many(host, 3, at=NOW - 20 * DAY)
    make(one)
    make(gone)
    Relation.objects.filter(pk=gone.pk).update(ended_at=NOW)

    page = selectors.customer_rows(host, view=view, now=NOW)

    assert [row.relation.pk for row in page.rows] == [one.pk]
    counts = selectors.view_counts(host, NOW)
    assert (counts[view], counts["all"]) == (1, 3)


def test_a_fifth_of_the_buyers_is_valued_the_best_first(host: Host) -> None:
    for n, relation in enumerate(many(host, 12)):
        put(relation, gmv_fen=n * 100)  # the first has bought nothing: 11 buyers

    page = selectors.customer_rows(host, view="valued", now=NOW)

    assert [row.facts.gmv_fen for row in page.rows] == [1100, 1000, 900]
    assert selectors.view_counts(host, NOW)["valued"] == 3
    assert names(host, view="valued", query="客11") == ["客11"]


def test_the_list_can_be_put_in_other_orders(host: Host) -> None:
    one, two, three = (
        a_customer(host, phone, at=NOW - 9 * DAY, name=name)
        for phone, name in (("13800000001", "陈"), ("13800000002", "阿秀"), ("13800000003", "林"))
    )
    put(one, last_order_at=NOW - DAY, gmv_fen=1)
    put(two, last_order_at=NOW - 2 * DAY, gmv_fen=3)
    put(three, last_order_at=NOW - 3 * DAY, gmv_fen=2)
    customers.mark_contacted(one, by=host.user, now=NOW - DAY)
    customers.mark_contacted(two, by=host.user, now=NOW - 3 * DAY)

    assert names(host, sort="order") == ["陈", "阿秀", "林"]
    assert names(host, sort="money") == ["阿秀", "林", "陈"]
    assert names(host, sort="contact") == ["林", "阿秀", "陈"]
    assert names(host, sort="name") == ["阿秀", "陈", "林"]
    assert names(host, sort="name", query="阿") == ["阿秀"]
    assert names(host, view="nonsense", sort="nonsense") == names(host)


@pytest.mark.parametrize("sort", list(selectors.SORTS))
@pytest.mark.parametrize("query", ["", "客"])
def test_pages_of_every_order_hold_everybody_once(host: Host, sort: str, query: str) -> None:
    people = many(host, 65)
    for n, relation in enumerate(people):
        put(
            relation,
            gmv_fen=n % 4,
            last_order_at=NOW - (n % 3) * DAY,
            next_action_on=(NOW + n % 2 * DAY).date(),
        )
    for relation in people[:20:2]:
        customers.mark_contacted(relation, by=host.user, now=NOW - DAY)

    pages = all_pages(host, sort=sort, query=query)

    shown = [row.relation.pk for page in pages for row in page.rows]
    assert len(shown) == 65
    assert set(shown) == {one.pk for one in people}


def test_marking_some_of_page_one_leaves_nobody_out_of_page_two(host: Host) -> None:
    people = many(host, 45)
    first = selectors.customer_rows(host, sort="contact", now=NOW)
    for row in first.rows[:5]:
        customers.mark_contacted(row.relation, by=host.user, now=NOW)

    second = selectors.customer_rows(host, sort="contact", after=first.next, now=NOW)
    third = selectors.customer_rows(host, sort="contact", after=second.next, now=NOW)

    shown = [row.relation.pk for page in (first, second, third) for row in page.rows]
    assert set(shown) == {one.pk for one in people}
    assert len(shown) == len(set(shown)) == 45


@pytest.mark.parametrize("sort", ["act", "name"])
def test_a_list_that_shrinks_from_above_loses_nobody(host: Host, sort: str) -> None:
    for relation in many(host, 40):
        due(relation)
        put(relation, next_action_on=NOW.date())
    first = selectors.customer_rows(host, view="due", sort=sort, now=NOW)
    for row in first.rows[-5:]:
        put(row.relation, next_action_on=NO_DAY)

    second = selectors.customer_rows(host, view="due", sort=sort, after=first.next, now=NOW)

    assert len({row.relation.pk for row in (*first.rows, *second.rows)}) == 40


@pytest.mark.parametrize("place", ["x", "AAAA", "é", "x" * 500])
def test_a_made_up_place_is_refused(host: Host, place: str) -> None:
    with pytest.raises(BadPlaceError):
        selectors.customer_rows(host, after=place, now=NOW)


def test_a_place_of_another_order_is_refused(host: Host) -> None:
    many(host, 31)
    other = selectors.customer_rows(host, sort="money", now=NOW).next

    with pytest.raises(BadPlaceError):
        selectors.customer_rows(host, sort="contact", after=other, now=NOW)


def rename(relations: Iterable[Relation], name: str) -> None:
    for relation in relations:
        customers.update_relation(relation, remark=name, phone=relation.phone, by=relation.host.user, now=NOW)


def test_by_name_nobody_is_lost_or_shown_twice_while_names_change(host: Host) -> None:
    relations = many(host, 95)
    first = selectors.customer_rows(host, sort="name", now=NOW)
    renamed = [first.rows[-1].relation, first.rows[3].relation]
    unseen = {one.pk for one in relations} - {row.relation.pk for row in first.rows}
    rename(renamed, "祝后来")
    rename(Relation.objects.filter(pk=max(unseen)), "阿早")

    pages = [first]
    while pages[-1].has_next:
        pages.append(selectors.customer_rows(host, sort="name", after=pages[-1].next, now=NOW))

    seen = [row.relation.pk for page in pages for row in page.rows]
    assert len(seen) == len(set(seen)) == 95


def test_a_long_list_by_name_goes_on_when_its_place_begins_anew(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "REMEMBERED", 40)
    many(host, 95)

    seen = [row.relation.pk for page in all_pages(host, sort="name") for row in page.rows]

    assert len(seen) == len(set(seen)) == 95


def test_birthdays_cross_the_year_and_the_leap_day() -> None:
    assert birthdays_between(date(2026, 12, 30), 4) == [1230, 1231, 101, 102]
    assert birthdays_between(date(2026, 2, 27), 3) == [227, 228, 301, 229]
    assert birthdays_between(date(2028, 2, 27), 3) == [227, 228, 229]


@pytest.mark.parametrize("query", ["", "客"])
@pytest.mark.parametrize("view", ["all", "valued"])
def test_the_list_takes_the_same_few_queries_for_twelve_and_for_forty(
    host: Host, view: str, query: str
) -> None:
    material, sku = a_material(), a_sku()
    taken = []
    for n in (12, 40):
        for relation in many(host, n):
            kind, pk = ("material", material.pk) if relation.pk % 2 else ("product", sku.product_id)
            put(relation, gmv_fen=9, last_event="x.viewed", last_subject_kind=kind, last_subject_id=pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            selectors.customer_rows(host, view=view, query=query, now=NOW)
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 4
    with CaptureQueriesContext(connection) as queries:
        selectors.view_counts(host, NOW)
    assert len(queries) == 1


def test_the_list_is_read_by_its_index(host: Host) -> None:
    many(host, 40)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        found = Facts.objects.filter(host_id=host.pk)
        for order in ("-last_event_at", "-last_order_at", "-gmv_fen"):
            plan = found.order_by(order, "-relation")[:30].explain()
            assert "Index Scan using facts_host" in plan, plan
            assert "Sort" not in plan, plan
