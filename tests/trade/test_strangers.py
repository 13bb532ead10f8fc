"""Who came only by a doubtful order is seen with it, and is a customer from what makes her one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.catalog.models import Sku
from apps.customers import access, erasure, expiry, exports
from apps.customers import services as customers
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.insights import selectors as numbers
from apps.insights.invariants import check_numbers
from apps.insights.models import HostDay, NewCustomer
from apps.insights.periods import one_day
from apps.lib import clock
from apps.lib.phone import normalise
from apps.privacy.services import data_requests
from apps.profiles import selectors
from apps.profiles.invariants import check_facts
from apps.reach import asking
from apps.records.declarations import Span
from apps.stories import services as stories
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from apps.trade import releasing
from apps.trade import services as trade
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from apps.trade.services import BuyerErasedError
from tests.factories import a_host, a_person_at_hq, a_sku, api_of
from tests.happenings import a_doubtful_order, buy
from tests.imports import files
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)
YES = PLACED + timedelta(days=2)
PHONE = "13800008000"


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def sku() -> Sku:
    return a_sku("茶", price_fen=1_000, stock=100)


@pytest.fixture
def order(lin: Host, sku: Sku) -> Order:
    return a_doubtful_order(lin, sku, at=PLACED)


@contextmanager
def each_wall(host: Host) -> Iterator[None]:
    with db_role.as_identity(db_role.Identity(db_role.Role.HOST, host.pk)):
        yield


def new_on(host: Host, at: datetime) -> tuple[int, int]:
    """(new customers of that day, customers now): the same for host, HQ and worker; and all adds up."""
    project_now()
    assert (check_orders(), check_numbers(), check_facts()) == ([], [], [])
    answers = set()
    for identity in (db_role.Identity(db_role.Role.HOST, host.pk), db_role.HQ, db_role.WORKER):
        with db_role.as_identity(identity):
            found = numbers.numbers(one_day(clock.day_of(at)), hosts=host)
        answers.add((found.new_customers, found.customers))
    (answer,) = answers
    return answer


def listed(host: Host, at: datetime) -> set[str]:
    """In which of the host's lists somebody stands, by every way that asks who her customers are."""
    found = set()
    with each_wall(host):
        counts = selectors.view_counts(host, at)
        for view in selectors.VIEWS:
            rows = selectors.customer_rows(host, view=view, now=at).rows
            assert len(rows) == counts[view]
            if rows:
                found.add(str(view))
        if selectors.customer_rows(host, query=PHONE, now=at).rows:
            found.add("search")
        if selectors.customer_rows(host, sort="name", now=at).rows:
            found.add("by name")
        if selectors.who_to_care_for(host, at):
            found.add("care")
        if access.relations_of(host).current().exists():
            found.add("audience")
    if list(exports.rows(Host.objects.filter(pk=host.pk), Span(None, None), is_clear=False, is_own=True)):
        found.add("export")
    if api_of(host).get("/api/v1/customers/").json()["results"]:
        found.add("api")
    at_hq = Client()
    at_hq.force_login(User.objects.filter(username="staff").first() or a_person_at_hq(roles.SUPPORT))
    if at_hq.get(reverse("customer:index")).context["object_list"]:
        found.add("console")
    return found


def joinings() -> list[datetime]:
    return list(Event.objects.filter(name=Fact.CUSTOMER_JOINED).values_list("occurred_at", flat=True))


def test_before_any_yes_she_is_seen_with_the_order_alone(lin: Host, order: Order) -> None:
    assert new_on(lin, PLACED) == (0, 0)
    assert listed(lin, PLACED) == set()
    assert (NewCustomer.objects.count(), joinings()) == (0, [])
    with each_wall(lin):
        assert access.relation_for(lin, order.relation.public_id).name == "小雨"
    mine = Client()
    mine.force_login(lin.user)
    page = mine.get(reverse("workbench:customer", args=[order.relation.public_id])).content.decode()
    assert "还不算客户" in page
    assert "新客" not in page
    with each_wall(a_host("mei", "小美")):
        assert not Relation.objects.exists()


def test_a_no_leaves_her_in_no_list_and_no_number(lin: Host, order: Order) -> None:
    trade.cancel_order(order, by=lin.user, now=YES)

    for day in (PLACED, YES):
        assert new_on(lin, day) == (0, 0)
    assert listed(lin, YES) == set()


def test_an_order_that_nobody_answers_leaves_her_so_too(lin: Host, order: Order) -> None:
    later = PLACED + timedelta(days=30)
    assert releasing.release(now=later) == 1

    assert (new_on(lin, PLACED), new_on(lin, later)) == ((0, 0), (0, 0))
    assert listed(lin, later) == set()


@pytest.mark.parametrize("yes", [trade.confirm_order, trade.mark_paid])
def test_she_is_a_new_customer_on_the_day_of_the_yes(
    lin: Host, order: Order, yes: Callable[..., Any]
) -> None:
    before = HostDay.objects.filter(day=clock.day_of(PLACED)).values()
    project_now()
    past = list(before)

    with db_role.acting_as(lin.pk):
        yes(order, by=lin.user, now=YES)

    assert (new_on(lin, PLACED), new_on(lin, YES)) == ((0, 1), (1, 1))
    assert list(before.all()) == past
    assert joinings() == [YES]
    assert listed(lin, YES) >= {
        "all",
        "new",
        "valued",
        "search",
        "by name",
        "audience",
        "export",
        "api",
        "console",
    }
    trade.cancel_order(order, by=lin.user, now=YES + timedelta(days=1))
    assert new_on(lin, YES) == (1, 1)


def _note(relation: Relation, host: Host, sku: Sku) -> None:
    customers.add_note(relation, text="认得，是小区的邻居", by=host.user, now=YES)


def _tag(relation: Relation, host: Host, sku: Sku) -> None:
    customers.tag_relation(relation, name="邻居", by=host.user, now=YES)


def _talk(relation: Relation, host: Host, sku: Sku) -> None:
    customers.mark_contacted(relation, by=host.user, now=YES)


def _remark(relation: Relation, host: Host, sku: Sku) -> None:
    customers.update_relation(relation, remark="邻居", phone=relation.phone, by=host.user, now=YES)


def _order_again(relation: Relation, host: Host, sku: Sku) -> None:
    buy(host, sku, at=YES)


def _ask_for_her_story(relation: Relation, host: Host, sku: Sku) -> None:
    stories.ask(relation, title="好茶", called="老邻居", text="我妈妈很喜欢这款茶，喝了一年。", now=YES)


def _ask_for_offers(relation: Relation, host: Host, sku: Sku) -> None:
    asking.ask(relation, by=host.user, now=YES)


@pytest.mark.parametrize(
    "act", [_note, _tag, _talk, _remark, _order_again, _ask_for_her_story, _ask_for_offers]
)
def test_whatever_else_is_known_of_her_makes_her_one(
    lin: Host, order: Order, sku: Sku, act: Callable[..., None]
) -> None:
    with db_role.acting_as(lin.pk):
        act(Relation.objects.get(), lin, sku)

    assert (new_on(lin, PLACED), new_on(lin, YES)) == ((0, 1), (1, 1))
    trade.cancel_order(order, by=lin.user, now=YES)
    assert new_on(lin, YES) == (1, 1)
    assert "all" in listed(lin, YES)
    assert joinings() == [YES]


def test_an_import_that_knows_her_makes_her_one(lin: Host, order: Order, tmp_path: Path) -> None:
    path = files.written(tmp_path, f"姓名,手机号\n小雨,{PHONE}\n")
    outcome = files.customers(path, host=lin, now=YES)

    assert files.counts(outcome) == (1, 0, 1, 0, 0)
    assert (new_on(lin, PLACED), new_on(lin, YES)) == ((0, 1), (1, 1))


def test_a_known_customer_stays_one_whatever_she_orders(lin: Host, sku: Sku) -> None:
    buy(lin, sku, at=PLACED - timedelta(days=1))
    order = a_doubtful_order(lin, sku, at=PLACED)
    trade.cancel_order(order, by=lin.user, now=YES)

    assert new_on(lin, PLACED - timedelta(days=1)) == (1, 1)
    assert joinings() == [PLACED - timedelta(days=1)]


def test_after_a_hand_over_she_becomes_the_new_hosts(lin: Host, order: Order) -> None:
    mei = a_host("mei", "小美")
    assert acts.who_stays(lin) == []
    acts.hand_over(
        lin, mei, relations=Relation.objects.all(), scope="全部客户", reason="回老家", by=None, now=PLACED
    )
    assert listed(mei, PLACED) == set()

    with db_role.acting_as(mei.pk):
        trade.confirm_order(order, by=mei.user, now=YES)

    assert (new_on(lin, YES), new_on(mei, YES)) == ((0, 0), (1, 1))


def test_her_data_goes_when_she_asks_and_by_itself_in_time(lin: Host, order: Order, sku: Sku) -> None:
    assert erasure.find(normalise(PHONE)) == [order.relation_id]
    trade.cancel_order(order, by=lin.user, now=YES)
    later = timezone.now() + timedelta(days=1)
    assert not expiry.past(PLACED).exists()
    assert list(expiry.past(later)) == [order.relation]
    trade.confirm_order(a_doubtful_order(lin, sku, at=YES), by=lin.user, now=YES)
    assert not expiry.past(later).exists()


@pytest.mark.parametrize("yes", [trade.confirm_order, trade.mark_paid])
def test_whoever_was_erased_meanwhile_becomes_nobodys_customer(
    lin: Host, order: Order, yes: Callable[..., Any]
) -> None:
    now = timezone.now()
    secret = data_requests.vouch(
        host_id=lin.pk, relation_id=order.relation_id, phone="", by=lin.user, now=now
    )
    held: Any = data_requests.behind(secret, now=now)
    asked = data_requests.prove_by_host(held, kind="erase", last4="", now=now)
    data_requests.erase({"id": asked.pk}, now)

    with db_role.acting_as(lin.pk), pytest.raises(BuyerErasedError):
        yes(Order.objects.get(), by=lin.user, now=YES)

    assert new_on(lin, YES) == (0, 0)
    assert (listed(lin, YES), joinings()) == (set(), [])
    with each_wall(lin):
        found = numbers.numbers(one_day(clock.day_of(YES)), hosts=lin)
    assert (found.orders, found.gmv_fen) == (0, 0)


def test_an_order_that_counts_of_nobody_is_named(lin: Host, sku: Sku) -> None:
    buy(lin, sku, at=PLACED)
    Relation.objects.update(is_customer=False)
    assert any("下单的人不算客户" in line for line in check_orders())
