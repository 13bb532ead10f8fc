"""Customers of an outside shop: who comes in, what a file may change, what never crosses to another host."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection

from apps.accounts.models import Host
from apps.accounts.scope import EVERYBODY
from apps.customers import services as customers
from apps.customers.invariants import check_imports
from apps.customers.models import Customer, Identity, ImportRun, Relation
from apps.files.tables import UnreadableError
from apps.insights.invariants import check_numbers
from apps.insights.periods import Span
from apps.insights.selectors import rows_behind, series, with_amendments
from apps.lib.clock import SHANGHAI, day_of
from apps.tracking.models import Event
from tests.factories import MORNING, a_company, a_host
from tests.imports.files import CUSTOMERS, NOON, counts, sent_back, written
from tests.imports.files import customers as bring_in
from tests.projecting import project_now

pytestmark = pytest.mark.django_db

TWO = CUSTOMERS + "lin,900,王芳,13800008000\nchen,901,李雷,139 1111 2222\n"


@pytest.fixture(autouse=True)
def hosts() -> dict[str, Host]:
    return {name: a_host(name) for name in ("lin", "chen")}


def test_a_row_becomes_her_customer_sealed_and_with_one_event(tmp_path: Path, hosts: dict[str, Host]) -> None:
    text = (
        "大C,会员号,客户姓名,备注,手机,客户阶段,出生日期,加入时间\n"
        "lin,900,王芳,楼上王姐,+86 138-0000-8000,熟客,1990-03-05,2025-06-01 08:30\n"
    )
    assert counts(bring_in(written(tmp_path, text))) == (1, 1, 0, 0, 0)
    relation = Relation.objects.get(host=hosts["lin"])
    assert (relation.name, relation.remark, relation.phone) == ("王芳", "楼上王姐", "+8613800008000")
    assert (relation.imported_stage, relation.source, relation.source_key) == ("mature", "import", "shop:900")
    assert (relation.birthday_month, relation.birthday_day) == (3, 5)
    joined_at = datetime(2025, 6, 1, 8, 30, tzinfo=SHANGHAI)
    assert relation.joined_at == joined_at
    event = Event.objects.get(name="customer.joined")
    assert (event.host_id, event.relation_id, event.occurred_at) == (hosts["lin"].pk, relation.pk, joined_at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM customers_relation r")
        (stored,) = cursor.fetchone()
    for value in ("王芳", "楼上王姐", "13800008000"):
        assert value not in json.dumps(json.loads(stored), ensure_ascii=False)


def test_a_past_day_that_gets_a_new_customer_says_so(tmp_path: Path, hosts: dict[str, Host]) -> None:
    """By a file or by WeCom: who comes afterwards is told on which day; who comes today is not."""
    text = "门店编号,客户编号,成为客户时间\nlin,900,2026-03-04 08:30\n"
    bring_in(written(tmp_path, text), now=NOON)
    friend = {"host": hosts["chen"], "name": "小雨", "now": NOON}
    customers.attach_external_contact(**friend, external_userid="wm-1", joined_at=NOON - timedelta(days=2))
    customers.attach_external_contact(**friend, external_userid="wm-2", joined_at=NOON - timedelta(hours=1))
    project_now()

    today = day_of(NOON)
    span = Span(date(2026, 3, 1), today + timedelta(days=1), "几天")
    days = with_amendments(series(span, hosts=EVERYBODY), hosts=EVERYBODY)
    told = {one.day: (one.new_customers, one.amended_on) for one in days if one.new_customers}
    rows = rows_behind("new_customers", hosts=EVERYBODY, span=span, now=NOON).rows

    assert told == {
        date(2026, 3, 4): (1, today),
        today - timedelta(days=2): (1, today),
        today: (1, None),
    }
    assert {row.what for row in rows} == {
        f"来自导入（{today:%Y-%m-%d} 补记）",
        "来自企业微信",
        f"来自企业微信（{today:%Y-%m-%d} 补记）",
    }
    assert check_numbers() == []


def test_a_known_phone_is_found_again_when_she_orders(tmp_path: Path, hosts: dict[str, Host]) -> None:
    bring_in(written(tmp_path, TWO))
    relation, is_new = customers.find_or_make_relation(
        hosts["lin"], phone="13800008000", name="王女士", source="order", now=NOON
    )
    assert (is_new, relation.name) == (False, "王芳")


def test_one_person_in_two_stores_is_one_customer_with_a_relation_in_each(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    path = written(tmp_path, CUSTOMERS + "lin,900,王芳,13800008000\nchen,900,芳姐,\n")
    assert counts(bring_in(path)) == (2, 2, 0, 0, 0)
    assert Customer.objects.count() == 1
    hers, other = (Relation.objects.get(host=hosts[name]) for name in ("lin", "chen"))
    assert (other.name, other.phone, other.phone_index) == ("芳姐", "", None)
    assert hers.source_key == other.source_key
    assert Identity.objects.filter(kind=Identity.Kind.SHOP).count() == 1


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    bring_in(path)
    before = list(Relation.objects.order_by("pk").values())
    assert counts(bring_in(path)) == (2, 0, 0, 2, 0)
    assert list(Relation.objects.order_by("pk").values()) == before
    assert Event.objects.filter(name="customer.joined").count() == 2


def test_a_file_corrects_what_the_shop_knows_and_never_what_the_host_wrote(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    header = "门店编号,客户编号,姓名,手机号,备注名,阶段\n"
    bring_in(written(tmp_path, header + "lin,900,王芳,13800008000,,\n"))
    relation = Relation.objects.get(host=hosts["lin"])
    relation.remark = "楼上王姐"
    relation.save()
    changed = written(tmp_path, header + "lin,900,王芳芳,13900009000,三栋王,新客\n")
    assert counts(bring_in(changed)) == (1, 0, 1, 0, 0)
    relation.refresh_from_db()
    assert (relation.name, relation.phone) == ("王芳芳", "+8613900009000")
    assert (relation.remark, relation.imported_stage) == ("楼上王姐", "new")
    found, _ = customers.find_or_make_relation(
        hosts["lin"], phone="13900009000", name="", source="order", now=NOON
    )
    assert found == relation


def test_what_the_file_leaves_blank_stays(tmp_path: Path, hosts: dict[str, Host]) -> None:
    bring_in(written(tmp_path, TWO))
    assert counts(bring_in(written(tmp_path, CUSTOMERS + "lin,900,,\n"))) == (1, 0, 0, 1, 0)
    relation = Relation.objects.get(host=hosts["lin"])
    assert (relation.name, relation.phone) == ("王芳", "+8613800008000")


def test_a_phone_finds_the_hosts_own_relation_and_nobody_elses(
    tmp_path: Path, hosts: dict[str, Host]
) -> None:
    for host in hosts.values():
        customers.find_or_make_relation(host, phone="13800008000", name="王芳", source="order", now=MORNING)
    assert counts(bring_in(written(tmp_path, CUSTOMERS + "lin,900,,13800008000\n"))) == (1, 0, 1, 0, 0)
    assert Relation.objects.get(host=hosts["lin"]).source_key == "shop:900"
    assert Relation.objects.get(host=hosts["chen"]).source_key == ""
    assert Customer.objects.count() == 2


def test_a_phone_that_two_of_her_customers_claim_goes_back(tmp_path: Path, hosts: dict[str, Host]) -> None:
    bring_in(written(tmp_path, CUSTOMERS + "lin,900,王芳,13800008000\nlin,901,李雷,13911112222\n"))
    outcome = bring_in(written(tmp_path, CUSTOMERS + "lin,901,李雷,13800008000\nlin,902,,13911112222\n"))
    assert counts(outcome) == (2, 0, 0, 0, 2)
    assert all("这位大C的另一位客户已用这个手机号" in line for line in sent_back(outcome))
    assert Relation.objects.get(source_key="shop:901").phone == "+8613911112222"


def test_a_phone_given_up_in_one_row_may_be_another_customers_in_the_next(tmp_path: Path) -> None:
    bring_in(written(tmp_path, CUSTOMERS + "lin,900,王芳,13800008000\n"))
    outcome = bring_in(written(tmp_path, CUSTOMERS + "lin,900,王芳,13900009000\nlin,901,李雷,13800008000\n"))
    assert counts(outcome) == (2, 1, 1, 0, 0)
    assert Relation.objects.get(source_key="shop:901").phone == "+8613800008000"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("lin,902,张三,12345", "手机号：手机号不对：请填 11 位手机号"),
        ("lin,902,张三,1.38E+10", "手机号：“1.38E+10”是表格改过的写法"),
        ("lin,902,张三,139OOOO1111", "请把 O 改成数字 0"),
        ("lin,,张三,", "客户编号和手机号都没有填"),
        (",902,张三,", "门店编号：没有填"),
        ("nobody,902,张三,", "没有编号是 nobody 的大C"),
        ("lin,902," + "张" * 61 + ",", "姓名：超过 60 个字"),
        ("lin,9.02E+15,张三,", "已被 Excel 改成科学计数法"),
        ("lin,902,张三", "这一行有 3 列，表头有 4 列"),
        ("lin,900,王芳,", "与第 2 行是同一位客户"),
        ("lin,902,张三,138 0000 8000", "与第 2 行是同一个手机号"),
    ],
)
def test_a_bad_row_goes_back_alone_with_its_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    outcome = bring_in(written(tmp_path, f"{TWO}{line}\nlin,903,赵六,13700007000\n"))
    assert counts(outcome) == (4, 3, 0, 0, 1)
    (back,) = sent_back(outcome)
    assert back.startswith("4,")
    assert reason in back
    assert check_imports() == []


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("老客,,", "阶段：“老客”不是阶段，应是新客、成长、熟客、沉睡、流失之一"),
        (",13-40,", "生日：“13-40”不是生日"),
        (",,2199-01-01", "成为客户时间：在将来"),
        (",,昨天", "成为客户时间：“昨天”不是时间"),
    ],
)
def test_other_cells_are_looked_at_too(tmp_path: Path, cells: str, reason: str) -> None:
    outcome = bring_in(
        written(tmp_path, f"门店编号,客户编号,阶段,生日,成为客户时间\nlin,900,{cells}\nlin,901,,,\n")
    )
    assert counts(outcome) == (2, 1, 0, 0, 1)
    assert reason in sent_back(outcome)[0]


def test_the_mended_rejects_come_in(tmp_path: Path) -> None:
    outcome = bring_in(written(tmp_path, CUSTOMERS + "lin,900,=王芳,1380000\n"))
    assert outcome.rejected_file is not None
    mended = outcome.rejected_file.read_text(encoding="utf-8-sig").replace("1380000", "13800008000")
    assert "'=王芳" in mended
    assert counts(bring_in(written(tmp_path, mended, name="mended.csv"))) == (1, 1, 0, 0, 0)
    assert Relation.objects.get().name == "=王芳"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_every_encoding_of_this_country(tmp_path: Path, encoding: str) -> None:
    assert counts(bring_in(written(tmp_path, TWO, encoding=encoding))) == (2, 2, 0, 0, 0)
    assert {relation.name for relation in Relation.objects.all()} == {"王芳", "李雷"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (TWO.encode()[:-25], "只传了一半"),
        (TWO.encode()[:-2] + b"\xe7\x8e", "坏掉的字|只传了一半"),
        (CUSTOMERS.encode(), "只有表头"),
        ("姓名,手机号\n王芳,13800008000\n".encode(), "缺少“门店编号”一列.*--host"),
        ("门店编号,姓名\nlin,王芳\n".encode(), "“客户编号”和“手机号”至少要有一列"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "旧版 .xls"),
        (b"", "文件是空的"),
    ],
)
def test_a_file_that_is_wrong_leaves_nothing(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=sentence):
        bring_in(path)
    assert not Relation.objects.exists()
    assert not ImportRun.objects.exclude(state=ImportRun.State.REFUSED).exists()


def test_one_hosts_own_file_needs_no_store_numbers(tmp_path: Path, hosts: dict[str, Host]) -> None:
    path = written(tmp_path, "姓名,手机号\n王芳,13800008000\n")
    assert counts(bring_in(path, host=hosts["chen"])) == (1, 1, 0, 0, 0)
    assert Relation.objects.get().host == hosts["chen"]
    with pytest.raises(UnreadableError, match="请去掉 --host"):
        bring_in(written(tmp_path, TWO), host=hosts["chen"])


def test_unknown_stores_become_guides_when_asked(tmp_path: Path) -> None:
    path = written(tmp_path, CUSTOMERS + "330,900,王芳,13800008000\n")
    outcome = bring_in(path, make_hosts_under=a_company())
    assert (counts(outcome), outcome.notes) == ((1, 1, 0, 0, 0), ["新建了 1 位导购。"])
    guide = Relation.objects.get().host
    assert (guide.user.username, guide.kind, guide.is_active) == ("shop-330", "guide", True)
    assert not guide.user.has_usable_password()


def test_a_workbook_with_excels_own_numbers_and_dates(tmp_path: Path, hosts: dict[str, Host]) -> None:
    path = tmp_path / "customers.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["门店编号", "客户编号", "姓名", "手机号", "成为客户时间"])
        sheet.write_row(1, 0, ["lin", 900, "王芳", 13800008000])
        sheet.write_datetime(1, 4, datetime(2025, 6, 1), day)
        sheet.write_row(2, 0, ["lin", "901"])
        sheet.write_formula(2, 2, '="李"&"雷"', None, "李雷")
        sheet.write_string(2, 3, "13911112222")
    outcome = bring_in(path)
    assert counts(outcome) == (2, 2, 0, 0, 0), sent_back(outcome)
    first, second = Relation.objects.order_by("pk")
    assert (first.source_key, first.phone) == ("shop:900", "+8613800008000")
    assert first.joined_at.astimezone(SHANGHAI).date() == date(2025, 6, 1)
    assert (second.name, second.phone) == ("李雷", "+8613911112222")


def test_a_dry_run_leaves_no_trace_and_no_staged_row(tmp_path: Path) -> None:
    outcome = bring_in(written(tmp_path, TWO + "lin,902,张三,12345\n"), dry_run=True)
    assert counts(outcome) == (3, 0, 0, 0, 1)
    assert not Relation.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'staging'")
        assert cursor.fetchone() == (0,)
