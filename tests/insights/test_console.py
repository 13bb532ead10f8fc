"""HQ's numbers in the console: by role, by region, masked, written down, and never empty of words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.accounts.scope import EVERYBODY
from apps.insights import access, metrics, selectors
from apps.insights.periods import Period
from apps.library.models import Issue
from apps.records.models import AccessLog
from tests.factories import a_branch, a_host, a_person_at_hq, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look, open_material, share
from tests.insights.test_numbers import NOW, an_issue
from tests.pages import html_of, text_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def browser(role: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(a_person_at_hq(role, username=f"hq-{roles.ALL.index(role)}", **fields))
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer
    return html_of(answer)


@pytest.fixture
def lin() -> Host:
    """A host with a share, a visit and an order yesterday, in the fourth day of an issue."""
    host, material, visitor = a_host(), a_material("春日焕新"), a_visitor(NOW)
    link = a_link(host, material, at=NOW)
    open_material(host, material, at=NOW - DAY)
    share(link, at=NOW - DAY)
    look(link, visitor, at=NOW - DAY)
    buy(host, a_sku(price_fen=12_345), at=NOW - DAY, link=link, visitor=visitor, name="张小雨")
    an_issue(material)
    project_now()
    return host


def test_the_home_tells_the_issue_in_numbers_that_open_their_rows(lin: Host) -> None:
    User.objects.update(last_login=NOW)
    Host.objects.update(joined_at=NOW - 90 * DAY)  # nobody is a newcomer
    client = browser(roles.OPERATOR)

    home = page(client, "/hq/")

    assert "第 7 期用得怎么样" in home
    of_issue = f"?issue={Issue.objects.get().public_id}"
    assert f'<a href="/hq/insights/opener_hosts/{of_issue}"><b>1</b> 位打开了</a>' in home
    assert f'<a href="/hq/insights/idle_hosts/{of_issue}"><b>1</b> 位还没打开</a>' in home
    assert "大C转发 <b>1</b> 次" in home
    assert "¥123.45" in home
    assert "今天给谁打电话" in home
    assert "本期第 4 天了，还没打开过" in home
    assert "消息收发" in home
    for table in ("打开（累计）", "取消和退货"):  # behind every chart
        assert table in home


def test_a_house_without_anything_says_what_will_be_there() -> None:
    home = page(browser(roles.ANALYST), "/hq/")

    assert "现在没有正在进行的一期。" in home
    assert "这 14 天还没有来访和订单。" in home
    assert "没有需要催的大C" in home
    assert "还没有在用的大C" in page(browser(roles.OPERATOR), "/hq/insights/")


def test_who_may_not_see_numbers_sees_no_panel_and_no_page(lin: Host) -> None:
    client = browser(roles.SUPPORT)

    assert "用得怎么样" not in page(client, "/hq/")
    assert client.get("/hq/insights/").status_code == 302
    assert client.get("/hq/insights/gmv/").status_code == 302
    host = Client()
    host.force_login(lin.user)
    assert host.get("/hq/insights/").status_code == 302


def test_who_has_no_business_with_hosts_is_given_nobody_to_call(lin: Host) -> None:
    home = page(browser(roles.EDITOR), "/hq/")
    assert "第 7 期用得怎么样" in home
    assert "今天给谁打电话" not in home
    assert "消息收发" not in home


def test_the_console_and_the_api_open_numbers_to_the_same_roles() -> None:
    with_permission = Group.objects.filter(
        permissions__codename="view_hostday", permissions__content_type__app_label="insights"
    )
    assert set(with_permission.values_list("name", flat=True)) == set(access.ROLES)


@pytest.mark.parametrize("name", sorted(metrics.BY_NAME))
@pytest.mark.parametrize("query", ["", "?period=issue", "?day=2026-03-04", "?period=x&page=x&day=x"])
def test_every_number_has_its_page(lin: Host, name: str, query: str) -> None:
    assert metrics.BY_NAME[name].title in page(browser(roles.ADMIN), f"/hq/insights/{name}/{query}")


def test_a_row_names_the_customer_masked_and_the_look_is_written_down(lin: Host) -> None:
    shown = page(browser(roles.OPERATOR), "/hq/insights/orders/")

    assert "张**" in shown
    assert "小雨" not in shown
    look = AccessLog.objects.get()
    assert (look.host_id, look.is_hq, look.count) == (lin.pk, True, 1)


def test_who_may_not_see_customers_sees_money_without_names(lin: Host) -> None:
    shown = page(browser(roles.EDITOR), "/hq/insights/orders/")

    assert "张" not in shown.split("<tbody>")[1]
    assert "¥123.45" in shown
    assert "/hq/customers/" not in shown
    assert not AccessLog.objects.exists()


def test_the_money_page_adds_up_to_the_number_on_the_home(lin: Host) -> None:
    assert "¥123.45，1 条" in text_of(page(browser(roles.ADMIN), "/hq/insights/gmv/?period=14d"))


def test_a_page_can_be_one_hosts_and_a_foreign_one_is_absent(lin: Host) -> None:
    east = a_branch("华东")
    a_host("east", "东姐", organisation=east)
    everywhere, eastern = browser(roles.OPERATOR), browser(roles.REGION_MANAGER, organisation=east)

    assert "林姐的订单" in page(everywhere, f"/hq/insights/orders/?host={lin.public_id}")
    for client, wanted in ((eastern, lin.public_id), (everywhere, uuid4()), (everywhere, "x")):
        assert client.get(f"/hq/insights/orders/?host={wanted}").status_code == 404
    assert everywhere.get("/hq/insights/secrets/").status_code == 404


def test_a_region_manager_sees_the_own_branch_alone(lin: Host) -> None:
    east = a_branch("华东")
    a_host("east", "东姐", organisation=east)
    client = browser(roles.REGION_MANAGER, organisation=east)

    home, hosts = page(client, "/hq/"), page(client, "/hq/insights/")

    assert "1 位在用的大C" in home
    assert "¥123.45" not in home
    assert "东姐" in hosts
    assert "林姐" not in home + hosts
    for name in metrics.BY_NAME:
        assert "林姐" not in page(client, f"/hq/insights/{name}/?period=30d"), name


def test_hosts_stand_side_by_side_in_the_order_asked_for(lin: Host) -> None:
    a_host("quiet", "阿静")
    client = browser(roles.ANALYST)

    for sort in ("gmv", "orders", "visits", "new_customers", "shares"):
        hosts = page(client, f"/hq/insights/?sort={sort}&period=7d")
        assert hosts.index("林姐") < hosts.index("阿静"), sort
    assert "¥123.45" in page(client, "/hq/insights/?sort=nonsense&period=nonsense&page=nonsense")


def test_the_pages_take_the_same_queries_for_few_and_for_many(lin: Host) -> None:
    client = browser(roles.ADMIN)
    material, sku = a_material("别的"), a_sku("梨")
    taken: list[dict[str, int]] = []
    for n in (2, 12):
        for k in range(n):
            host = a_host(f"h{n}-{k}")
            link, visitor = a_link(host, material, at=NOW), a_visitor(NOW)
            look(link, visitor, at=NOW)
            buy(host, sku, at=NOW - 2 * DAY, link=link, visitor=visitor, phone=f"138000{n:02d}{k:03d}")
        project_now()
        counts = {}
        for path in ("/hq/", "/hq/insights/", "/hq/insights/reached/", "/hq/insights/waiting_orders/"):
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                client.get(path)
            # The log holds one row for each host whose customers were shown.
            counts[path] = sum("records_accesslog" not in query["sql"] for query in queries)
        taken.append(counts)
    assert taken[0] == taken[1]
    assert max(taken[0].values()) <= 52


def test_the_page_of_rows_counts_them_exactly(lin: Host) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_moneymove (order_id, reversal_id, host_id, relation_id, at, kind, fen, "
            "commission_fen, subject_kind, channel, is_repeat) SELECT order_id + n, 0, host_id, relation_id, "
            "at, kind, 1, 0, '', '', false FROM insights_moneymove, generate_series(1, 14202) AS n"
        )
    phone = Client()
    phone.force_login(lin.user)

    rows = page(browser(roles.ANALYST), reverse("insights:rows", args=["orders"]) + "?period=7d")
    hers = page(phone, "/me/numbers/orders/?period=7d")

    for told in (rows, hers):
        assert "14,203" in told
        assert "1.4万" not in told


def test_the_hosts_side_by_side_add_up_to_the_total_whoever_has_left(lin: Host) -> None:
    sku = a_sku("茶", price_fen=1_000)
    left, paused, early = a_host("left", "阿离"), a_host("paused", "阿停"), a_host("early", "阿早")
    for host, ago in ((left, DAY), (paused, DAY), (early, 9 * DAY)):
        buy(host, sku, at=NOW - ago)
    for host, to in ((left, "left"), (paused, "suspended"), (early, "left")):
        accounts.move_host(host, to=to, actor=None, now=NOW)
    project_now()
    span = selectors.span_of(Period.WEEK, NOW)
    total = selectors.numbers(span, hosts=EVERYBODY)

    client = browser(roles.ANALYST)
    found = client.get(f"{reverse('insights:hosts')}?period=7d")
    results = found.context["results"]
    token, _ = accounts.issue_token(found.context["user"], is_verified=True, now=NOW)
    api = Client(headers={"authorization": f"Bearer {token}"})
    rows = api.get("/api/v1/hq/hosts/?period=7d").json()["results"]

    assert [one.host.name for one in results if one.orders] == [lin.name, "阿离", "阿停"]
    for told in (
        (sum(one.orders for one in results), sum(one.gmv_fen for one in results)),
        (sum(one["orders"] for one in rows), sum(round(100 * float(one["gmv"])) for one in rows)),
    ):
        assert told == (total.orders, total.gmv_fen) == (3, 14_345)
    text = text_of(found)
    assert ("阿离 已离开" in text, "阿停 已暂停" in text, "阿早" in text) == (True, True, False)
