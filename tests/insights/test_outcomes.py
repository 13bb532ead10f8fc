"""「12 人转发 · 8 单」 beside a material wherever HQ lists or picks one: what its rows say."""

import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import roles
from apps.accounts.models import Host
from apps.library import outcomes
from apps.library.models import Material
from tests.factories import a_branch, a_host, a_person_at_hq, a_sku
from tests.happenings import a_link, a_visitor, buy, look, share
from tests.insights.test_console import DAY, NOW
from tests.library.desk import a_material, an_issue
from tests.pages import html_of
from tests.projecting import project_now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def browser(role: str, **fields: Any) -> Client:
    client = Client()
    client.force_login(a_person_at_hq(role, username=f"hq-{role}", **fields))
    return client


@pytest.fixture
def tea() -> Material:
    """Two hosts shared it three times, long ago and yesterday; one order came by it, one came by nothing."""
    tea, sku = a_material(title="春茶怎么泡"), a_sku(price_fen=5_900)
    hosts = [a_host("lin", "林姐", organisation=a_branch("东区")), a_host("mei", "小美")]
    links = [a_link(host, tea, at=NOW - 9 * DAY) for host in hosts]
    for link, days in zip((*links, links[0]), (9, 1, 1), strict=True):
        share(link, at=NOW - days * DAY)
    visitor = a_visitor(NOW - DAY)
    look(links[0], visitor, at=NOW - DAY)
    buy(hosts[0], sku, at=NOW - DAY, link=links[0], visitor=visitor)
    buy(hosts[1], sku, at=NOW - DAY, phone="13800003333")
    project_now()
    return tea


def test_the_list_tells_it_and_each_figure_opens_as_many_rows(tea: Material) -> None:
    client = browser(roles.EDITOR)

    shown = html_of(client.get("/hq/materials/?v=all"))

    assert "2 人转发</a> · <a" in shown
    opened = dict(re.findall(r'href="(/hq/insights/[^"]+)"\s*>(\d+) (?:人转发|单)<', shown))
    assert sorted(opened.values()) == ["1", "2"]
    for url, figure in opened.items():
        page = client.get(url.replace("&amp;", "&"))
        assert page.status_code == 200
        assert page.context["found"].count == int(figure), url


def test_what_was_never_published_has_nothing_to_tell(tea: Material) -> None:
    draft = a_material(title="还在写", live=False)
    outcomes.tell(rows := [tea, draft], a_person_at_hq(roles.ANALYST))
    assert [row.outcome.words if row.outcome else None for row in rows] == ["2 人转发 · 1 单", None]  # type: ignore[attr-defined]


def test_who_may_not_see_numbers_is_told_none_and_a_region_only_its_own(tea: Material) -> None:
    east = Host.objects.get(user__username="lin").organisation
    outcomes.tell([tea], a_person_at_hq(roles.SUPPORT, "support"))
    assert tea.outcome is None  # type: ignore[attr-defined]
    outcomes.tell([tea], a_person_at_hq(roles.REGION_MANAGER, "region", organisation=east))
    assert tea.outcome.words == "1 人转发 · 1 单"  # type: ignore[attr-defined]


def test_lists_pickers_and_the_plan_all_tell_it(tea: Material) -> None:
    person = a_person_at_hq(roles.ADMIN)
    client = Client()
    client.force_login(person)
    issue = an_issue(person, [tea])
    for url in (
        "/hq/materials/?v=all",
        "/hq/snippets/choose/library/material/",
        f"/hq/fortnights/{issue.pk}/",
    ):
        answer = client.get(url)
        is_part = answer["Content-Type"].startswith("application/json")
        shown = answer.json()["html"] if is_part else answer.content.decode()
        for words in ("2 人转发", "1 单", "种草文章", "已发布", "春茶怎么泡"):
            assert words in shown, (url, words)


def test_the_file_of_the_list_holds_it_in_words(tea: Material) -> None:
    answer = browser(roles.EDITOR).post(
        "/hq/lists/materials/export/", {"kind": "csv", "column": ["outcome"], "query": "v=all"}
    )
    assert answer.content.decode("utf-8-sig").split() == [
        "标题,带来了",
        "春茶怎么泡,2",
        "人转发",
        "·",
        "1",
        "单",
    ]


@pytest.mark.parametrize("url", ["/hq/materials/?v=all", "/hq/snippets/choose/library/material/"])
def test_more_materials_cost_no_more_queries(tea: Material, url: str) -> None:
    client = browser(roles.EDITOR)

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            client.get(url)
        return len(caught)

    few = cost()
    for number in range(8):
        a_material(title=f"又一篇 {number}")
    assert cost() == few
