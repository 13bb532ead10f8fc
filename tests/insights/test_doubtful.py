"""A doubtful order counts from its host's yes, and nowhere without it; a past day stays as it was."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Host
from apps.catalog.models import Product, Sku
from apps.commission.models import Entry
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.insights import selectors
from apps.insights.invariants import check_numbers
from apps.insights.models import MoneyMove
from apps.insights.periods import one_day
from apps.insights.projection import PROJECTION
from apps.lib import clock
from apps.profiles.invariants import check_facts
from apps.tracking import reader
from apps.trade import services as trade
from apps.trade.doubts import Origin
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
PLACED = datetime(2026, 3, 5, 9, 0, tzinfo=clock.SHANGHAI)
YES = PLACED + timedelta(days=2)
NOTHING = (0, 0, 0, 0, 0)
#: 30 pieces at 10.00, of which a tenth is hers.
ALL_OF_IT = (1, 30_000, 3_000, 1, 0)


@pytest.fixture
def lin() -> Host:
    return a_host("lin", "林姐")


@pytest.fixture
def sku() -> Sku:
    return a_sku("茶", price_fen=1_000, commission_bp=1_000, stock=100)


@pytest.fixture
def order(lin: Host, sku: Sku) -> Order:
    link, visitor = a_link(lin, a_material(), at=PLACED), a_visitor(PLACED)
    placed = trade.place_order(
        quote(lin, [Item(sku, 30)]),
        name="小雨",
        phone="13800008000",
        address="",
        now=PLACED,
        link=link,
        visitor=visitor,
        origin=Origin(link, visitor, "where she is"),
    ).order
    assert placed.doubt == "many"
    return placed


def told(host: Host, at: datetime) -> tuple[int, ...]:
    """(orders, GMV, commission, buyers, returning buyers) of that day: the same whoever asks for them."""
    project_now()
    assert (check_orders(), check_numbers(), check_facts()) == ([], [], [])
    answers = set()
    for identity in (db_role.Identity(db_role.Role.HOST, host.pk), db_role.HQ, db_role.WORKER):
        with db_role.as_identity(identity):
            found = selectors.numbers(one_day(clock.day_of(at)), hosts=host)
        answers.add((found.orders, found.gmv_fen, found.commission_fen, found.buyers, found.returning_buyers))
    (answer,) = answers
    return answer


def stage() -> str:
    return str(Relation.objects.with_stage(YES).get().stage_label)


def test_without_her_yes_it_counts_nowhere(lin: Host, order: Order) -> None:
    assert told(lin, PLACED) == NOTHING
    assert stage() == "新客"

    trade.cancel_order(order, by=lin.user, now=YES)

    assert (told(lin, PLACED), told(lin, YES)) == (NOTHING, NOTHING)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("yes", [trade.confirm_order, trade.mark_paid])
def test_it_counts_from_the_day_of_her_yes(lin: Host, order: Order, yes: Callable[..., Any]) -> None:
    before = told(lin, PLACED)
    Product.objects.update(commission_bp=9_000)  # not what she was promised

    with db_role.acting_as(lin.pk):
        yes(order, by=lin.user, now=YES)

    assert (told(lin, PLACED), told(lin, YES)) == (before, ALL_OF_IT)
    assert stage() == "成长"
    trade.cancel_order(order, by=lin.user, now=YES + timedelta(days=1))
    assert (told(lin, YES), told(lin, YES + timedelta(days=1))) == (ALL_OF_IT, (0, -30_000, -3_000, 0, 0))


def test_what_was_placed_before_her_yes_came_first(lin: Host, order: Order, sku: Sku) -> None:
    between = PLACED + timedelta(days=1)
    buy(lin, sku, at=between)
    told(lin, between)

    trade.confirm_order(order, by=lin.user, now=YES)

    assert told(lin, between) == (1, 1_000, 100, 1, 0)
    assert told(lin, YES) == (1, 30_000, 3_000, 1, 1)
    kept = sorted(map(str, MoneyMove.objects.values_list()))
    reader.rebuild(PROJECTION)
    assert told(lin, YES) == (1, 30_000, 3_000, 1, 1)
    assert sorted(map(str, MoneyMove.objects.values_list())) == kept


def test_after_a_hand_over_it_counts_for_who_made_it(lin: Host, order: Order) -> None:
    mei = a_host("mei", "小美")
    acts.hand_over(
        lin,
        mei,
        relations=Relation.objects.all(),
        scope="全部客户",
        reason="林姐回老家了",
        by=None,
        now=PLACED + timedelta(days=1),
    )

    with db_role.acting_as(mei.pk):
        trade.confirm_order(order, by=mei.user, now=YES)

    assert (told(lin, YES), told(mei, YES)) == (ALL_OF_IT, NOTHING)
