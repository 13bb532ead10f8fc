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
from tests.happenings import a_customer, buy
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
#: To another customer of the same host's.
ANOTHERS = "UPDATE trade_order SET relation_id = (SELECT max(id) FROM customers_relation)"
OTHER_GOODS = "UPDATE trade_orderline SET product_id = (SELECT max(id) FROM catalog_product)"


@pytest.fixture(autouse=True)
def one_order(tmp_path: Path) -> None:
    a_host("lin")
    a_host("chen")
    orders(written(tmp_path, ORDER))
    a_sku("别的苹果")
    a_customer(Host.objects.get(user__username="lin"), "13900009999", at=NOON)
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
        (ANOTHERS, "下单那一条"),
        ("UPDATE trade_orderline SET quantity = quantity + 1", "商品或件数"),
        (OTHER_GOODS, "商品或件数"),
        ("UPDATE trade_order SET is_paid = false", "收没收款"),
        ("UPDATE trade_order SET paid_at = now()", "收没收款"),
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


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE trade_order SET is_paid = false, paid_at = NULL WHERE id = {}", "收没收款"),
        ("UPDATE trade_order SET paid_at = paid_at + interval '1 hour' WHERE id = {}", "收没收款"),
        (
            "UPDATE trade_order SET is_paid = true, paid_at = now() WHERE id <> {} AND source = ''",
            "收没收款",
        ),
        ("UPDATE trade_orderline SET quantity = 7 WHERE order_id = {}", "商品或件数"),
    ],
)
def test_what_became_of_an_order_is_what_the_ledger_says(statement: str, sentence: str) -> None:
    lin, sku = Host.objects.get(user__username="lin"), a_sku(price_fen=5_000)
    order, _other = (buy(lin, sku, at=NOON, phone=f"1380000111{n}") for n in range(2))
    trade.mark_paid(order, by=None, now=NOON)
    trade.confirm_order(order, by=None, now=NOON)
    trade.ship_order(order, by=None, now=NOON)
    for fen in (100, 100, 250):
        trade.return_goods(order, amount_fen=fen, by=None, now=NOON)
    assert check_orders() == []

    spoil(statement.format(order.pk))

    assert len([one for one in check_orders() if sentence in one]) == 1


def test_a_return_that_the_ledger_does_not_know_is_named() -> None:
    order = buy(Host.objects.get(user__username="lin"), a_sku(price_fen=5_000), at=NOON)
    trade.confirm_order(order, by=None, now=NOON)
    trade.ship_order(order, by=None, now=NOON)
    trade.return_goods(order, amount_fen=100, by=None, now=NOON)
    spoil(
        "INSERT INTO trade_orderreversal (public_id, order_id, kind, amount_fen, reason, at) "
        "SELECT gen_random_uuid(), order_id, kind, 90, '', at FROM trade_orderreversal"
    )

    assert [one for one in check_orders() if "退货和账本里" in one]
