"""What verify_invariants says of orders and imports that can't be right."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from django.db import connection

from apps.customers.invariants import check_imports
from apps.customers.models import ImportRun
from apps.database import db_role
from apps.trade.invariants import check_orders
from tests.factories import a_host
from tests.imports.files import ORDERS, orders, written

pytestmark = pytest.mark.django_db

ORDER = ORDERS + "1001,lin,900,A1,2,39.80,2026-03-05 09:15:30\n"
RETURN_TOO_MUCH = """
    INSERT INTO trade_orderreversal (public_id, order_id, kind, amount_fen, reason, at)
    SELECT gen_random_uuid(), id, 'return', total_fen + 1, '', now() FROM trade_order
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
    ],
)
def test_an_order_that_can_not_be_right_is_named(statement: str, sentence: str) -> None:
    spoil(statement)
    (found,) = check_orders()
    assert sentence in found
    assert "共 1 张" in found


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
