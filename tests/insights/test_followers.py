"""Adopters of a case beside the others: the same days before and after, and no conclusion from few."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host
from apps.accounts.scope import EVERYBODY
from apps.insights.selectors.followers import case_effect
from apps.learning.cases import services
from apps.learning.models import Case
from apps.lib.clock import SHANGHAI
from tests.factories import a_branch, a_host, a_sku
from tests.happenings import buy
from tests.insights.test_console import browser, page
from tests.learning.cases import published
from tests.projecting import project_now

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI)
NOW = datetime(2026, 3, 20, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def case() -> Case:
    """林姐 doubles after adopting, 梅姐 does nothing, 小新 adopted yesterday, 阿放 put it down."""
    lin, _mei = a_host("lin", "林姐", organisation=a_branch("华东")), a_host("mei", "梅姐")
    sku = a_sku(price_fen=10_000)
    with time_machine.travel(START, tick=False):
        case = published(lin)
        services.adopt(case, lin, now=START)
    for n, at in enumerate((START - 14 * DAY, START, START + 13 * DAY, START + 14 * DAY)):
        buy(lin, sku, at=at, phone=f"1380000800{n}")
    services.adopt(case, a_host("new", "小新"), now=NOW - DAY)
    put_down = services.adopt(case, a_host("down", "阿放"), now=START)
    services.drop(put_down, now=NOW)
    _all_here_since(START - 30 * DAY)
    project_now()
    return case


def _all_here_since(at: datetime) -> None:
    Host.objects.update(joined_at=at)


def test_before_and_after_are_as_many_whole_days(case: Case) -> None:
    effect = case_effect(case, NOW, hosts=EVERYBODY)

    row = effect.adopters.rows[0]
    assert (effect.adopters.size, effect.others.size, effect.too_early, effect.dropped) == (1, 1, 1, 1)
    # 14 days on either side: the order of the fifteenth day is not among them.
    assert (row.days, row.before.orders, row.after.orders) == (14, 0.5, 1.0)
    assert (row.before.gmv_fen, row.after.gmv_fen) == (5_000, 10_000)
    assert [(one.host.name, one.compared is None) for one in effect.followers] == [
        ("林姐", False),
        ("小新", True),
    ]


def test_few_are_told_without_a_conclusion(case: Case) -> None:
    assert "样本太少（照着做 1 位，没照着做 1 位" in case_effect(case, NOW, hosts=EVERYBODY).words
    early = case_effect(case, START + 3 * DAY, hosts=EVERYBODY)
    assert early.words.startswith("还没有照着做满 7 天的大C")


def test_enough_are_told_side_by_side_with_the_warning(case: Case) -> None:
    for n in range(10):
        services.adopt(case, a_host(f"a{n}"), now=START)
        a_host(f"b{n}")
    _all_here_since(START - 30 * DAY)
    words = case_effect(case, NOW, hosts=EVERYBODY).words
    assert words.startswith("照着做的 11 位，平均每周订单从 0.0 到 0.1；没照着做的 11 位")
    assert "本来就更勤快" in words


def test_both_sides_are_who_was_there_on_all_of_the_days(case: Case) -> None:
    whole = START.replace(hour=0) - 14 * DAY  # the first of the fourteen days before begins
    for n in range(10):
        a_host(f"new{n}")  # joined on the third day of those after
    a_host("late", joined_at=whole + timedelta(seconds=1))
    a_host("whole", joined_at=whole)
    away, stays, left = (a_host(name, joined_at=whole) for name in ("away", "stays", "left"))
    for host, day in ((away, 5), (stays, 14), (left, 13)):
        accounts.move_host(host, to=Host.Status.SUSPENDED, actor=None, now=START + day * DAY)
    accounts.move_host(away, to=Host.Status.ACTIVE, actor=None, now=START + 6 * DAY)
    accounts.move_host(stays, to=Host.Status.LEFT, actor=None, now=START + 15 * DAY)
    project_now()

    effect = case_effect(case, NOW, hosts=EVERYBODY)

    names = Host.objects.in_bulk([row.host_id for row in effect.others.rows]).values()
    assert {host.user.username for host in names} == {"mei", "whole", "stays"}
    assert effect.adopters.size == 1


def test_an_adopter_who_was_away_in_between_is_listed_and_not_compared(case: Case) -> None:
    lin = Host.objects.get(user__username="lin")
    accounts.move_host(lin, to=Host.Status.SUSPENDED, actor=None, now=START - 2 * DAY)
    accounts.move_host(lin, to=Host.Status.ACTIVE, actor=None, now=START - 1 * DAY)

    effect = case_effect(case, NOW, hosts=EVERYBODY)

    assert (effect.adopters.size, effect.too_early, effect.absent) == (0, 1, 1)
    assert effect.words == "照着做满 7 天的 1 位，前后这些天没有一直在用，1 位刚开始不满 7 天，先不比。"
    shown = page(browser(roles.ANALYST), f"/hq/insights/cases/{case.public_id}/")
    assert "没有一直在用" in shown
    Host.objects.filter(pk=lin.pk).update(joined_at=START)
    assert case_effect(case, NOW, hosts=EVERYBODY).absent == 1


def test_the_page_is_for_numbers_people_and_by_region(case: Case) -> None:
    shown = page(browser(roles.ANALYST), f"/hq/insights/cases/{case.public_id}/")
    assert "林姐" in shown
    assert "from=2026-02-17&amp;to=2026-03-02" in shown
    assert "三句问候" in page(browser(roles.OPERATOR), "/hq/insights/cases/")
    east = Host.objects.get(user__username="lin").organisation
    region = page(browser(roles.REGION_MANAGER, organisation=east), f"/hq/insights/cases/{case.public_id}/")
    assert "林姐" in region
    assert "小新" not in region
    assert browser(roles.SUPPORT).get(f"/hq/insights/cases/{case.public_id}/").status_code == 302


def test_a_case_that_was_never_out_is_absent(case: Case) -> None:
    Case.objects.update(first_published_at=None)
    assert browser(roles.ANALYST).get(f"/hq/insights/cases/{case.public_id}/").status_code == 404
