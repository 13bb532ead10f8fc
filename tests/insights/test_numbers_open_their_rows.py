"""Each number of the console that is a link is followed: behind it stand as many rows as it says."""

import re
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.insights.console.asked import PERIODS
from apps.library.models import Issue, Material
from apps.trade import services as trade
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, a_link, a_material, a_visitor, buy, look, open_material, share
from tests.insights.test_console import browser, page
from tests.insights.test_numbers import DAY, NOW, an_issue
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a\b[^<>]*?href="(/hq/insights/[a-z_]+/\?[^"]*)"[^<>]*>(.*?)</a>', re.DOTALL)
NUMBER = re.compile(r"(-?)(¥?)(-?[\d,]+)(?:\.(\d\d))?")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def issue() -> Issue:
    """An issue in its fourth day, among what is not of it: other materials, and days before it began."""
    lin, mei = a_host("lin", "林姐"), a_host("mei", "梅姐")
    sku, mine, other = a_sku(price_fen=10_000), a_material("这一期的"), a_material("别的")
    for n, (host, material, ago) in enumerate(
        ((lin, mine, 1), (lin, other, 1), (lin, other, 2), (lin, mine, 9), (mei, other, 0), (mei, other, 20))
    ):
        _a_day(host, material, at=NOW - ago * DAY, sku=sku, phone=f"1380000900{n}")
    trade.cancel_order(buy(lin, sku, at=NOW - 2 * DAY), by=None, now=NOW - DAY)
    a_customer(mei, "13800009100", at=NOW - 3 * DAY)
    found = an_issue(mine)
    open_material(Host.objects.get(user__username="owner"), other, at=NOW - DAY)
    Issue.objects.update(first_published_at=NOW - 4 * DAY)
    User.objects.update(last_login=NOW)
    Host.objects.update(joined_at=NOW - 90 * DAY)  # nobody is a newcomer
    project_now()
    return found


def _a_day(host: Host, material: Material, *, at: Any, sku: Any, phone: str) -> None:
    link, visitor = a_link(host, material, at=at), a_visitor(at)
    open_material(host, material, at=at)
    share(link, at=at)
    look(link, visitor, at=at, stays=True)
    look(link, a_visitor(at), at=at)
    buy(host, sku, at=at, link=link, visitor=visitor, phone=phone)


def numbers_on(shown: str) -> list[tuple[str, str, int]]:
    """Of each link to rows: where it leads, ¥ for money in 分, and what it says."""
    found = []
    for href, inner in LINK.findall(shown):
        words = re.sub(r"<progress.*?</progress>|<[^<>]*>", " ", inner)
        if (told := NUMBER.search(words)) is not None:
            sign, yuan, whole, part = told.groups()
            fen = int(whole.replace(",", "")) * (100 if yuan else 1) + int((yuan and part) or 0)
            found.append((unescape(href), yuan, -fen if sign else fen))
    return found


def follow(client: Client, numbers: list[tuple[str, str, int]]) -> None:
    for href, yuan, told in numbers:
        found = client.get(href).context["found"]
        assert (found.sum_fen if yuan else found.count) == told, (href, told)


@pytest.mark.parametrize("period", PERIODS)
def test_a_hosts_numbers_of_these_days(period: str) -> None:
    client = browser(roles.OPERATOR)
    numbers = numbers_on(page(client, f"/hq/insights/?period={period}"))
    assert len(numbers) == 5 * Host.objects.count()
    follow(client, numbers)


@pytest.mark.parametrize(
    ("name", "of_days", "of_issue"), [("adopted", 4, 1), ("reached", 8, 2), ("opener_hosts", 3, 1)]
)
def test_an_issues_materials_are_meant_where_the_address_says_so(
    issue: Issue, name: str, of_days: int, of_issue: int
) -> None:
    client = browser(roles.OPERATOR)
    for query, count in (("period=issue", of_days), (f"issue={issue.public_id}", of_issue)):
        assert client.get(f"/hq/insights/{name}/?{query}").context["found"].count == count, query


def test_the_numbers_of_the_home(issue: Issue) -> None:
    client = browser(roles.OPERATOR)
    home = re.sub(r'<td><a href="[^"]*">[^<¥]*</a></td>', "", page(client, "/hq/"))  # why to call, in words
    numbers = numbers_on(home)
    of_issue = {href.split("/")[3]: told for href, _, told in numbers if href.endswith(str(issue.public_id))}
    assert of_issue == {
        "active_hosts": 3,
        "opener_hosts": 1,
        "sharer_hosts": 1,
        "idle_hosts": 2,
        "shares": 1,
        "reached": 2,
        "read": 1,
        "ordered": 1,
    }
    assert not [href for href, *_ in numbers if "period=issue" in href]
    follow(client, numbers)


def test_the_numbers_of_whom_to_help(issue: Issue) -> None:
    client = browser(roles.OPERATOR)
    numbers = numbers_on(page(client, "/hq/insights/helping/"))
    adopted = [(href, told) for href, _, told in numbers if "/adopted/" in href]
    assert sorted(told for _, told in adopted) == [0, 0, 1]
    assert all(f"issue={issue.public_id}" in href for href, _ in adopted)
    follow(client, [one for one in numbers if "/shares/" not in one[0]])  # a day, not a number
    followed = client.get(adopted[0][0])
    everybody = re.findall(r'href="(\?[^"]*)"[^<>]*>看所有大C', followed.content.decode())
    assert client.get("/hq/insights/adopted/" + unescape(everybody[0])).context["found"].count == 1


def test_why_to_call_opens_what_she_did_with_the_issues_materials(issue: Issue) -> None:
    quiet = Host.objects.get(user__username="owner")
    client = browser(roles.OPERATOR)
    for shown in (page(client, "/hq/"), page(client, f"/hq/helping/{quiet.public_id}/")):
        hrefs = [unescape(href) for href in re.findall(r'href="(/hq/insights/adopted/[^"]*)"', shown)]
        (hers,) = [href for href in hrefs if str(quiet.public_id) in href]
        assert f"issue={issue.public_id}" in hers
        assert client.get(hers).context["found"].count == 0  # what she opened is another material
