"""What verify_invariants says of orders and imports that can't be right."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from django.db import connection

from apps.accounts.models import Host
from apps.customers.invariants import check_imports
from apps.customers.models import ImportRun
from apps.database import db_role
from apps.trade import services as trade
from apps.trade.invariants import check_orders
from tests.factories import a_host, a_sku
from tests.happenings import buy
from tests.imports.files import NOON, ORDERS, orders, written

pytestmark = pytest.mark.django_db

ORDER = ORDERS + "1001,lin,900,A1,2,39.80,2026-03-05 09:15:30\n"
RETURN_TOO_MUCH = """
    INSERT INTO trade_orderreversal (public_id, order_id, kind, amount_fen, reason, at)
    SELECT gen_random_uuid(), id, 'return', total_fen + 1, '', now() FROM trade_order
"""


#: Lies that agree with themselves: every projection follows them.
SOLD_BY_ANOTHER = "UPDATE trade_order SET earned_by_id = (SELECT max(id) FROM accounts_host)"
WORTH_MORE = """
    WITH line AS (UPDATE trade_orderline SET total_fen = total_fen + 1)
    UPDATE trade_order SET total_fen = total_fen + 1
"""


@pytest.fixture(autouse=True)
def one_order(tmp_path: Path) -> None:
    a_host("lin")
    a_host("chen")
    orders(written(tmp_path, ORDER))
    assert (check_imports(), check_orders()) == ([], [])


def spoil(statement: str) -> None:
    role = db_role.as_owner() if statement.startswith("TRUNCATE") else nullcontext()
    with role, connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE trade_order SET total_fen = total_fen + 1", "金额不是各行之和"),
        ("UPDATE trade_order SET status = 'cancelled'", "已取消却没有冲回"),
        ("UPDATE trade_order SET host_id = (SELECT max(id) FROM accounts_host)", "不在同一位大C名下"),
        ("TRUNCATE tracking_event", "账本里没有这张订单"),
        (RETURN_TOO_MUCH, "退回的钱比订单还多"),
        ("UPDATE trade_order SET status = 'shipped'", "状态和它最后一步对不上"),
        ("UPDATE trade_order SET placed_at = placed_at - interval '1 day'", "下单那一条"),
        (SOLD_BY_ANOTHER, "下单那一条"),
        (WORTH_MORE, "下单那一条"),
    ],
)
def test_an_order_that_can_not_be_right_is_named(statement: str, sentence: str) -> None:
    spoil(statement)
    (found,) = [one for one in check_orders() if sentence in one]
    assert "共 1 张" in found


def test_what_an_import_corrected_is_right(tmp_path: Path) -> None:
    orders(written(tmp_path, ORDER.replace("39.80", "49.80")))
    assert check_orders() == []


def test_a_step_that_nobody_took_is_named() -> None:
    order = buy(Host.objects.get(user__username="lin"), a_sku(), at=NOON)
    for step in (trade.confirm_order, trade.ship_order):
        step(order, by=None, now=NOON)
    assert check_orders() == []
    spoil(f"UPDATE trade_order SET status = 'done' WHERE id = {order.pk}")
    assert check_orders() == [f"订单的状态和它最后一步对不上（共 1 张：{order.pk} 等）"]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE customers_importrun SET rows_in = 7", "行数却对不上"),
        ("UPDATE customers_importchunk SET applied_at = NULL", "有没写完的部分"),
        ("UPDATE customers_importchunk SET created = 7", "总数和它各部分之和不同"),
    ],
)
def test_an_import_that_only_says_it_is_done_is_named(statement: str, sentence: str) -> None:
    spoil(statement)
    found = check_imports()
    assert any(sentence in line for line in found)
    assert all(str(ImportRun.objects.get().pk) in line for line in found)
