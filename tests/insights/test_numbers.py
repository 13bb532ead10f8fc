"""What hosts and HQ read: numbers of a span, by day, by material, by issue."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Host, User
from apps.accounts.scope import EVERYBODY
from apps.insights import selectors
from apps.insights.selectors import MaterialResult, last_days
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue, IssueEntry, Material
from apps.outbox.models import Delivery, Letter
from apps.outbox.services import heartbeats
from apps.trade import services as trade
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import (
    MINUTE,
    a_customer,
    a_link,
    a_material,
    a_visitor,
    buy,
    look,
    open_material,
    share,
)
from tests.projecting import project_now

NOW = datetime(2026, 3, 5, 21, 0, tzinfo=SHANGHAI)  # a Thursday
TODAY = date(2026, 3, 5)
DAY = timedelta(days=1)


@pytest.fixture
def host(db: None) -> Host:
    return a_host()


def an_issue(*materials: Material, starts_on: date = date(2026, 3, 2)) -> Issue:
    """A live issue with these materials; it is the fourth day of it."""
    issue = Issue(number=7, theme="春日", starts_on=starts_on, owner=a_host("owner", "阿编").user, live=True)
    issue.entries = [IssueEntry(material=one, day=n + 1) for n, one in enumerate(materials)]
    issue.save()
    return issue


def test_yesterday_is_told_in_one_query(host: Host) -> None:
    visitor, link = a_visitor(NOW), a_link(host, a_material(), at=NOW)
    look(link, visitor, at=NOW - DAY)
    buy(host, a_sku(price_fen=10_000, commission_bp=500), at=NOW - DAY, link=link, visitor=visitor)
    look(link, visitor, at=NOW)
    project_now()

    with CaptureQueriesContext(connection) as queries:
        brought = selectors.yesterday(host, NOW)

    assert len(queries) == 1
    assert (brought.day, brought.visits, brought.new_customers, brought.orders) == (TODAY - DAY, 1, 1, 1)
    assert (brought.gmv_fen, brought.commission_fen) == (10_000, 500)


@pytest.mark.parametrize(
    ("period", "orders"), [("today", 1), ("7d", 2), ("30d", 3), ("issue", 2), ("nonsense", 1)]
)
def test_a_period_holds_its_days(host: Host, period: str, orders: int) -> None:
    sku = a_sku()
    an_issue(a_material())
    for ago in (0, 2, 9, 31):
        buy(host, sku, at=NOW - ago * DAY)
    project_now()

    assert selectors.host_numbers(host, period, NOW).orders == orders


def test_the_numbers_of_a_span(host: Host) -> None:
    sku, link = a_sku(price_fen=10_000, commission_bp=1_000), a_link(host, a_material(), at=NOW)
    anna, bea = a_visitor(NOW), a_visitor(NOW)
    for visitor, ago in ((anna, 0), (anna, 1), (bea, 1), (bea, 40)):
        look(link, visitor, at=NOW - ago * DAY)
    buy(host, sku, at=NOW - 2 * DAY, phone="13800000001")
    buy(host, sku, at=NOW - DAY, phone="13800000001")
    returned = buy(host, sku, at=NOW - DAY, phone="13800000002")
    trade.cancel_order(returned, by=None, now=NOW)
    a_customer(host, "13800000003", at=NOW - 20 * DAY)
    share(link, at=NOW)
    project_now()

    found = selectors.host_numbers(host, "7d", NOW)

    assert (found.visits, found.visitors, found.shares) == (3, 2, 1)
    assert (found.customers, found.new_customers) == (3, 2)
    assert (found.orders, found.placed_fen, found.taken_back_fen, found.gmv_fen) == (
        3,
        30_000,
        10_000,
        20_000,
    )
    assert found.commission_fen == 2_000
    assert (found.buyers, found.returning_buyers) == (2, 1)


def test_a_host_without_anything_has_zeros(host: Host) -> None:
    found = selectors.host_numbers(host, "30d", NOW)
    assert (found.visits, found.orders, found.gmv_fen) == (0, 0, 0)
    assert [day.orders for day in selectors.host_series(host, 3, NOW)] == [0, 0, 0]


def test_the_days_add_up_to_the_span(host: Host) -> None:
    sku, link, visitor = a_sku(), a_link(host, a_material(), at=NOW), a_visitor(NOW)
    for ago in range(5):
        look(link, visitor, at=NOW - ago * DAY)
        buy(host, sku, at=NOW - ago * DAY + MINUTE, visitor=visitor)
    project_now()

    days, found = selectors.host_series(host, 7, NOW), selectors.host_numbers(host, "7d", NOW)

    assert [day.day for day in days] == [TODAY - n * DAY for n in range(6, -1, -1)]
    for name in ("visits", "orders", "gmv_fen", "commission_fen", "new_customers", "shares"):
        assert sum(getattr(day, name) for day in days) == getattr(found, name), name


def test_one_hosts_numbers_hold_nothing_of_anothers(host: Host) -> None:
    other, sku = a_host("zhao"), a_sku()
    buy(other, sku, at=NOW)
    look(a_link(other, a_material(), at=NOW), a_visitor(NOW), at=NOW)
    project_now()

    assert selectors.host_numbers(host, "7d", NOW).orders == 0
    assert selectors.host_numbers(other, "7d", NOW).orders == 1
    assert selectors.numbers(last_days(7, NOW), hosts=EVERYBODY).orders == 1


def test_a_region_adds_up_its_own_hosts(db: None) -> None:
    east, west = a_branch("华东"), a_branch("华西")
    sku = a_sku()
    for username, branch, count in (("e1", east, 1), ("e2", east, 2), ("w1", west, 4)):
        host = a_host(username, organisation=branch)
        for _ in range(count):
            buy(host, sku, at=NOW)
    project_now()

    eastern = Host.objects.all().below(east)

    assert selectors.numbers(last_days(7, NOW), hosts=eastern).orders == 3
    assert sum(day.orders for day in selectors.series(last_days(7, NOW), hosts=eastern)) == 3
    assert selectors.numbers(last_days(7, NOW), hosts=EVERYBODY).orders == 7


def test_a_material_shows_what_came_of_it(host: Host) -> None:
    other, sku = a_host("zhao"), a_sku(price_fen=10_000)
    material, quiet = a_material("一"), a_material("二")
    hers, his = a_link(host, material, at=NOW), a_link(other, material, at=NOW)
    anna, bea = a_visitor(NOW), a_visitor(NOW)
    share(hers, at=NOW)
    share(hers, at=NOW)
    share(his, at=NOW)
    look(hers, anna, at=NOW, stays=True)
    look(hers, bea, at=NOW)
    order = buy(host, sku, at=NOW + 2 * MINUTE, link=hers, visitor=anna, quantity=2)
    buy(other, sku, at=NOW, link=his, visitor=bea)
    trade.confirm_order(order, by=None, now=NOW)
    trade.ship_order(order, by=None, now=NOW)
    trade.return_goods(order, amount_fen=5_000, by=None, now=NOW)
    project_now()

    mine = selectors.material_results(host, [material.pk, quiet.pk])
    everybodys = selectors.material_results(EVERYBODY, [material.pk, quiet.pk])

    assert mine[material.pk] == MaterialResult(
        hosts=1, shares=2, reached=2, read=1, ordered=1, orders=1, gmv_fen=15_000
    )
    assert mine[quiet.pk] == MaterialResult()
    assert everybodys[material.pk] == MaterialResult(
        hosts=2, shares=3, reached=3, read=2, ordered=2, orders=2, gmv_fen=25_000
    )
    assert selectors.material_results(host, []) == {}


def test_the_funnel_narrows_and_keeps_to_issue_and_span(host: Host) -> None:
    planned, other = a_material("一"), a_material("二")
    issue = an_issue(planned)
    sku = a_sku()
    visitors = [a_visitor(NOW) for _ in range(4)]
    link, elsewhere = a_link(host, planned, at=NOW), a_link(host, other, at=NOW)
    for visitor in visitors:
        look(link, visitor, at=NOW)
    look(link, visitors[0], at=NOW, stays=True)
    buy(host, sku, at=NOW, link=link, visitor=visitors[1])
    look(elsewhere, visitors[0], at=NOW)
    old = a_visitor(NOW)
    look(link, old, at=NOW - 30 * DAY)
    share(link, at=NOW)
    project_now()

    span = selectors.span_of("issue", NOW)
    found = selectors.funnel(span, issue=issue, hosts=EVERYBODY)

    assert (found.reached, found.read, found.ordered, found.shares) == (4, 2, 1, 1)
    assert selectors.funnel(span, hosts=EVERYBODY).reached == 5
    assert selectors.funnel(span, hosts=a_host("zhao")).reached == 0
    assert [count for _, _, count in found.steps] == sorted((4, 2, 1), reverse=True)


def test_adoption_counts_hosts_day_by_day(db: None) -> None:
    material, other = a_material("一"), a_material("二")
    issue = an_issue(material)
    lin, zhao, chen = (a_host(name) for name in ("lin", "zhao", "chen"))
    gone = a_host("gone")
    Host.objects.filter(pk=gone.pk).update(status=Host.Status.LEFT)
    open_material(lin, material, at=NOW - 3 * DAY)
    share(a_link(lin, material, at=NOW), at=NOW - DAY)
    share(a_link(lin, material, at=NOW), at=NOW)
    share(a_link(zhao, material, at=NOW), at=NOW - DAY)
    share(a_link(chen, other, at=NOW), at=NOW)  # not of this issue
    share(a_link(gone, material, at=NOW), at=NOW)  # what she did stays when she has left
    open_material(chen, material, at=NOW - 9 * DAY)  # before it began
    project_now()

    found = selectors.issue_adoption(issue, NOW, hosts=EVERYBODY)

    assert (found.active, found.opened, found.shared) == (5, 3, 3)  # with the issue's owner
    assert [(day.number, day.opened, day.shared) for day in found.days] == [
        (1, 1, 0),
        (2, 1, 0),
        (3, 2, 2),
        (4, 3, 3),
    ]


def test_hosts_to_call_say_why_and_what_to_talk_about(db: None) -> None:
    material = a_material()
    an_issue(material)
    sku = a_sku(price_fen=60_000)
    waiting, falling, unsold, unshared, unopened, busy = (
        a_host(name) for name in ("waiting", "falling", "unsold", "unshared", "unopened", "busy")
    )
    Host.objects.filter(user__username="owner").update(status=Host.Status.LEFT)
    buy(waiting, sku, at=NOW - 2 * DAY)
    order = buy(falling, sku, at=NOW - 20 * DAY)
    trade.confirm_order(order, by=None, now=NOW - 19 * DAY)
    for _ in range(11):
        look(a_link(unsold, material, at=NOW), a_visitor(NOW), at=NOW - DAY)
    open_material(unshared, material, at=NOW - DAY)
    share(a_link(unopened, material, at=NOW), at=NOW - 20 * DAY)
    share(a_link(busy, material, at=NOW), at=NOW - DAY)
    project_now()

    called = selectors.hosts_to_call(NOW, hosts=EVERYBODY)

    assert [(one.host.user.username, one.reason) for one in called] == [
        ("waiting", "waiting"),
        ("falling", "falling"),
        ("unsold", "unsold"),
        ("unshared", "unshared"),
        ("unopened", "unopened"),
    ]
    assert called[0].why == "1 张订单放了一天多还没确认，共 ¥600.00"
    assert called[1].why == "近两周成交 ¥0.00，比前两周少了 100%"
    # 119 of 600 is 19.83 %, so 80.17 % less: as everywhere, halves go up and less than a half goes down.
    again = buy(falling, a_sku(price_fen=11_900), at=NOW - 2 * DAY)
    trade.confirm_order(again, by=None, now=NOW - 2 * DAY)
    project_now()
    assert selectors.hosts_to_call(NOW, hosts=EVERYBODY)[1].why.endswith("比前两周少了 80%")
    assert called[2].why == "7 天里带来 11 次来访，一单没成"
    assert called[3].why == "本期打开了 1 个素材，还没转发过，以前也没转发过"
    assert called[4].why == "本期第 4 天了，还没打开过，上次转发是2月13日"
    assert all(one.say for one in called)


def test_a_share_of_something_else_in_the_issue_s_days_is_told_as_that(db: None) -> None:
    material, other = a_material(), a_material("旧素材")
    an_issue(material)
    Host.objects.filter(user__username="owner").update(status=Host.Status.LEFT)
    unshared, unopened = a_host("unshared"), a_host("unopened")
    open_material(unshared, material, at=NOW - DAY)
    for host in (unshared, unopened):
        share(a_link(host, other, at=NOW - DAY), at=NOW - DAY)
    project_now()

    called = {one.reason: one.why for one in selectors.hosts_to_call(NOW, hosts=EVERYBODY)}

    assert called == {
        "unshared": "打开了 1 个本期的素材，还没转发过；上次转发别的是昨天",
        "unopened": "本期第 4 天了，还没打开过本期的素材；上次转发别的是昨天",
    }


def test_hosts_to_call_keeps_to_the_region_and_the_limit(db: None) -> None:
    an_issue(a_material())
    east = a_branch("华东")
    mine = [a_host(f"e{n}", organisation=east) for n in range(3)]
    for n in range(12):
        a_host(f"w{n}")
    # Who never signed in has just come, and needs another thing than a call about the issue.
    User.objects.update(last_login=NOW - 20 * DAY)
    Host.objects.update(joined_at=NOW - 90 * DAY)
    project_now()

    assert len(selectors.hosts_to_call(NOW, hosts=EVERYBODY)) == 10
    eastern = selectors.hosts_to_call(NOW, hosts=Host.objects.all().below(east))
    assert {one.host.pk for one in eastern} == {host.pk for host in mine}


def test_delivery_health_counts_the_last_day(db: None) -> None:
    assert selectors.delivery_health(NOW).is_worker_silent
    for process in (heartbeats.WORKER, *heartbeats.LANE):
        assert selectors.delivery_health(NOW).is_worker_silent
        heartbeats.beat(process)
    letter = Letter.objects.create(kind="x", body="x")
    now = letter.created_at + timedelta(seconds=1)
    for n, state in enumerate(("new", "sent", "sent", "dead")):
        Delivery.objects.create(
            kind="x",
            key=f"k{n}",
            letter=letter,
            host_id=n,
            lane="normal",
            state=state,
            sent_at=now if state == "sent" else None,
            outcome="放弃" if state == "dead" else "",
        )

    health = selectors.delivery_health(now)

    assert (health.sent, health.waiting, health.failed) == (2, 1, 1)
    assert not health.is_worker_silent
    assert health.waiting_since is None
    assert selectors.delivery_health(now + timedelta(minutes=3)).waiting_since is not None


def test_every_question_takes_the_same_queries_for_one_host_and_for_many(db: None) -> None:
    material = a_material()
    issue = an_issue(material)
    sku = a_sku()
    span = selectors.span_of("issue", NOW)
    questions: dict[str, Any] = {
        "numbers": lambda: selectors.numbers(span, hosts=EVERYBODY),
        "series": lambda: selectors.series(span, hosts=EVERYBODY),
        "results": lambda: selectors.material_results(
            EVERYBODY, Material.objects.values_list("pk", flat=True)
        ),
        "funnel": lambda: selectors.funnel(span, issue=issue, hosts=EVERYBODY),
        "adoption": lambda: selectors.issue_adoption(issue, NOW, hosts=EVERYBODY),
        "calls": lambda: selectors.hosts_to_call(NOW, hosts=EVERYBODY),
    }
    taken: list[dict[str, int]] = []
    for n in (2, 6):
        for k in range(n):
            host = a_host(f"h{n}{k}")
            link, visitor = a_link(host, a_material(f"{n}{k}"), at=NOW), a_visitor(NOW)
            look(link, visitor, at=NOW)
            buy(host, sku, at=NOW - 2 * DAY, link=link, visitor=visitor)
        project_now()
        counts = {}
        for name, ask in questions.items():
            with CaptureQueriesContext(connection) as queries:
                ask()
            counts[name] = len(queries)
        taken.append(counts)
    assert taken[0] == taken[1]
    assert max(taken[0].values()) <= 5
