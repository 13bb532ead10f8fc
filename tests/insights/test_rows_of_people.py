"""A line about a person names the host with whom it happened at the time that it shows."""

from datetime import datetime, timedelta

import pytest

from apps.accounts import roles
from apps.accounts.models import Host
from apps.customers.handover import acts
from apps.customers.models import Relation
from apps.insights.periods import last_days
from apps.insights.selectors import EVERYBODY, numbers, rows_behind
from apps.insights.selectors.rows import Row
from apps.lib.clock import SHANGHAI
from apps.lib.masks import mask_name
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look
from tests.library.desk import a_person, browser
from tests.privacy.test_erased_marks import erase
from tests.projecting import project_now

AT = datetime(2026, 3, 5, 9, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)
NOW = AT + 20 * HOUR
SPAN = last_days(30, NOW)


@pytest.fixture
def hosts(db: None) -> tuple[Host, Host]:
    return a_host("lin"), a_host("zhao", "赵店长")


def only_row(name: str) -> Row:
    project_now()
    found = rows_behind(name, hosts=EVERYBODY, span=SPAN, now=NOW)
    assert found.count == getattr(numbers(SPAN, hosts=EVERYBODY), name) == 1
    [row] = found.rows
    return row


def hand_over(relation: Relation, frm: Host, to: Host, at: datetime) -> None:
    hers = Relation.objects.filter(pk=relation.pk)
    acts.hand_over(frm, to, relations=hers, scope="", reason="换人", by=None, now=at)


@pytest.mark.parametrize("name", ["buyers", "returning_buyers"])
@pytest.mark.parametrize("sold_last", [0, 1])
def test_a_buyer_is_named_with_who_sold_to_her_last(
    hosts: tuple[Host, Host], name: str, sold_last: int
) -> None:
    first, last = hosts[1 - sold_last], hosts[sold_last]
    sku = a_sku()
    relation = buy(first, sku, at=AT).relation
    buy(first, sku, at=AT + HOUR)
    hand_over(relation, first, last, AT + 2 * HOUR)
    buy(last, sku, at=AT + 3 * HOUR)
    buy(last, sku, at=AT + 4 * HOUR)

    row = only_row(name)

    times = {"buyers": 4, "returning_buyers": 2}[name]
    assert (row.host, row.at, row.relation) == (last, AT + 4 * HOUR, relation)
    assert row.what == f"一共下了 {times} 单，算给 2 位大C；这里是最近一单的大C和时间"


def test_a_buyer_whom_another_serves_by_now_stays_with_who_sold(hosts: tuple[Host, Host]) -> None:
    seller, server = hosts
    relation = buy(seller, a_sku(), at=AT).relation
    hand_over(relation, seller, server, AT + HOUR)

    row = only_row("buyers")

    assert (row.host, row.at, row.relation, row.visitor) == (seller, AT, None, "已交接的客户")
    assert row.what == "下了 1 单"


@pytest.mark.parametrize("came_first", [0, 1])
def test_a_visitor_is_named_with_whose_page_she_saw_first(hosts: tuple[Host, Host], came_first: int) -> None:
    first, later = hosts[came_first], hosts[1 - came_first]
    visitor = a_visitor(AT)
    look(a_link(first, a_material(), at=AT), visitor, at=AT + HOUR)
    look(a_link(later, a_material("冬日暖锅"), at=AT), visitor, at=AT + 2 * HOUR)

    row = only_row("visitors")

    assert (row.host, row.at) == (first, AT + HOUR)
    assert row.what == "一共看了 2 次，在 2 位大C的页面上；这里是第一次的大C和时间"


def test_who_was_erased_is_called_at_hq_as_on_her_hosts_phone(hosts: tuple[Host, Host]) -> None:
    lin, _ = hosts
    kept = buy(lin, a_sku(), at=AT, phone="13800001111", name="王小明").relation
    gone = buy(lin, a_sku("茶"), at=AT).relation
    erase(gone)
    project_now()
    gone.refresh_from_db()
    assert gone.shown_name.startswith("已删除的客户 用户")

    page = browser(a_person(roles.ADMIN, "hq")).get("/hq/insights/buyers/?day=2026-03-05").content.decode()

    assert gone.shown_name in page
    assert "未留名" not in page
    assert mask_name(kept.name) in page
    assert kept.name not in page
