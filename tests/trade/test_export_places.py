"""HQ's file of orders adds up to the numbers by organisation, doubtful orders and moves of hosts included."""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from apps.accounts import services as accounts
from apps.accounts.models import Host, Organisation
from apps.accounts.scope import EVERYBODY
from apps.insights import metrics
from apps.insights.metrics import Question
from apps.insights.metrics.base import Side
from apps.insights.periods import last_days
from apps.lib.clock import SHANGHAI
from apps.records.declarations import Span
from apps.trade import exports
from apps.trade import services as trade
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import a_doubtful_order, buy
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
def organisations() -> tuple[str, str]:
    """An order, and of two doubtful ones the first agreed to after its host has moved: before and after."""
    lin, sku = a_host(), a_sku(stock=1_000)
    before, then = lin.organisation.name, a_branch("华南")
    buy(lin, sku, at=NOW, phone="13800001111")
    agreed, refused = (
        a_doubtful_order(lin, sku, at=NOW + n * 4 * 60 * timedelta(minutes=1), phone=f"1380000222{n}")
        for n in range(2)
    )
    accounts.place_host(lin, organisation=then, actor=None, now=NOW + DAY)
    trade.confirm_order(agreed, by=None, now=NOW + 2 * DAY)
    trade.cancel_order(refused, by=None, now=NOW + 2 * DAY)
    project_now()
    return before, then.name


def filed(span: Span) -> Counter[str]:
    """Fen by organisation, as the file tells them."""
    file: Counter[str] = Counter()
    for row in exports.rows(Host.objects.all(), span, is_clear=False):
        told = dict(zip(exports.COLUMNS, row.cells, strict=True))
        if told["算不算业绩"] == "算":
            file[str(told["算给的组织"])] += int(Decimal(str(told["金额（元）"])) * 100)
    return file


def test_a_doubtful_order_is_where_its_host_was_when_she_said_yes(organisations: tuple[str, str]) -> None:
    before, then = organisations

    asked = Question(hosts=EVERYBODY, span=last_days(7, NOW + 3 * DAY), now=NOW + 3 * DAY)
    by_node = metrics.by(Side.ORGANISATION, [metrics.PLACED], asked)

    names = {node.pk: node.name for node in Organisation.objects.all()}
    file = filed(Span(None, None))
    assert file == {names[pk]: counts["placed"] for pk, counts in by_node.items()}
    assert file == {before: 5_900, then: 30 * 5_900}


def test_a_span_between_placing_and_yes_holds_what_counts_in_it(organisations: tuple[str, str]) -> None:
    before, then = organisations
    placed_on, agreed_on = NOW.date(), (NOW + 2 * DAY).date()

    assert filed(Span(placed_on, placed_on)) == {before: 5_900}
    assert filed(Span(agreed_on, agreed_on)) == {then: 30 * 5_900}
