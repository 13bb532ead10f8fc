"""The parts of HQ's home: in whose order they stand, and that each figure opens exactly its rows."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.catalog.models import Product, Sku
from apps.console.home import KEPT, KNOWN
from apps.console.home.order import ORDER, order_for
from apps.console_kit import waiting
from apps.customers.models import HandOver
from apps.outbox.models import Delivery
from tests.console import desk
from tests.factories import a_host, a_sku
from tests.happenings import a_link, a_material, a_visitor, buy, look, open_material, share
from tests.insights.test_numbers import NOW, an_issue
from tests.library import desk as editorial
from tests.pages import html_of, text_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
#: What stands on each role's first screen, in this order.
FIRST = {
    roles.ADMIN: ["fortnight", "adoption", "money", "calls", "waits"],
    roles.EDITOR: ["fortnight", "waits", "adoption"],
    roles.REVIEWER: ["waits", "fortnight", "adoption"],
    roles.MERCHANDISER: ["goods", "money", "fortnight"],
    roles.OPERATOR: ["calls", "waits", "adoption", "money", "fortnight"],
    roles.ANALYST: ["money", "adoption", "fortnight", "calls", "waits"],
    roles.REGION_MANAGER: ["calls", "waits", "money", "adoption", "fortnight"],
    roles.SUPPORT: ["requests", "waits"],
}


def _refused() -> None:
    """The house's message came to nothing."""
    Delivery.objects.update(state=Delivery.State.REFUSED, outcome="不在可见范围")


def shown(client: Client) -> str:
    return html_of(client.get("/hq/"))


def parts(page: str) -> list[str]:
    """The tiles of a home, by the names of their headings, from the top."""
    return re.findall(r'class="hq-tile [^"]*" aria-labelledby="([a-z]+)-title"', page)


def test_every_role_has_an_order_of_parts_that_there_are() -> None:
    assert set(ORDER) == set(roles.ALL)
    assert {part for order in ORDER.values() for part in order} == KNOWN.keys() | KEPT.keys()
    for order in ORDER.values():
        assert len(order) == len(set(order))


@pytest.mark.parametrize("role", roles.ALL)
def test_what_a_role_does_stands_first(role: str) -> None:
    desk.furnish()

    found = parts(shown(editorial.browser(desk.somebody(role))))

    assert found[: len(FIRST[role])] == FIRST[role]


def test_who_has_two_roles_meets_the_parts_of_both() -> None:
    order = order_for({roles.EDITOR, roles.OPERATOR})

    assert order[: len(ORDER[roles.EDITOR])] == list(ORDER[roles.EDITOR])
    assert set(order) == {*ORDER[roles.EDITOR], *ORDER[roles.OPERATOR]}


# --- what waits -------------------------------------------------------------------------------------------


def test_every_line_of_what_waits_opens_exactly_its_rows() -> None:
    house, now = desk.furnish(), timezone.now()
    boss = desk.somebody(roles.ADMIN)
    gone = a_host("gone", "走了的")
    HandOver.objects.create(from_host=gone, to_host=house.host, actor=boss, reason="走了", started_at=now)
    type(house.relation).objects.filter(pk=house.relation.pk).update(host=gone)
    Host.objects.filter(pk=gone.pk).update(status=Host.Status.LEFT)
    _refused()
    client = editorial.browser(boss)

    lines = _lines(shown(client))

    assert len(lines) >= 3
    for href, count, words in lines:
        page = client.get(href)
        assert page.status_code == 200, words
        assert page.context["paginator"].count == count, words
        assert len(client.get(href.split("?")[0]).context["object_list"]) >= count


def _lines(page: str) -> list[tuple[str, int, str]]:
    tile = page.split('aria-labelledby="waits-title"')[1].split("</section>", maxsplit=1)[0]
    found = re.findall(r'href="([^"]+)"[^>]*>\s*<b>(\d+)</b>\s*<span>(.*?)</span>', tile)
    return [(href, int(count), words) for href, count, words in found]


def test_nobody_is_told_of_what_she_may_not_do() -> None:
    desk.furnish()
    _refused()

    assert "没发成" in shown(editorial.browser(desk.somebody(roles.OPERATOR)))
    assert "没发成" not in shown(editorial.browser(desk.somebody(roles.EDITOR)))


def test_a_region_manager_is_told_of_her_own_branch_alone() -> None:
    house, now = desk.furnish(), timezone.now()
    for giver, taker in ((house.host, a_host("a", organisation=house.host.organisation)),):
        HandOver.objects.create(from_host=giver, to_host=taker, reason="换人", started_at=now)
    south = house.elsewhere.organisation
    HandOver.objects.create(
        from_host=house.elsewhere, to_host=a_host("b", organisation=south), reason="换人", started_at=now
    )

    [line] = _lines(shown(editorial.browser(desk.somebody(roles.REGION_MANAGER))))

    assert line == (f"{reverse('hand_over:index')}?waiting=me", 1, "次客户交接还没做完")


def test_the_filter_is_nobodys_who_may_not_act() -> None:
    """An address that somebody else's home gave shows nothing."""
    desk.furnish()
    _refused()
    client = editorial.browser(desk.somebody(roles.ANALYST))

    assert client.get("/hq/hosts/?waiting=me").context["paginator"].count == 0
    assert all(one.list for one in waiting.all_for(desk.somebody(roles.ADMIN)))


def test_a_review_of_ones_own_is_said_to_wait_for_another() -> None:
    editor, reviewer = editorial.an_editor(), editorial.a_reviewer()
    editorial.browser(editor).post("/hq/materials/add/", {**editorial.material_form(), "action-submit": "1"})

    lines = _lines(shown(editorial.browser(reviewer)))

    assert ("#reviews", 1, "份内容等你审核") in lines


# --- goods ------------------------------------------------------------------------------------------------


def test_stock_that_is_gone_or_low_opens_its_products() -> None:
    for title, stock in (("没了的", 0), ("快没的", 3), ("有的", 80)):
        a_sku(title, stock=stock)
    off = a_sku("下架的", stock=0).product
    Product.objects.filter(pk=off.pk).update(status=Product.Status.OFF)
    client = editorial.browser(desk.somebody(roles.MERCHANDISER))

    tile = shown(client).split('aria-labelledby="goods-title"')[1].split("</section>")[0]
    told = re.findall(r'href="([^"]+)"[^>]*>\s*<b>(\d+)</b>', tile)

    for (href, count), title in zip(told[:2], ("没了的", "快没的"), strict=True):
        rows = client.get(href.replace("&amp;", "&")).context["object_list"]
        assert [row.title for row in rows] == [title]
        assert count == "1"


def test_planned_posts_that_sell_what_is_gone_are_named() -> None:
    with time_machine.travel(editorial.NOW, tick=False):
        sku = a_sku("断货的茶", stock=5)
        material = editorial.a_material("article", "喝茶的下午", product=sku.product)
        editorial.an_issue(editorial.an_editor(), [material])
        Sku.objects.update(stock=0)

        page = text_of(shown(editorial.browser(desk.somebody(roles.MERCHANDISER))))

    assert "1 条排期发出去也买不到" in page
    assert "「喝茶的下午」商品卖完了" in page


# --- numbers ----------------------------------------------------------------------------------------------


@pytest.fixture
def fortnight() -> Any:
    """The fourth day of an issue: an order in it, one in the same days before, one after those days."""
    with time_machine.travel(NOW, tick=False):
        host, material, visitor = a_host(), a_material("春日焕新"), a_visitor(NOW)
        link = a_link(host, material, at=NOW)
        for days, price in ((1, 12_300), (14, 10_000), (8, 99_900)):
            buy(host, a_sku(f"货{days}", price_fen=price), at=NOW - days * DAY, link=link, visitor=visitor)
        open_material(host, material, at=NOW - DAY)
        share(link, at=NOW - DAY)
        look(link, visitor, at=NOW - DAY)
        issue = an_issue(material)
        type(issue).objects.update(first_published_at=NOW)
        project_now()
        yield issue


def test_money_stands_beside_the_same_days_of_the_last_fortnight(fortnight: Any) -> None:
    client = editorial.browser(desk.somebody(roles.ANALYST))
    page = shown(client)
    tile = page.split('aria-labelledby="money-title"')[1].split("</section>")[0]

    assert "第 4 天；和上两周的前 4 天比。今天还没过完。" in text_of(tile)
    assert "¥123.00" in tile
    assert "¥100.00" in tile
    assert "多 23%" in tile
    assert "¥999.00" not in tile
    now, before = re.findall(r'href="(/hq/insights/gmv/[^"]+)"', tile)
    for href, sum_fen in ((now, 12_300), (before, 10_000)):
        assert client.get(href.replace("&amp;", "&")).context["found"].sum_fen == sum_fen


def test_every_day_of_the_curve_opens_its_hosts(fortnight: Any) -> None:
    client = editorial.browser(desk.somebody(roles.ANALYST))
    tile = shown(client).split('aria-labelledby="adoption-title"')[1].split("</section>")[0]

    told = re.findall(r'href="(/hq/insights/(?:opener|sharer)_hosts/\?issue=[^"]+)"[^>]*>(\d+)</a>', tile)

    assert [count for _, count in told] == ["0", "0", "0", "0", "1", "1", "1", "1"]
    for href, count in told:
        assert client.get(href.replace("&amp;", "&")).context["found"].count == int(count)


def test_a_host_to_call_is_one_tap_from_the_worklist(fortnight: Any) -> None:
    idle = a_host("idle", "阿静")
    User.objects.filter(pk=idle.user_id).update(last_login=idle.joined_at)
    Host.objects.filter(pk=idle.pk).update(joined_at=idle.joined_at - 30 * DAY)  # she is no newcomer
    project_now()
    client = editorial.browser(desk.somebody(roles.OPERATOR))

    tile = shown(client).split('aria-labelledby="calls-title"')[1].split("</section>")[0]

    address = f"/hq/helping/{idle.public_id}/"
    assert f'href="{address}"' in tile
    assert "阿静" in html_of(client.get(address))
