"""What verify_invariants says of orders whose money tells a lie that every projection follows."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts.models import Host
from apps.database import db_role
from apps.trade import services as trade
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from tests.factories import MORNING, a_host, a_sku
from tests.happenings import buy

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def lin() -> Host:
    return a_host("lin", level=2)


def bought(host: Host, n: int = 0) -> Order:
    sku = a_sku(f"苹果{n}", price_fen=5_001, commission_bp=1_000)
    return buy(host, sku, at=MORNING, phone=f"1380000111{n}")


def spoil(statement: str) -> None:
    """Write past every guard of the database, as one who holds its keys could."""
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("trade_order", "trade_orderline", "trade_orderreversal", "commission_entry"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"GRANT UPDATE, DELETE ON {table} TO PUBLIC")
    with connection.cursor() as cursor:
        cursor.execute(statement)


def named(sentence: str, order: Order) -> bool:
    """Whether this order, and no other, is said to be wrong in this way."""
    return [f"（共 1 张：{order.pk} 等）" in one for one in check_orders() if sentence in one] == [True]


KEPT = """
    UPDATE trade_orderreversal SET amount_fen = amount_fen - 1001 WHERE order_id = {0};
    UPDATE commission_entry SET amount_fen = amount_fen + 100 WHERE order_id = {0} AND reversal_id > 0
"""


@pytest.mark.parametrize(
    "lie",
    [
        KEPT,
        "UPDATE commission_entry SET amount_fen = amount_fen + 100 WHERE order_id = {0} AND reversal_id > 0",
        "DELETE FROM commission_entry WHERE order_id = {0} AND reversal_id > 0",
    ],
)
def test_a_cancelled_order_that_keeps_something_is_named(lin: Host, lie: str) -> None:
    order, other = bought(lin, 1), bought(lin, 2)
    for one in (order, other):
        trade.cancel_order(one, by=None, now=MORNING + HOUR)
    assert check_orders() == []

    spoil(lie.format(order.pk))

    assert named("还留着钱或佣金", order)
