"""Commission: entries that only grow, rounded half up per line, for who earned them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.commission.models import Entry
from apps.commission.selectors import entries_of
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.database import db_role
from apps.insights import selectors as insights
from apps.insights.invariants import check_numbers
from apps.trade import services
from apps.trade.invariants import check_orders
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from tests.factories import MORNING, a_host, a_sku, api_of
from tests.library.desk import browser
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=2)


def shipped(host: Host, *items: tuple[Sku, int]) -> Order:
    """An order of these items that is on its way."""
    placed = services.place_order(
        quote(host, [Item(*item) for item in items]),
        name="张小雨",
        phone="13800008000",
        address="上海市静安区幸福路 1 号",
        now=MORNING,
    )
    services.confirm_order(placed.order, by=host.user, now=MORNING)
    return services.ship_order(placed.order, by=host.user, now=MORNING)


def back(order: Order, fen: int) -> None:
    services.return_goods(order, amount_fen=fen, by=None, now=LATER)


def amounts(order: Order) -> list[int]:
    return [entry.amount_fen for entry in entries_of(order.pk, None)]


def test_each_line_earns_its_own_rate_rounded_half_up() -> None:
    host = a_host()
    tea, rice = (
        a_sku("茶", price_fen=3_330, commission_bp=1_500),
        a_sku("米", price_fen=1_010, commission_bp=500),
    )

    order = shipped(host, (tea, 1), (rice, 1), (a_sku("油", commission_bp=0), 1))

    # 499.5 and 50.5; what has no rate has no entry.
    assert amounts(order) == [500, 51]
    assert [(entry.host_id, entry.at, entry.reversal_id) for entry in entries_of(order.pk, None)] == [
        (host.pk, MORNING, 0)
    ] * 2
    assert check_orders() == []


@pytest.mark.parametrize(
    ("price", "rate", "returned", "taken"),
    [
        (9_990, 1_000, 5_000, 500),  # 500.00
        (9_990, 1_000, 4_995, 500),  # 499.5: floored it was 499
        (333, 1_000, 166, 16),  # 33 earned, 16.45
        (300, 1_000, 155, 16),  # 15.5
    ],
)
def test_a_part_return_takes_its_part_back_rounded_half_up(
    price: int, rate: int, returned: int, taken: int
) -> None:
    order = shipped(a_host(), (a_sku(price_fen=price, commission_bp=rate), 1))

    back(order, returned)

    assert amounts(order)[1:] == [-taken]
    assert check_orders() == []


def test_parts_that_come_back_add_up_to_the_whole() -> None:
    host = a_host()
    order = shipped(
        host, (a_sku("茶", price_fen=3_330, commission_bp=1_500), 1), (a_sku("米", commission_bp=777), 3)
    )
    earned = sum(amounts(order))

    for fen in (1, 1, 333, 7_777, order.total_fen - 8_112):
        back(order, fen)
        assert check_orders() == []

    assert earned > 0
    assert sum(amounts(order)) == 0
    assert sum(entry.base_fen for entry in entries_of(order.pk, None)) == 0


def test_a_cancelled_order_earns_nothing() -> None:
    host = a_host()
    placed = services.place_order(
        quote(host, [Item(a_sku(price_fen=9_900, commission_bp=1_500), 2)]),
        name="张小雨",
        phone="13800008000",
        address="",
        now=MORNING,
    )

    services.cancel_order(placed.order, by=None, now=LATER)

    assert amounts(placed.order) == [2_970, -2_970]
    assert [entry.at for entry in entries_of(placed.order.pk, None)] == [MORNING, LATER]
    project_now()
    assert check_numbers() == []
    figures = [insights.host_numbers(host, "30d", at).commission_fen for at in (MORNING, LATER)]
    assert figures == [2_970, 0]


def test_an_entry_is_never_changed_nor_deleted() -> None:
    shipped(a_host(), (a_sku(commission_bp=1_000), 1))

    for act in (lambda: Entry.objects.update(amount_fen=1), lambda: Entry.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_a_host_sees_her_own_only_and_enters_none() -> None:
    lin, mei = a_host("lin", "林姐"), a_host("mei", "小美")
    order = shipped(lin, (a_sku(price_fen=10_000, commission_bp=1_000), 1))

    with db_role.acting_as(mei.pk):
        seen = entries_of(order.pk, None)
        for host in (lin, mei):  # for somebody else, and for herself on another's order
            with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
                Entry.objects.create(
                    host=host, order_id=order.pk, line_id=1, base_fen=1, rate_bp=1, amount_fen=1, at=MORNING
                )
    with db_role.acting_as(lin.pk):
        own = entries_of(order.pk, None)

    assert (len(seen), len(own)) == (0, 1)


def test_after_a_hand_over_a_return_takes_from_who_earned() -> None:
    lin, mei = a_host("lin", "林姐"), a_host("mei", "小美")
    order = shipped(lin, (a_sku(price_fen=10_000, commission_bp=1_000), 1))
    acts.hand_over(
        lin,
        mei,
        relations=Relation.objects.all(),
        scope="全部客户",
        reason="林姐回老家了",
        by=None,
        now=LATER,
    )

    answer = api_of(mei).post(
        f"/api/v1/orders/{order.public_id}/return/", {"amount": "40.00"}, content_type="application/json"
    )

    assert answer.status_code == 200
    assert answer.json()["commission"] == "0.00"
    assert [(entry.host_id, entry.amount_fen) for entry in entries_of(order.pk, None)] == [
        (lin.pk, 1_000),
        (lin.pk, -400),
    ]
    assert check_orders() == []


def test_her_pages_and_the_api_tell_what_is_left_and_of_what() -> None:
    host = a_host()
    order = shipped(host, (a_sku(price_fen=10_000, commission_bp=1_250), 1))
    back(order, 4_000)
    client: Client = browser(host.user)

    page = client.get(f"/me/orders/{order.public_id}/").content.decode()
    listed = " ".join(client.get("/me/orders/").content.decode().split())

    for words in ("¥100.00", "12.5%", "¥12.50", "退回的佣金", "-¥5.00", "¥7.50"):
        assert words in page
    assert "佣金 ¥7.50" in listed
    assert api_of(host).get(f"/api/v1/orders/{order.public_id}/").json()["commission"] == "7.50"


ONE_MORE = """
    INSERT INTO commission_entry (host_id, order_id, line_id, reversal_id, base_fen, rate_bp, amount_fen, at)
    SELECT host_id, order_id, {}, rate_bp, {}, at FROM commission_entry WHERE reversal_id = 0
"""
LIES: list[Any] = [
    pytest.param(ONE_MORE.format("line_id + 1000, 0, base_fen", "amount_fen"), "对不上", id="no such line"),
    pytest.param(ONE_MORE.format("line_id, 9999, -1", "-1"), "退回的佣金", id="no such return"),
    pytest.param("UPDATE trade_orderline SET commission_bp = 999", "对不上", id="another rate"),
    pytest.param("UPDATE trade_order SET earned_by_id = host_id + 1", "没有算给", id="another host"),
    pytest.param(
        "UPDATE trade_order SET placed_at = placed_at - interval '1 day'", "对不上", id="another day"
    ),
]


def test_an_entry_that_is_gone_is_missed_though_everything_is_counted_anew() -> None:
    order = shipped(a_host(), (a_sku(price_fen=10_000, commission_bp=1_000), 1))
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE commission_entry")

    project_now()

    assert check_numbers() == []
    assert check_orders() == [f"商品行该有佣金却没有记（共 1 张：{order.pk} 等）"]


@pytest.mark.parametrize(("statement", "words"), LIES)
def test_a_lie_about_commission_is_found(statement: str, words: str) -> None:
    host = a_host()
    a_host("mei", "小美")
    back(shipped(host, (a_sku(price_fen=10_000, commission_bp=1_000), 1)), 4_000)
    assert check_orders() == []

    with connection.cursor() as cursor:
        cursor.execute(statement)

    assert any(words in sentence for sentence in check_orders())
