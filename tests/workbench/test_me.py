"""我的: numbers by period, the rows behind them, who looked, and settings."""

import json
import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog.models import Sku
from apps.customers.models import Relation
from apps.lib import clock
from apps.records import services as privacy
from apps.trade import services as trade
from apps.trade.models import Order
from tests.factories import PASSWORD, a_person_at_hq
from tests.happenings import buy
from tests.pages import html_of, text_of
from tests.projecting import project_now

SETTINGS = {"tagline": "", "quiet_from": "21:30", "quiet_to": "08:00"}
NEW = "another-long-word-2"


def figures(page: str) -> dict[str, str]:
    pairs = re.findall(r'figure__value[^"]*">([^<]+)</span><span class="figure__name">([^<]+)', page)
    return {word: value for value, word in pairs}


@pytest.mark.parametrize(("period", "orders"), [("today", "1"), ("7d", "2"), ("30d", "3")])
def test_numbers_of_each_period_open_as_many_rows(
    phone: Client, lin: Host, apple: Sku, now: datetime, period: str, orders: str
) -> None:
    for days in (0, 5, 20):
        buy(lin, apple, at=now - timedelta(days=days), name="王小雨")
    project_now()
    found = figures(html_of(phone.get(f"/me/?period={period}")))
    assert found["订单"] == orders
    rows = html_of(phone.get(f"/me/numbers/orders/?period={period}"))
    assert rows.count('class="rows__row"') == int(orders)
    assert found["成交金额"] == f"¥{59 * int(orders)}.00"


def test_the_rows_of_money_add_up_to_the_number(
    phone: Client, order: Order, lin: Host, apple: Sku, now: datetime
) -> None:
    buy(lin, apple, at=now, phone="13800000002")
    trade.cancel_order(order, by=lin.user, now=now)
    project_now()
    assert figures(html_of(phone.get("/me/?period=today")))["成交金额"] == "¥59.00"
    page = html_of(phone.get("/me/numbers/gmv/?period=today"))
    assert page.count('class="rows__row"') == 3
    assert "-¥118.00" in page
    assert "¥59.00 · 2 单，1 笔取消/退货" in text_of(page)


def test_numbers_are_her_own(phone: Client, mei: Host, apple: Sku, now: datetime) -> None:
    buy(mei, apple, at=now, name="赵敏")
    project_now()
    assert figures(html_of(phone.get("/me/")))["订单"] == "0"
    for name in ("orders", "gmv", "customers", "new_customers", "buyers", "visits"):
        assert "赵敏" not in html_of(phone.get(f"/me/numbers/{name}/?period=30d"))


@pytest.mark.parametrize("name", ["idle_hosts", "active_hosts", "nonsense"])
def test_numbers_of_hq_are_404_for_her(phone: Client, name: str) -> None:
    assert phone.get(f"/me/numbers/{name}/").status_code == 404


def test_the_chart_and_the_table_tell_the_same(phone: Client, order: Order) -> None:
    project_now()
    page = html_of(phone.get("/me/?period=7d&chart=orders"))
    data = json.loads(re.search(r'<script id="chart-data" type="application/json">(.*?)</script>', page)[1])  # type: ignore[index]
    assert data["series"][0]["values"][-1] == 1
    assert data["series"][0]["unit"] == "单"
    assert len(data["labels"]) == 7
    assert page.count("<tr>") == 8


def test_hqs_looks_are_shown_with_name_and_reason(
    phone: Client, lin: Host, xiaoyu: Relation, now: datetime
) -> None:
    staff = a_person_at_hq(roles.SUPPORT)
    privacy.record_access(
        actor=staff,
        action="reveal",
        fields="手机号",
        at=now,
        host_id=lin.pk,
        relation_id=xiaoyu.pk,
        is_hq=True,
        purpose="处理退货",
    )
    page = text_of(phone.get("/me/access-log/"))
    assert "总部小何" in page
    assert "查看了王小雨的完整手机号" in page
    assert "处理退货" in page


def test_her_own_looks_stand_apart(phone: Client, xiaoyu: Relation) -> None:
    phone.post(f"/customers/{xiaoyu.public_id}/phone/")
    assert "还没有人看过" in html_of(phone.get("/me/access-log/"))
    assert "王小雨" in html_of(phone.get("/me/access-log/?mine"))


def test_looks_at_others_customers_are_not_hers_to_see(phone: Client, mei: Host, now: datetime) -> None:
    privacy.record_access(
        actor=mei.user, action="view", fields="客户资料", at=now, host_id=mei.pk, is_hq=True
    )
    assert "还没有人看过" in html_of(phone.get("/me/access-log/"))


def test_settings_are_saved(phone: Client, lin: Host) -> None:
    data = {"tagline": "帮邻居挑好货", "quiet_from": "21:30", "quiet_to": "08:00"}
    assert "已保存" in html_of(phone.post("/me/settings/", data, follow=True))
    lin.refresh_from_db()
    assert (lin.tagline, lin.quiet_from, lin.quiet_to) == ("帮邻居挑好货", time(21, 30), time(8))


@pytest.mark.parametrize("bad", [{"tagline": "长" * 61}, {"quiet_from": "半夜"}])
def test_bad_settings_are_told_and_not_saved(phone: Client, lin: Host, bad: dict[str, str]) -> None:
    answer = phone.post("/me/settings/", {**SETTINGS, **bad})
    assert answer.status_code == 422
    assert "field__error" in html_of(answer)
    lin.refresh_from_db()
    assert lin.quiet_from == time(22)


def test_nothing_else_of_her_can_be_set(phone: Client, lin: Host) -> None:
    phone.post(
        "/me/settings/",
        {
            "tagline": "",
            "quiet_from": "21:30",
            "quiet_to": "08:00",
            "level": "9",
            "name": "总部",
            "status": "left",
        },
    )
    lin.refresh_from_db()
    assert (lin.level, lin.name, lin.status) == (1, "林姐", "active")


def test_a_new_password_keeps_this_phone_signed_in(phone: Client, lin: Host, client: Client) -> None:
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert "密码已改好" in html_of(phone.post("/me/settings/password/", data, follow=True))
    assert client.post("/login/", {"username": "lin", "password": NEW})["Location"] == "/"


@pytest.mark.parametrize(
    "data",
    [
        {
            "old_password": "wrong",
            "new_password1": "another-long-word-2",
            "new_password2": "another-long-word-2",
        },
        {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"},
        {
            "old_password": PASSWORD,
            "new_password1": "another-long-word-2",
            "new_password2": "different-word-3",
        },
    ],
)
def test_a_bad_new_password_is_told(phone: Client, data: dict[str, str]) -> None:
    answer = phone.post("/me/settings/password/", data)
    assert answer.status_code == 422
    assert "field__error" in html_of(answer)


def test_who_signs_in_by_wecom_needs_no_password(phone: Client, lin: Host) -> None:
    lin.user.set_unusable_password()
    lin.user.save()
    phone.force_login(lin.user)
    assert phone.get("/me/settings/password/")["Location"] == "/me/settings/"


def test_a_day_of_the_past_has_its_rows(phone: Client, lin: Host, apple: Sku, now: datetime) -> None:
    buy(lin, apple, at=now - timedelta(days=3), name="王小雨")
    project_now()
    day = clock.day_of(now - timedelta(days=3)).isoformat()
    assert "王小雨" in html_of(phone.get(f"/me/numbers/orders/?day={day}"))
    other = clock.day_of(now - timedelta(days=4)).isoformat()
    assert "王小雨" not in html_of(phone.get(f"/me/numbers/orders/?day={other}"))
