"""Every host by activity, adoption and results; who is called today and why."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.accounts.scope import EVERYBODY
from apps.insights import selectors
from apps.insights.periods import span_before
from apps.lib.humanize import say_day
from tests.factories import a_branch, a_host, a_person_at_hq, a_sku
from tests.happenings import a_link, a_material, buy, open_material, share
from tests.insights.test_numbers import NOW, an_issue
from tests.pages import html_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def browser(role: str = roles.OPERATOR) -> Client:
    client = Client()
    client.force_login(a_person_at_hq(role, username=f"hq-{roles.ALL.index(role)}"))
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/hq/insights/helping/{query}")
    assert answer.status_code == 200
    return html_of(answer)


def old(host: Host, *, signed_in_days_ago: int | None = 0) -> Host:
    """She has been here for a year, and signed in when said."""
    Host.objects.filter(pk=host.pk).update(joined_at=NOW - 365 * DAY)
    at = None if signed_in_days_ago is None else NOW - signed_in_days_ago * DAY
    User.objects.filter(pk=host.user_id).update(last_login=at)
    host.refresh_from_db()
    return host


@pytest.fixture
def house() -> dict[str, Host]:
    """Three hosts of two branches: one sells less than before, one is away, one does well."""
    east, south = a_branch("华东"), a_branch("华南")
    falling = old(a_host("fall", "阿跌", organisation=east, level=2))
    away = old(a_host("away", "阿远", organisation=south), signed_in_days_ago=40)
    well = old(a_host("well", "阿好", organisation=east, level=3))
    material, sku = a_material("春日焕新"), a_sku(price_fen=100_00)
    for days, count, host in ((40, 6, falling), (20, 1, falling), (40, 1, well), (5, 3, well)):
        buy(host, sku, at=NOW - days * DAY, quantity=count, phone=f"138000080{host.pk % 100:02}")
    for order in (20, 18):
        buy(falling, sku, at=NOW - order * DAY, quantity=3, phone="13800008099")
    open_material(well, material, at=NOW - DAY)
    share(a_link(well, material, at=NOW), at=NOW - DAY)
    an_issue(material)
    project_now()
    from apps.trade.models import Order

    Order.objects.update(status=Order.Status.DONE)
    return {"falling": falling, "away": away, "well": well}


def ranked(by: str) -> list[str]:
    from apps.library import selectors as content

    rows = selectors.hosts_to_help(
        Host.objects.all(),
        NOW,
        issue=content.current_issue(NOW),
        by=by,  # type: ignore[arg-type]
    )
    return [row.name for row in rows if row.name in {"阿跌", "阿远", "阿好"}]


def test_the_numbers_of_each_host_are_those_of_her_rows(house: dict[str, Host]) -> None:
    from apps.library import selectors as content

    issue = content.current_issue(NOW)
    found = {
        one.host.name: one
        for one in selectors.helped(
            list(selectors.hosts_to_help(Host.objects.all(), NOW, issue=issue, by="falling"))  # type: ignore[arg-type]
        )
    }
    span = selectors.last_days(30, NOW)
    for host in house.values():
        one = found[host.name]
        money = selectors.rows_behind("gmv", span=span, now=NOW, hosts=host)
        orders = selectors.rows_behind("orders", span=span, now=NOW, hosts=host)
        used = selectors.rows_behind("adopted", span=span, now=NOW, hosts=host, issue=issue)
        assert (one.gmv_fen, one.orders, one.adopted) == (money.sum_fen, orders.count, used.count)
    assert (found["阿好"].adopted, found["阿远"].adopted) == (1, 0)
    assert found["阿好"].before_fen == 100_00
    assert found["阿好"].change == 200
    assert found["阿远"].change is None
    assert found["阿好"].last_share == (NOW - DAY).date()


def test_whoever_needs_help_most_comes_first(house: dict[str, Host]) -> None:
    assert ranked("sign_in")[0] == "阿远"
    assert ranked("share")[-1] == "阿好"
    assert ranked("adopted")[-1] == "阿好"
    assert ranked("gmv")[0] == "阿远"
    assert ranked("falling")[-1] == "阿好"


def test_each_number_of_the_page_opens_its_rows(house: dict[str, Host]) -> None:
    told = page(browser())

    assert "所有在用的大C" in told
    before = span_before(selectors.last_days(30, NOW))
    days = f"from={before.first}&to={before.last}"
    host = house["well"].public_id
    assert f"/hq/insights/gmv/?{days.replace('&', '&amp;')}&amp;host={host}" in told
    assert "¥100.00" in page_of_rows(browser(roles.ADMIN), f"gmv/?{days}&host={host}")


def page_of_rows(client: Client, path: str) -> str:
    answer = client.get(f"/hq/insights/{path}")
    assert answer.status_code == 200
    return html_of(answer)


def test_who_was_away_has_one_reason_and_leaves_the_list_when_she_is_back(house: dict[str, Host]) -> None:
    def reasons() -> dict[str, str]:
        return {call.host.name: call.reason for call in selectors.hosts_to_call(NOW, hosts=EVERYBODY)}

    assert reasons()["阿远"] == "absent"
    User.objects.filter(pk=house["away"].user_id).update(last_login=NOW - DAY)
    assert reasons().get("阿远") != "absent"


def test_why_a_host_is_called_is_told_by_the_numbers_themselves(house: dict[str, Host]) -> None:
    sku = a_sku(price_fen=30_00)
    for n in range(2):
        buy(house["well"], sku, at=NOW - 3 * DAY, phone=f"1390000800{n}")
    project_now()

    calls = {call.host.name: call for call in selectors.hosts_to_call(NOW, hosts=EVERYBODY)}

    waiting = selectors.rows_behind(
        "waiting_orders", span=selectors.last_days(1, NOW), now=NOW, hosts=house["well"]
    )
    assert (waiting.count, waiting.sum_fen) == (2, 60_00)
    assert calls["阿好"].why == "2 张订单放了一天多还没确认，共 ¥60.00"
    assert calls["阿跌"].reason == "falling"
    for call in calls.values():
        money = selectors.rows_behind("gmv", span=selectors.last_days(28, NOW), now=NOW, hosts=call.host)
        assert call.recent_fen == money.sum_fen


def test_both_lists_of_the_page_know_the_same_last_share(house: dict[str, Host]) -> None:
    link = a_link(house["away"], a_material("旧文"), at=NOW - 30 * DAY)
    share(link, at=NOW - 30 * DAY)
    project_now()

    [call] = [one for one in selectors.hosts_to_call(NOW, hosts=EVERYBODY) if one.host == house["away"]]
    found = selectors.hosts_to_help(Host.objects.all(), NOW, issue=None, by="share")
    [row] = [one for one in selectors.helped(list(found)) if one.host == house["away"]]

    assert row.last_share == (NOW - 30 * DAY).date()
    assert f"上次转发是{say_day(row.last_share, today=NOW.date())}" in call.why


def test_it_is_filtered_by_branch_level_and_kind(house: dict[str, Host]) -> None:
    client = browser()
    east = house["well"].organisation

    assert "阿远" not in page(client, f"?organisation={east.pk}")
    three = page(client, "?level=3&sort=gmv")
    assert "阿好" in three
    assert "阿跌" not in three
    assert "没有在用的大C" in page(client, "?kind=guide")
    assert "阿远" in page(client, "?organisation=zzz&level=x&sort=nothing&page=abc")


def test_a_region_manager_helps_her_own(house: dict[str, Host]) -> None:
    manager = User.objects.create_user(username="region", organisation=house["well"].organisation)
    manager.groups.add(Group.objects.get(name=roles.REGION_MANAGER))
    client = Client()
    client.force_login(manager)

    told = page(client)

    assert "阿好" in told
    assert "阿远" not in told
    assert "华南" not in told
    assert "阿远" not in page(client, f"?organisation={house['away'].organisation_id}")


def test_who_left_is_not_on_the_list(house: dict[str, Host]) -> None:
    accounts.move_host(house["away"], to="left", actor=None, now=NOW)

    assert "阿远" not in page(browser())


def test_more_hosts_take_no_more_queries(house: dict[str, Host]) -> None:
    client = browser()
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    for n in range(12):
        old(a_host(f"more{n}", f"阿多{n}"), signed_in_days_ago=None)
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few)
