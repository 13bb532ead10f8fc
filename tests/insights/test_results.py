"""What came of issues and materials: each number equals its rows, and the words hold what they say."""

import io
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.accounts.scope import EVERYBODY
from apps.accounts.services import move_host
from apps.insights import selectors
from apps.insights.selectors import Tally, rows_behind
from apps.lib.clock import SHANGHAI
from apps.library.models import Issue, IssueEntry, IssueQuota, Material
from apps.tracking import services as tracking
from apps.tracking.models import Channel
from apps.trade import services as trade
from apps.trade.pricing import Item, quote
from tests.factories import a_branch, a_host, a_person_at_hq, a_sku
from tests.happenings import MINUTE, a_link, a_material, a_visitor, buy, look, open_material, share
from tests.insights.test_console import browser, page
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 2, 16), date(2026, 3, 2)
#: The second fortnight is over.
NOW = datetime(2026, 3, 20, 10, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def an_issue(
    number: int, starts_on: date, *materials: Material, quotas: dict[str, int] | None = None
) -> Issue:
    """An issue that was published, with one material a day at nine."""
    owner = a_person_at_hq(roles.EDITOR, username=f"owner{number}")
    issue = Issue(number=number, theme="春日", starts_on=starts_on, owner=owner, live=True)
    issue.entries = [IssueEntry(material=one, day=n, best_time=time(9)) for n, one in enumerate(materials, 1)]
    issue.quotas = [IssueQuota(kind=kind, minimum=least) for kind, least in (quotas or {}).items()]
    issue.save()
    at = datetime.combine(starts_on, time(7), SHANGHAI)
    Issue.objects.filter(pk=issue.pk).update(first_published_at=at)
    Material.objects.filter(pk__in=[one.pk for one in materials]).update(first_published_at=at)
    issue.refresh_from_db()
    return issue


def did(name: str, host: Host, material: Material, at: datetime) -> None:
    tracking.record(
        f"material.{name}", at=at, host_id=host.pk, subject_kind="material", subject_id=material.pk
    )


@pytest.fixture
def issue() -> Issue:
    """Two hosts of two branches; two materials used in many ways, one by nobody; an issue before it."""
    lin = a_host("lin", "林姐", organisation=a_branch("华东"))
    zhao = a_host("zhao", "赵店长", organisation=a_branch("华南"))
    a_host("idle", "阿静", organisation=lin.organisation)
    warm, spring, unused = a_material("冬日暖锅"), a_material("春日焕新"), a_material("没人用的")
    Material.objects.filter(pk=spring.pk).update(kind=Material.Kind.PICTURES)
    sku = a_sku(price_fen=10_000)
    visitors = [a_visitor(NOW) for _ in range(5)]
    for starts_on, times in ((FIRST, 1), (SECOND, 3)):
        start = datetime.combine(starts_on, time(9), SHANGHAI)
        for day in range(times):
            for host, material, channel in (
                (lin, warm, Channel.GROUP),
                (lin, spring, Channel.MOMENTS),
                (zhao, spring, Channel.SINGLE),
            ):
                at = start + day * DAY
                link = a_link(host, material, at=at, channel=channel)
                open_material(host, material, at=at)
                did("copied", host, material, at)
                share(link, at=at + MINUTE)
                for n, visitor in enumerate(visitors[: 2 + day]):
                    look(link, visitor, at=at + timedelta(hours=n), stays=bool(n % 2))
        did("saved", lin, warm, start)
        link = a_link(lin, warm, at=start)
        for n in range(times):
            buy(lin, sku, at=start + n * DAY + MINUTE, phone=f"1380000800{n}", link=link, visitor=visitors[n])
    order = trade.place_order(
        quote(zhao, [Item(sku, 2)]),
        name="小美",
        phone="13800009000",
        address="广州",
        now=start + 2 * DAY,
        link=a_link(zhao, spring, at=start, channel=Channel.SINGLE),
        visitor=visitors[4],
    ).order
    trade.cancel_order(order, by=None, now=start + 4 * DAY)
    buy(zhao, sku, at=start + DAY, phone="13800009001")  # by no link: not the issue's
    an_issue(6, FIRST, warm, spring)
    found = an_issue(7, SECOND, warm, spring, unused, quotas={"article": 2, "video": 1})
    project_now()
    return found


#: The numbers of a tally and the rows that they count.
ROWS = {
    "openers": "opener_hosts",
    "copiers": "copier_hosts",
    "savers": "saver_hosts",
    "sharers": "sharer_hosts",
    "shares": "shares",
    "reached": "reached",
    "read": "read",
    "ordered": "ordered",
    "orders": "orders",
}


def differing(issue: Issue, tally: Tally, names: Any = ROWS, **scope: Any) -> list[Any]:
    """Numbers whose rows are not as many as they say."""
    span = selectors.span_of_issue(issue, NOW)
    wrong = []
    for name in names:
        rows = rows_behind(ROWS[name], span=span, now=NOW, issue=issue, **{"hosts": EVERYBODY, **scope})
        if rows.count != getattr(tally, name):
            wrong.append((name, getattr(tally, name), rows.count))
    money = rows_behind("gmv", span=span, now=NOW, issue=issue, **{"hosts": EVERYBODY, **scope}).sum_fen
    if money != tally.gmv_fen:
        wrong.append(("gmv", tally.gmv_fen, money))
    return wrong


def test_every_number_of_every_side_is_as_many_as_its_rows(issue: Issue) -> None:
    report = selectors.issue_report(issue, NOW, hosts=EVERYBODY)
    sides = report.tallies

    assert differing(issue, report.total) == []
    for pk, tally in sides.materials.items():
        assert differing(issue, tally, subject=("material", pk)) == []
    for pk, tally in sides.hosts.items():
        assert differing(issue, tally, hosts=Host.objects.get(pk=pk)) == []
    for kind, tally in sides.kinds.items():
        assert differing(issue, tally, kind=kind) == []
    linked = ("shares", "reached", "read", "ordered", "orders")
    for channel, tally in sides.channels.items():
        assert differing(issue, tally, linked, channel=channel) == []
    for hour, tally in sides.hours.items():
        assert differing(issue, tally, linked, hour=hour) == []
    for node, tally in report.organisations:
        assert differing(issue, tally, hosts=Host.objects.filter(organisation=node)) == []


def test_the_headline_counts_the_hosts_of_its_parts_whatever_became_of_them(issue: Issue) -> None:
    before = selectors.issue_report(issue, NOW, hosts=EVERYBODY)
    for host in Host.objects.filter(pk__in=before.tallies.hosts):
        move_host(host, to="suspended", actor=None, now=NOW)

    report = selectors.issue_report(issue, NOW, hosts=EVERYBODY)

    for told in (before, report):
        opened = sum(tally.openers for _, tally in told.organisations)
        assert told.adoption.opened == told.total.openers == opened == 2
        assert told.adoption.shared == told.total.sharers == 2
        assert told.adoption.opened + told.adoption.idle == told.adoption.active == before.adoption.active


def test_the_report_counts_the_fortnight_of_its_own_materials(issue: Issue) -> None:
    total = selectors.issue_report(issue, NOW, hosts=EVERYBODY).total

    assert (total.openers, total.copiers, total.savers, total.sharers, total.shares) == (2, 2, 1, 2, 9)
    # Three orders of 林姐's by the link; 赵's was cancelled, and her other one came by no link.
    assert (total.orders, total.gmv_fen) == (4, 30_000)
    # Three links with two new visitors each (two had come in the issue before), and the cancelled order's.
    assert (total.reached, total.ordered) == (7, 2)


def test_it_stands_beside_the_issue_before(issue: Issue) -> None:
    report = selectors.issue_report(issue, NOW, hosts=EVERYBODY)
    assert report.before is not None
    assert report.before.issue.number == 6
    assert (report.before.total.shares, report.before.total.orders) == (3, 1)
    assert report.before.adoption.opened == 2
    assert len(report.before.adoption.days) == len(report.adoption.days) == 14


def test_a_running_issue_is_compared_over_as_many_days(issue: Issue) -> None:
    second_day = datetime.combine(SECOND, time(12), SHANGHAI) + DAY
    report = selectors.issue_report(issue, second_day, hosts=EVERYBODY)
    assert report.before is not None
    assert (report.days, report.is_over) == (2, False)
    assert len(report.before.adoption.days) == 2


def test_a_region_manager_gets_the_own_branch_alone(issue: Issue) -> None:
    south = Host.objects.get(user__username="zhao").organisation
    client = browser(roles.REGION_MANAGER, organisation=south)

    shown = page(client, f"/hq/insights/issues/{issue.public_id}/")

    assert "1 位在用的大C" in shown
    assert "赵店长" in shown
    assert "林姐" not in shown
    assert "华东" not in shown
    sheet = load_workbook(io.BytesIO(_file(client, issue)))["大C"]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == ["赵店长"]
    host = Host.objects.get(user__username="lin")
    assert (
        client.get(f"/hq/insights/shares/?issue={issue.public_id}&host={host.public_id}").status_code == 404
    )


def by_node(issue: Issue) -> dict[str, Tally]:
    """The split by organisation, each of whose numbers is as many as the rows that its link opens."""
    report = selectors.issue_report(issue, NOW, hosts=EVERYBODY)
    assert sum(tally.gmv_fen for _, tally in report.organisations) == report.total.gmv_fen
    assert sum(tally.reached for _, tally in report.organisations) == report.total.reached
    for node, tally in report.organisations:
        assert differing(issue, tally, organisation=node) == []
    return {node.name: tally for node, tally in report.organisations}


def test_who_moves_takes_no_past_day_to_her_new_organisation(issue: Issue) -> None:
    before = by_node(issue)
    lin, other = Host.objects.get(user__username="lin"), a_branch("西南")
    assert before["华东"].gmv_fen > 0

    accounts.place_host(lin, organisation=other, actor=None, now=NOW)
    assert by_node(issue) == before
    back = accounts.place_host(lin, organisation=a_branch("东北"), actor=None, now=NOW + DAY)
    assert by_node(issue) == before

    # A day is the node's at which she was when it ended.
    client = browser(roles.ADMIN)
    rows = page(
        client, f"/hq/insights/gmv/?issue={issue.public_id}&organisation={back.organisation.public_id}"
    )
    assert "林姐" not in rows
    assert "按大C当天所在的组织算" in page(client, f"/hq/insights/issues/{issue.public_id}/")


def test_a_day_is_the_organisations_at_which_she_was_when_it_ended(issue: Issue) -> None:
    whole = by_node(issue)["华东"]
    lin = Host.objects.get(user__username="lin")
    second_day = datetime.combine(SECOND + DAY, time(12), SHANGHAI)

    accounts.place_host(lin, organisation=a_branch("西南"), actor=None, now=second_day)

    split = by_node(issue)
    assert (split["华东"].orders, split["西南"].orders) == (1, whole.orders - 1)
    assert (split["华东"].openers, split["西南"].openers) == (1, 1)
    assert split["华东"].shares + split["西南"].shares == whole.shares


def test_who_sees_no_numbers_gets_no_report(issue: Issue) -> None:
    client = browser(roles.SUPPORT)
    for path in (
        "issues/",
        f"issues/{issue.public_id}/",
        f"issues/{issue.public_id}/report.xlsx",
        "materials/",
    ):
        assert client.get(f"/hq/insights/{path}").status_code == 302, path
    strangers = Client()
    assert "/login/" in strangers.get(f"/hq/insights/issues/{issue.public_id}/")["Location"]


def test_an_issue_that_was_never_published_or_has_not_begun_has_no_report(issue: Issue) -> None:
    client = browser(roles.ANALYST)
    draft = an_issue(8, date(2026, 3, 30), a_material("下期"))
    assert client.get(f"/hq/insights/issues/{draft.public_id}/").status_code == 404
    Issue.objects.filter(pk=issue.pk).update(first_published_at=None)
    for public_id in (issue.public_id, uuid4()):
        assert client.get(f"/hq/insights/issues/{public_id}/").status_code == 404
        assert client.get(f"/hq/insights/issues/{public_id}/report.xlsx").status_code == 404
        assert client.get(f"/hq/insights/shares/?issue={public_id}").status_code == 404
    assert client.get("/hq/insights/shares/?material=x").status_code == 404


def test_the_pages_tell_it_and_every_number_leads_to_rows(issue: Issue) -> None:
    client = browser(roles.ADMIN)
    shown = page(client, f"/hq/insights/issues/{issue.public_id}/")

    assert "第 7 期《春日》" in shown
    assert "比上期多 6" in shown
    assert "¥300.00" in shown
    spring = Material.objects.get(title="春日焕新")
    assert f"/hq/insights/reached/?issue={issue.public_id}&amp;material={spring.public_id}" in shown
    assert "第 7 期《春日》" in page(client, "/hq/insights/issues/")
    assert "春日焕新" in page(client, "/hq/insights/materials/?period=30d&q=春日")
    of_one = page(client, f"/hq/insights/materials/{spring.public_id}/?period=30d")
    assert "林姐" in of_one
    rows = page(
        client,
        f"/hq/insights/orders/?issue={issue.public_id}&material={spring.public_id}&channel=single&hour=9",
    )
    assert "《春日焕新》 · 一对一 · 9—10 点" in rows
    assert "<b>1</b> 条" in rows
    assert "看明细" in shown or "样本太少" in shown


def test_the_workbook_holds_texts_and_numbers_and_no_formula(issue: Issue) -> None:
    Host.objects.filter(user__username="lin").update(name='=HYPERLINK("http://x","林")')
    Material.objects.filter(title="春日焕新").update(title="=1+1")

    book = load_workbook(io.BytesIO(_file(browser(roles.ANALYST), issue)))

    assert {"概览", "下一步", "素材", "大C", "渠道", "组织", "小时", "采用曲线", "类型"} == set(
        book.sheetnames
    )
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert '=HYPERLINK("http://x","林")' in {cell.value for cell in cells}
    names = [row[0].value for row in book["素材"].iter_rows(min_row=2)]
    assert names == ["冬日暖锅", "=1+1", "没人用的"]
    assert book["素材"].cell(2, 13).value == 300
    assert not {"小雨", "小美"} & {str(cell.value) for cell in cells}


def _file(client: Client, issue: Issue) -> bytes:
    answer = client.get(f"/hq/insights/issues/{issue.public_id}/report.xlsx")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return bytes(answer.content)


# --- what to do next -----------------------------------------------------------------------------------


def test_little_data_gives_no_conclusion(issue: Issue) -> None:
    said = selectors.advice(selectors.issue_report(issue, NOW, hosts=EVERYBODY))

    assert said[0].do == "样本太少，先不下结论。"
    assert not [one for one in said if "多排" in one.do or "换个写法" in one.do]


def test_gaps_and_quiet_hosts_are_named(issue: Issue) -> None:
    said = {one.do for one in selectors.advice(selectors.issue_report(issue, NOW, hosts=EVERYBODY))}

    assert "下一期先补上：小视频少 1 个。" in said
    assert "「没人用的」没人转发，别再原样排进下一期。" in said
    assert any(one.startswith("阿静 1 位：先关心近况") for one in said)


def test_what_is_not_due_yet_is_nobodys_fault(issue: Issue) -> None:
    def said(of: Issue, day: int) -> list[str]:
        now = datetime.combine(of.starts_on, time(0, 59), SHANGHAI) + (day - 1) * DAY
        with time_machine.travel(now, tick=False):
            return [one.do for one in selectors.advice(selectors.issue_report(of, now, hosts=EVERYBODY))]

    # It stands for the third day, at nine.
    assert not any("没人用的" in one for one in said(issue, 3))
    assert "「没人用的」没人转发，别再原样排进下一期。" in said(issue, 4)
    begun = an_issue(8, SECOND + 14 * DAY, a_material("新茶"))
    assert not any("：" in one for one in said(begun, 1))
    assert any(one.startswith("林姐") for one in said(begun, 2))


def test_whom_to_call_is_who_was_there_as_the_headline_and_the_rows_say(issue: Issue) -> None:
    """A host who came after the issue missed nothing of it; who was paused since is counted, not called."""
    since = accounts.create_host(
        username="since",
        name="小新",
        kind=Host.Kind.OWNER,
        organisation=Host.objects.get(user__username="lin").organisation,
        now=NOW,
    )
    move_host(a_host("paused", "阿停"), to="suspended", actor=None, now=NOW)

    report = selectors.issue_report(issue, NOW, hosts=EVERYBODY)
    (call,) = [one for one in selectors.advice(report) if one.number == "idle_hosts"]
    span = selectors.span_of_issue(issue, NOW)
    rows = rows_behind("idle_hosts", hosts=EVERYBODY, span=span, now=NOW, issue=issue)

    assert {host.name for host in report.idle} == {"阿静", "阿停"}
    assert since not in report.silent
    assert rows.count == report.adoption.idle == len(report.idle) == 2
    assert (call.do, call.because) == (
        "阿静等 2 位：先关心近况，再陪她发一条。",
        "整期的素材一个都没打开，其中 1 位现在已暂停或离开。",
    )


def test_who_shared_last_time_and_not_this_time_is_named_first(issue: Issue) -> None:
    quiet = a_host("fell", "梅姐")
    link = a_link(quiet, Material.objects.get(title="冬日暖锅"), at=NOW)
    share(link, at=datetime.combine(FIRST, time(10), SHANGHAI))
    project_now()

    said = [
        one
        for one in selectors.advice(selectors.issue_report(issue, NOW, hosts=EVERYBODY))
        if one.topic == "给谁打电话"
    ]

    assert said[0].do.startswith("梅姐 1 位")
    assert said[0].hosts == (quiet,)
    assert not any(quiet in one.hosts for one in said[1:])


def test_a_kind_is_praised_only_when_chance_does_not_explain_it(issue: Issue) -> None:
    lin, sku = Host.objects.get(user__username="lin"), a_sku("梨", stock=500)
    start = datetime.combine(SECOND, time(10), SHANGHAI)
    for title, buyers in (("冬日暖锅", 12), ("春日焕新", 1)):
        link = a_link(lin, Material.objects.get(title=title), at=start, channel=Channel.COPY)
        for n in range(60):
            visitor = a_visitor(start)
            look(link, visitor, at=start + n * MINUTE)
            if n < buyers:
                phone = f"139{buyers:04d}{n:04d}"
                buy(lin, sku, at=start + (n + 1) * MINUTE, phone=phone, link=link, visitor=visitor)
    project_now()

    said = [one.do for one in selectors.advice(selectors.issue_report(issue, NOW, hosts=EVERYBODY))]

    assert "下一期多排「种草文章」，比这一期的 2 个再多一两个。" in said
    assert "「产品图集」换个写法，或少排一个。" in said


def test_the_report_takes_the_same_queries_for_few_and_for_many(issue: Issue) -> None:
    client = browser(roles.ADMIN)
    taken = []
    for n in (1, 9):
        for k in range(n):
            host = a_host(f"more{n}{k}")
            link = a_link(host, Material.objects.get(title="冬日暖锅"), at=NOW)
            share(link, at=datetime.combine(SECOND, time(9), SHANGHAI))
        project_now()
        path = f"/hq/insights/issues/{issue.public_id}/"
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        taken.append(len(queries))
    assert taken[0] == taken[1]
