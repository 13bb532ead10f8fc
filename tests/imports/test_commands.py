"""The commands: what they say, how they end, and that kill -9 costs nothing but the time since."""

import random
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.customers.invariants import check_imports
from apps.customers.models import ImportRun, Relation
from apps.database import db_role
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from tests import scale
from tests.factories import a_host
from tests.imports.commands import ImportCommand, run
from tests.imports.files import CUSTOMERS, ORDERS, written
from tests.projecting import empty_ledger

BASKETS = scale.of(12_000, 24_000)
CHUNKS = scale.of(3, 5)  # of 5,000 orders


def said(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    call_command(*command)
    return capsys.readouterr().out


@pytest.mark.django_db
def test_it_says_what_came_of_each_row_and_where_the_rejects_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_host("lin")
    path = written(tmp_path, CUSTOMERS + "lin,900,王芳,13800008000\nlin,901,李雷,139\n")
    checked = said(capsys, "import_customers", str(path), "--dry-run")
    assert "检查完了，什么也没写：共 2 行，1 行可以导入，1 行有问题。" in checked
    words = said(capsys, "import_customers", str(path), "--workers", "1")
    assert "导入完成：共 2 行 = 新增 1 + 更新 0 + 未变 0 + 退回 1。" in words
    assert f"有问题的行和原因在 {path}.rejected.csv" in words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--map", "手机号"], "--map 应写成 列=文件里的列名"),
        (["--map", "年龄=岁数"], "--map 里的“年龄”不是我们认识的列"),
        (["--map", "手机号=联系方式"], "没有 --map 指明的“联系方式”一列"),
        (["--source", "有 空格"], "来源（--source）应是"),
        (["--make-hosts", "火星"], "没有编号或名称是“火星”的组织"),
        (["--host", "nobody"], "nobody"),
    ],
)
def test_a_wrong_option_is_one_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    path = written(tmp_path, CUSTOMERS + "lin,900,王芳,13800008000\n")
    with pytest.raises(CommandError, match=sentence.replace("（", ".").replace("）", ".")):
        call_command("import_customers", str(path), *options)
    assert not Relation.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="打不开文件"):
        call_command("import_orders", str(tmp_path / "none.csv"))


def orders_file(folder: Path) -> Path:
    """Baskets of one to three lines, in no order."""
    dice = random.Random(5)
    lines = [
        f"{basket},lin,{basket % 700},P{number},{dice.randint(0, 4)},{dice.randint(0, 9_999) / 100:.2f},"
        f"2026-0{1 + basket % 6}-1{basket % 10} 09:15:30\n"
        for basket in range(BASKETS)
        for number in range(1 + basket % 3)
    ]
    dice.shuffle(lines)
    return written(folder, ORDERS + "".join(lines), name="orders.csv")


def table(name: str, columns: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2, 3")
        return list(cursor.fetchall())


def state() -> list[list[tuple[Any, ...]]]:
    """What the import wrote, without the numbers that the database gives."""
    return [
        table(
            "trade_order o",
            "external_no, total_fen, placed_at, (SELECT count(*) FROM trade_orderline l"
            " WHERE l.order_id = o.id)",
        ),
        table("tracking_event", "occurred_at, props->>'total_fen', props->>'quantity', name"),
        table("customers_relation", "source_key, joined_at, host_id"),
    ]


def test_killed_again_and_again_it_ends_as_if_it_had_never_been(
    transactional_db: None, tmp_path: Path
) -> None:
    a_host("lin")
    path = orders_file(tmp_path)
    kills = 0
    for chunks in range(1, CHUNKS):
        ended = ImportCommand("orders", path, "--source", "shop", "--workers", "1").kill_after(chunks)
        kills += ended.code == -9
        assert (check_imports(), check_orders()) == ([], [])
    assert kills >= CHUNKS - 2  # the last ones may come too late
    ended = run("orders", path, "--source", "shop")
    assert ended.code == 0
    (resumed,) = ImportRun.objects.filter(state=ImportRun.State.APPLIED).order_by("-pk")[:1]
    assert resumed.rows_in == resumed.created
    assert Order.objects.count() == BASKETS
    killed = state()
    assert (check_imports(), check_orders()) == ([], [])

    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE trade_order, trade_orderline, customers_relation CASCADE")
    empty_ledger()
    assert run("orders", path, "--source", "shop").code == 0
    assert state() == killed
    empty_ledger()


def test_one_that_comes_while_another_works_is_sent_away(transactional_db: None, tmp_path: Path) -> None:
    a_host("lin")
    path = orders_file(tmp_path)
    with connection.cursor() as cursor:  # as the other one holds it, for as long as it works
        cursor.execute("SELECT pg_advisory_lock(hashtext('import:orders'), 12)")
        refused = run("orders", path, "--source", "shop")
        cursor.execute("SELECT pg_advisory_unlock(hashtext('import:orders'), 12)")
    assert refused.code == 1
    assert "没有导入：另一个同类的导入正在进行，请等它做完。" in refused.words
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()


def test_two_at_once_are_one(transactional_db: None, tmp_path: Path) -> None:
    a_host("lin")
    path = orders_file(tmp_path)
    first = ImportCommand("orders", path, "--source", "shop")
    second = ImportCommand("orders", path, "--source", "shop")
    ended = [first.end(), second.end()]
    busy = [end for end in ended if end.code == 1]
    assert len(busy) <= 1
    assert all("另一个同类的导入正在进行" in end.words for end in busy)
    assert Order.objects.count() == BASKETS
    assert check_orders() == []
    empty_ledger()
