"""Every number opens the rows it counts, and they add up to it."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Host
from apps.insights import metrics, selectors
from apps.insights.selectors import EVERYBODY, Rows, rows_behind
from apps.insights.selectors.rows import UnknownNumberError
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue, IssueEntry, Material
from tests.projecting import project_now
from tests.world import START, live_through

NOW = START + timedelta(days=13, hours=12)
LAST = START.astimezone(SHANGHAI).date()


@pytest.fixture
def lin(db: None) -> Host:
    live_through()
    project_now()
    return Host.objects.get(user__username="lin")


def behind(name: str, host: Host | None, period: str = "30d", **more: object) -> Rows:
    span = selectors.span_of(period, NOW)
    return rows_behind(name, span=span, hosts=host or EVERYBODY, now=NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    ["visits", "visitors", "customers", "new_customers", "orders", "shares", "buyers", "returning_buyers"],
)
@pytest.mark.parametrize("period", ["7d", "30d"])
@pytest.mark.parametrize("everybody", [False, True])
def test_a_count_is_the_number_of_its_rows(lin: Host, name: str, period: str, everybody: bool) -> None:
    host = None if everybody else lin
    found = behind(name, host, period)
    number = getattr(selectors.numbers(selectors.span_of(period, NOW), hosts=host or EVERYBODY), name)

    assert found.count == number
    assert len(found.rows) == min(number, 50)
    assert number > 0


@pytest.mark.parametrize(("name", "field"), [("gmv", "gmv_fen"), ("commission", "commission_fen")])
@pytest.mark.parametrize("period", ["today", "7d", "30d"])
def test_money_is_the_sum_of_its_rows(lin: Host, name: str, field: str, period: str) -> None:
    found = behind(name, lin, period)

    assert found.sum_fen == getattr(selectors.host_numbers(lin, period, NOW), field)
    assert found.sum_fen == sum(row.fen or 0 for row in found.rows)
    assert {row.what.split("，")[0] for row in behind("gmv", None).rows} == {"下单", "取消", "退货"}


@pytest.mark.parametrize("step", ["reached", "read", "ordered"])
def test_each_step_of_the_funnel_opens_its_visitors(lin: Host, step: str) -> None:
    span = selectors.span_of("30d", NOW)
    assert behind(step, lin).count == getattr(selectors.funnel(span, hosts=lin), step) > 0


def test_the_numbers_of_adoption_open_their_hosts(lin: Host) -> None:
    issue = Issue(number=1, theme="新年", starts_on=LAST - timedelta(days=LAST.weekday()), owner=lin.user)
    issue.live = True
    issue.entries = [IssueEntry(material=one, day=1) for one in Material.objects.all()]
    issue.save()
    idle = Host.objects.create(
        user=lin.user.__class__.objects.create_user("idle"),
        organisation=lin.organisation,
        kind="owner",
        status="active",
        name="还没开始",
        joined_at=START,
    )
    adoption = selectors.issue_adoption(issue, NOW, hosts=EVERYBODY)
    counts = {
        name: rows_behind(
            name, hosts=EVERYBODY, span=selectors.span_of_issue(issue, NOW), issue=issue, now=NOW
        ).count
        for name in ("active_hosts", "opener_hosts", "sharer_hosts", "idle_hosts")
    }

    assert counts["active_hosts"] == adoption.active == 3
    assert counts["opener_hosts"] == adoption.opened == 2
    assert counts["sharer_hosts"] == adoption.shared
    assert counts["idle_hosts"] == adoption.active - adoption.opened
    (row,) = rows_behind(
        "idle_hosts", hosts=EVERYBODY, span=selectors.span_of_issue(issue, NOW), issue=issue, now=NOW
    ).rows
    assert (row.host, row.what) == (idle, "还没打开过素材")


def test_a_row_says_when_who_and_what(lin: Host) -> None:
    order = behind("orders", lin).rows[0]
    visit = behind("visits", lin).rows[0]

    assert order.host == lin
    assert order.relation is not None
    assert order.relation.host_id == lin.pk
    assert order.order_id is not None
    assert order.fen
    assert order.what.startswith("下单，来自《")
    assert visit.what.startswith("《")
    assert "（社群）" in visit.what
    assert visit.relation is not None or visit.visitor.startswith("访客")


def test_a_page_holds_fifty_newest_first(lin: Host) -> None:
    found = behind("reached", None)
    moments = [row.at for row in found.rows]
    assert moments == sorted(moments, key=lambda at: at or NOW, reverse=True)
    assert not found.has_next
    assert behind("reached", None, page=9).rows == []
    assert behind("reached", None, page=0).page == 1


def test_a_number_nobody_knows_is_refused(lin: Host) -> None:
    with pytest.raises(UnknownNumberError):
        behind("password", lin)


@pytest.mark.parametrize("name", sorted(metrics.BY_NAME))
def test_the_rows_take_few_queries(lin: Host, name: str) -> None:
    behind(name, None)
    with CaptureQueriesContext(connection) as queries:
        behind(name, None)
    assert len(queries) <= 9


def test_all_moments_are_within_the_span(lin: Host) -> None:
    span = selectors.span_of("7d", NOW)
    for name in ("visits", "orders", "gmv", "new_customers", "shares", "reached"):
        for row in behind(name, None, "7d").rows:
            assert isinstance(row.at, datetime)
            assert span.starts_at <= row.at < span.ends_at
