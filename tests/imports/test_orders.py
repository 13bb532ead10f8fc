"""Orders of an outside shop: what comes in, what changes, what goes back."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from apps.accounts.models import Host
from apps.accounts.scope import EVERYBODY
from apps.catalog.models import Product
from apps.customers.models import Customer, ImportRun, Relation
from apps.files.tables import UnreadableError
from apps.insights.models import HostDay, MoneyMove
from apps.insights.periods import Span, one_day
from apps.insights.projection import PROJECTION
from apps.insights.selectors import DayNumbers, numbers, rows_behind, series, with_amendments
from apps.lib.clock import SHANGHAI, day_of
from apps.tracking import reader
from apps.tracking.models import Event
from apps.trade import services as trade
from apps.trade.models import Order, OrderLine
from tests.factories import a_company, a_host, a_sku
from tests.happenings import buy
from tests.imports.files import (
    CUSTOMERS,
    NOON,
    ORDERS,
    counts,
    customers,
    orders,
    products,
    sent_back,
    written,
)
from tests.projecting import project_now

pytestmark = pytest.mark.django_db

TWO = ORDERS + (
    "1001,lin,900,A1,2,39.80,2026-03-05 09:15:30\n"
    "1001,lin,900,B2,0,0.50,2026-03-05 09:15:30\n"
    "1002,chen,900,A1,3,10.00,2026-03-04 23:59:59\n"
)


@pytest.fixture(autouse=True)
def hosts() -> dict[str, Host]:
    return {name: a_host(name) for name in ("lin", "chen")}


def code(number: str) -> str:
    """The product of this number in the shop, as the ledger names it."""
    return str(Product.objects.get(source_key=f"shop:{number}").pk)


def test_lines_become_orders_with_customers_products_and_one_event_each(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    outcome = orders(written(tmp_path, TWO))
    assert counts(outcome) == (3, 3, 0, 0, 0)
    order = Order.objects.get(source="shop", external_no="1001")
    assert (order.host, order.total_fen, order.status, order.is_paid) == (hosts["lin"], 4030, "done", True)
    assert order.placed_at.astimezone(SHANGHAI).isoformat() == "2026-03-05T09:15:30+08:00"
    lines = order.lines.order_by("total_fen").values_list("product__source_key", "quantity", "total_fen")
    assert list(lines) == [("shop:B2", 0, 50), ("shop:A1", 2, 3980)]
    assert Relation.objects.count() == 2
    assert Customer.objects.count() == 1  # one household, a relation with each host it visited
    events = Event.objects.filter(name="order.placed").order_by("occurred_at")
    assert [(event.subject_id, event.props) for event in events] == [
        (
            Order.objects.get(external_no="1002").pk,
            {"total_fen": 1000, "quantity": 3, "goods": {code("A1"): 3}},
        ),
        (order.pk, {"total_fen": 4030, "quantity": 2, "goods": {code("A1"): 2, code("B2"): 0}}),
    ]
    assert events[1].relation_id == order.relation_id
    assert events[1].occurred_at == order.placed_at
    assert order.public_id.version == 7


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    orders(path)
    before = list(Order.objects.order_by("pk").values())
    again = orders(path)
    assert counts(again) == (3, 0, 0, 3, 0)
    assert list(Order.objects.order_by("pk").values()) == before
    assert Event.objects.filter(name="order.placed").count() == 2
    assert again.rejected_file is None


def test_another_amount_is_a_change_that_the_total_follows(tmp_path: Path) -> None:
    orders(written(tmp_path, TWO))
    changed = TWO.replace("2,39.80", "3,59.70") + "1002,chen,900,C3,1,5.00,2026-03-04 23:59:59\n"
    outcome = orders(written(tmp_path, changed), now=NOON)
    assert counts(outcome) == (4, 1, 1, 2, 0)
    assert dict(Order.objects.values_list("external_no", "total_fen")) == {"1001": 6020, "1002": 1500}
    line = OrderLine.objects.get(order__external_no="1001", product__source_key="shop:A1")
    assert (line.quantity, line.total_fen) == (3, 5970)
    found = Event.objects.filter(name="order.changed", occurred_at=NOON).values_list("subject_id", "props")
    assert dict(found) == {
        Order.objects.get(external_no="1001").pk: {
            "total_fen": 6020,
            "by_fen": 1990,
            "by_goods": {code("A1"): 1},
        },
        Order.objects.get(external_no="1002").pk: {
            "total_fen": 1500,
            "by_fen": 500,
            "by_goods": {code("C3"): 1},
        },
    }
    assert counts(orders(written(tmp_path, changed))) == (4, 0, 0, 4, 0)


def test_only_an_import_changes_a_past_day_and_the_day_says_so(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    buy(hosts["lin"], a_sku(), at=NOON)
    orders(written(tmp_path, TWO))
    project_now()
    span = Span(date(2026, 3, 4), date(2026, 3, 6), "两天")

    def days() -> list[DayNumbers]:
        return with_amendments(series(span, hosts=EVERYBODY), hosts=EVERYBODY)

    before = days()
    imported_on = day_of(timezone.now())
    assert [(one.gmv_fen, one.amended_on) for one in before] == [(1000, imported_on), (9930, imported_on)]

    orders(written(tmp_path, TWO.replace("3,10.00", "3,8.00")))
    project_now()

    assert [one.gmv_fen for one in days()] == [800, 9930]
    said = rows_behind("gmv", hosts=hosts["chen"], span=span, now=NOON).rows[0].what
    assert said == f"下单（{imported_on:%Y-%m-%d} 由导入写入）"
    own = rows_behind("gmv", hosts=hosts["lin"], span=span, now=NOON).rows
    assert [row.what for row in own if row.fen == 5_900] == ["下单"]


def test_an_older_order_that_is_imported_marks_the_day_whose_buyer_it_makes_a_returning_one(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    lin, phone, day = hosts["lin"], "13800008000", day_of(NOON)
    customers(written(tmp_path, f"{CUSTOMERS}lin,900,小雨,{phone}\n"), now=NOON)
    buy(lin, a_sku(), at=NOON, phone=phone)

    def told() -> tuple[int, date | None]:
        project_now()
        [one] = with_amendments(series(one_day(day), hosts=lin), hosts=lin)
        return numbers(one_day(day), hosts=lin).returning_buyers, one.amended_on

    def kept() -> list[list[str]]:
        return [sorted(map(str, model.objects.values_list())) for model in (MoneyMove, HostDay)]

    assert told() == (0, None)
    orders(written(tmp_path, ORDERS + "1001,lin,900,A1,1,10.00,2026-02-05 09:15:30\n"))
    assert Relation.objects.count() == 1
    imported_on = day_of(timezone.now())
    assert told() == (1, imported_on)
    assert [row.what for row in rows_behind("gmv", hosts=lin, span=one_day(day), now=NOON).rows] == ["下单"]
    before = kept()
    reader.rebuild(PROJECTION)
    project_now()
    assert kept() == before

    # What she orders from then on was a repeat on its own day.
    now = timezone.now()
    buy(lin, a_sku(), at=now, phone=phone)
    project_now()
    orders(written(tmp_path, ORDERS + "1002,lin,900,A1,1,10.00,2026-01-05 09:15:30\n"))
    project_now()
    learned = MoneyMove.objects.order_by("at").values_list("is_repeat", "repeat_learned_at")
    assert [(is_repeat, at and day_of(at)) for is_repeat, at in learned] == [
        (False, None),
        (True, None),
        (True, imported_on),
        (True, None),
    ]
    before = kept()
    reader.rebuild(PROJECTION)
    project_now()
    assert kept() == before


def test_two_shops_may_use_the_same_numbers(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    orders(path)
    assert counts(orders(path, source="other"))[1] == 3
    assert Order.objects.filter(external_no="1001").count() == 2
    assert Customer.objects.count() == 2


def test_a_product_twice_in_one_order_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, TWO + "1001,lin,900,A1,1,19.90,2026-03-05 09:15:30\n")
    assert counts(orders(path)) == (4, 4, 0, 0, 0)
    line = OrderLine.objects.get(order__external_no="1001", product__source_key="shop:A1")
    assert (line.quantity, line.total_fen) == (3, 5970)
    assert counts(orders(path)) == (4, 0, 0, 4, 0)


def test_unknown_products_become_placeholders_and_are_counted(tmp_path: Path) -> None:
    products(written(tmp_path, "商品编号,商品名\nA1,高山苹果\n", name="products.csv"))
    outcome = orders(written(tmp_path, TWO))
    assert outcome.notes[0] == "有 1 行写了 1 个商品表里没有的商品，已记为占位商品（不上架）。"
    placeholder = Product.objects.get(source_key="shop:B2")
    assert (placeholder.title, placeholder.status, placeholder.is_placeholder) == ("商品 B2", "off", True)
    assert counts(products(written(tmp_path, "商品编号,商品名\nB2,野蜂蜜\n", name="more.csv"))) == (
        1,
        0,
        1,
        0,
        0,
    )
    placeholder.refresh_from_db()
    assert (placeholder.title, placeholder.is_placeholder) == ("野蜂蜜", False)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1003,lin,900,A1,-1,1.00,2026-03-05 09:00:00", "数量：“-1”不是 0 或更大的整数"),
        ("1003,lin,900,A1,1.5,1.00,2026-03-05 09:00:00", "数量：“1.5”不是 0 或更大的整数"),
        ("1003,lin,900,A1,1,1.005,2026-03-05 09:00:00", "金额：“1.005”不是金额，应是最多两位小数的元"),
        ("1003,lin,900,A1,1,-1.00,2026-03-05 09:00:00", "金额：不能小于 0"),
        ("1003,lin,900,A1,1,1.00,2026-02-30 09:00:00", "下单时间：“2026-02-30 09:00:00”不是时间"),
        ("1003,lin,900,A1,1,1.00,1999-12-31 09:00:00", "下单时间：早于 2000 年"),
        ("1003,lin,900,A1,1,1.00,2099-01-01 09:00:00", "下单时间在将来"),
        ("1003,nobody,900,A1,1,1.00,2026-03-05 09:00:00", "没有编号是 nobody 的大C"),
        ("3.11986E+10,lin,900,A1,1,1.00,2026-03-05 09:00:00", "已被 Excel 改成科学计数法"),
        (",lin,900,A1,1,1.00,2026-03-05 09:00:00", "订单号：没有填"),
        ("1003,lin,900,A1,1,1.00", "这一行有 6 列，表头有 7 列"),
        ("1003,lin,900,A1,1,1.00,2026-03-05 09:00:00,more", "这一行有 8 列，表头有 7 列"),
        ("1003,lin,9\x0000,A1,1,1.00,2026-03-05 09:00:00", "客户编号：含有看不见的字符"),
        ("1003,lin,900," + "A" * 51 + ",1,1.00,2026-03-05 09:00:00", "商品编号：超过 50 个字"),
    ],
)
def test_a_bad_row_goes_back_with_its_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    outcome = orders(written(tmp_path, f"{TWO}{line}\n1004,chen,900,A1,1,1.00,2026-03-05 09:00:00\n"))
    assert counts(outcome) == (5, 4, 0, 0, 1)
    (back,) = sent_back(outcome)
    assert back.startswith("5,")
    assert reason in back
    assert not Order.objects.filter(external_no="1003").exists()


def test_an_order_with_one_bad_line_goes_back_whole_and_comes_in_when_mended(tmp_path: Path) -> None:
    broken = TWO.replace("B2,0,0.50", "B2,many,0.50")
    outcome = orders(written(tmp_path, broken))
    assert counts(outcome) == (3, 1, 0, 0, 2)
    first, second = sent_back(outcome)
    assert "同一单的第 3 行有问题" in first
    assert "“many”不是 0 或更大的整数" in second
    assert outcome.rejected_file is not None
    mended = outcome.rejected_file.read_text(encoding="utf-8-sig").replace("many", "0", 1)
    text = mended.replace("many", "0")
    again = orders(written(tmp_path, text, name="mended.csv"))
    assert counts(again) == (2, 2, 0, 0, 0)
    assert Order.objects.get(external_no="1001").total_fen == 4030


def test_one_order_number_under_two_hosts_or_customers_goes_back(tmp_path: Path) -> None:
    text = TWO + (
        "1001,chen,900,C3,1,1.00,2026-03-05 09:15:30\n"
        "1005,lin,900,A1,1,1.00,2026-03-05 09:00:00\n"
        "1005,lin,901,B2,1,1.00,2026-03-05 09:00:00\n"
    )
    outcome = orders(written(tmp_path, text))
    assert counts(outcome) == (6, 1, 0, 0, 5)
    assert "同一个订单号出现在两个门店" in sent_back(outcome)[0]
    assert "同一个订单号属于两位客户" in sent_back(outcome)[-1]
    assert not Relation.objects.filter(source_key="shop:901").exists()


def test_a_known_order_cannot_move_to_another_host_customer_or_time(tmp_path: Path) -> None:
    orders(written(tmp_path, TWO))
    moved = TWO.replace("lin,900", "lin,901").replace("23:59:59", "23:59:58")
    outcome = orders(written(tmp_path, moved))
    assert counts(outcome) == (3, 0, 0, 0, 3)
    reasons = "".join(sent_back(outcome))
    assert "这张订单已记在另一位客户名下" in reasons
    assert "下单时间和已导入的不同" in reasons
    outcome = orders(written(tmp_path, TWO.replace("chen", "lin")))
    assert "这张订单已记在另一位大C名下" in sent_back(outcome)[0]


def test_the_amount_of_an_order_with_a_return_is_left_to_people(tmp_path: Path) -> None:
    orders(written(tmp_path, TWO))
    order = Order.objects.get(external_no="1001")
    trade.return_goods(order, amount_fen=1000, by=None, now=NOON)
    outcome = orders(written(tmp_path, TWO.replace("39.80", "5.00")))
    assert counts(outcome) == (3, 0, 0, 1, 2)
    assert "已取消或退过货" in sent_back(outcome)[0]
    order.refresh_from_db()
    assert order.total_fen == 4030


def test_stores_become_guides_when_asked(tmp_path: Path) -> None:
    text = ORDERS + "1,330,900,A1,1,1.00,2026-03-05 09:00:00\n2,331,900,A1,1,1.00,2026-03-05 09:00:00\n"
    path = written(tmp_path, text)
    dry = orders(path, dry_run=True)
    assert counts(dry)[4] == 2
    assert "--make-hosts" in dry.notes[0]
    outcome = orders(path, make_hosts_under=a_company())
    assert counts(outcome) == (2, 2, 0, 0, 0)
    guide = Host.objects.get(user__username="shop-330")
    assert (guide.kind, guide.status, guide.orders.count()) == ("guide", "active", 1)
    assert counts(orders(path)) == (2, 0, 0, 2, 0)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, TWO + "1003,lin,900,A1,x,1.00,2026-03-05 09:00:00\n")
    outcome = orders(path, dry_run=True)
    assert counts(outcome) == (4, 0, 0, 0, 1)
    assert len(sent_back(outcome)) == 1
    assert not Order.objects.exists()
    assert not Relation.objects.exists()
    assert not Product.objects.exists()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_other_encodings_and_names_of_columns(tmp_path: Path, encoding: str) -> None:
    text = (
        "买家,实付金额（元）,Order_ID,门店 编号,会员号,货号,件数,下单时间,商品名称\n"
        '张三,"1,234.50",’1001,lin,九百,A1,"1,000",2026/3/5 9:15,高山苹果 5斤\n'
    )
    outcome = orders(written(tmp_path, text, encoding=encoding), renamed={"金额": "实付金额（元）"})
    assert counts(outcome) == (1, 1, 0, 0, 0)
    order = Order.objects.get(external_no="’1001")
    assert order.total_fen == 123450
    assert order.lines.get().quantity == 1000
    assert Product.objects.get().title == "高山苹果 5斤"


def test_columns_we_do_not_know_are_never_stored(tmp_path: Path) -> None:
    text = "收货人," + ORDERS + "王芳,1001,lin,900,A1,2,39.80,2026-03-05 09:15:30\n"
    assert counts(orders(written(tmp_path, text))) == (1, 1, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ORDERS.replace("金额", "钱"), "缺少“金额”一列.*文件里的列是：订单号.*--map"),
        (ORDERS.replace("数量", "数量,实付金额"), "有 2 列都像“金额”"),
        (ORDERS, "只有表头"),
        (TWO + "1003,lin,900,A1,1,1.", "在第 5 行中间断了"),
        (TWO + '1003,lin,900,"A1,1,1.00,2026-03-05 09:00:00\n', "引号没有闭合"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused_with_nothing_applied(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(UnreadableError, match=sentence):
        orders(written(tmp_path, text))
    assert not Order.objects.exists()
    assert not Relation.objects.exists()
    assert not ImportRun.objects.exclude(state=ImportRun.State.REFUSED).exists()


def test_formulas_are_text_and_the_file_of_rejects_can_be_opened_safely(tmp_path: Path) -> None:
    text = ORDERS.replace("商品编号", "商品编号,商品名") + (
        "=1+1,lin,@SUM(A1),-5,=HYPERLINK(x),1,1.00,2026-03-05 09:00:00\n"
        "+8,lin,900,A1,=cmd,x,1.00,2026-03-05 09:00:00\n"
    )
    outcome = orders(written(tmp_path, text))
    assert counts(outcome) == (2, 1, 0, 0, 1)
    assert Order.objects.get().external_no == "=1+1"
    assert Product.objects.get().title == "=HYPERLINK(x)"
    (back,) = sent_back(outcome)
    assert ",'+8,lin,900,A1,'=cmd,x," in back
    assert outcome.rejected_file is not None
    mended = outcome.rejected_file.read_text(encoding="utf-8-sig").replace(",x,", ",1,")
    assert counts(orders(written(tmp_path, mended, name="mended.csv"))) == (1, 1, 0, 0, 0)
    assert Order.objects.filter(external_no="+8").exists()
