"""What came of calls: what hosts did in the days after one, beside those whom nobody reached."""

from typing import Any

import pytest

from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.insights.models import HostCall
from tests.factories import a_sku
from tests.happenings import a_link, a_material, buy, open_material, share
from tests.insights.test_numbers import NOW
from tests.insights.test_worklist import DAY, away, clock, wang
from tests.library.desk import browser
from tests.pages import text_of
from tests.projecting import project_now

__all__ = ["clock", "wang"]
pytestmark = pytest.mark.django_db


def called(host: Host, by: User, days_ago: int, outcome: str = "reached") -> None:
    HostCall.objects.create(host=host, by=by, at=NOW - days_ago * DAY, outcome=outcome)


def came(user: User, days: int = 7) -> Any:
    return browser(user).get(f"/hq/helping/afterwards/?days={days}").context["came"]


def test_what_came_of_calls_is_counted_by_the_numbers_themselves(wang: User) -> None:
    spoken = [away(f"s{n}", f"通{n}") for n in range(10)]
    rest = [away(f"r{n}", f"没{n}") for n in range(20)]
    material, sku = a_material(), a_sku()
    for host in spoken:
        called(host, wang, 10)
    for host in [*spoken[:5], *rest[:2]]:
        open_material(host, material, at=NOW - 8 * DAY)
    share(a_link(spoken[0], material, at=NOW - 8 * DAY), at=NOW - 8 * DAY)
    buy(spoken[1], sku, at=NOW - 7 * DAY)
    # Before the call, and after the seven days: neither came of it.
    open_material(spoken[9], material, at=NOW - 11 * DAY)
    open_material(spoken[8], material, at=NOW - 2 * DAY)
    project_now()

    found = came(wang)

    others = Host.objects.active().exclude(pk__in=[one.pk for one in spoken])
    assert found.others == others.filter(joined_at__lt=NOW - 35 * DAY).count()
    assert [(act.name, act.count, act.percent) for act in found.acts] == [
        ("opened", 5, 50),
        ("shared", 1, 10),
        ("sold", 1, 10),
    ]
    assert found.acts[0].others == round(100 * 2 / found.others)
    page = browser(wang).get("/hq/helping/afterwards/?days=7")
    assert "不是电话的功劳" in text_of(page)
    line = next(one for one in page.context["lines"] if one["called"].host == spoken[1])
    assert "sold" in line["called"].did
    assert "通1" in text_of(browser(wang).get(line["acts"][2]["href"]))


def test_the_others_were_in_use_on_all_days_of_the_calls_wherever_they_are_now(wang: User) -> None:
    called(away("called", "打通"), wang, 10)
    before = came(wang).others
    first = (NOW - 35 * DAY).replace(hour=0)
    away("kept", "一直在")
    Host.objects.filter(user__username="kept").update(joined_at=first)
    away("new", "新来的")
    Host.objects.filter(user__username="new").update(joined_at=first + DAY / 24)
    left, paused = away("left", "后来走的"), away("paused", "停过的")
    accounts.move_host(left, to=Host.Status.LEFT, actor=None, now=NOW - 5 * DAY)
    accounts.move_host(paused, to=Host.Status.SUSPENDED, actor=None, now=NOW - 20 * DAY)
    accounts.move_host(paused, to=Host.Status.ACTIVE, actor=None, now=NOW - 19 * DAY)

    assert came(wang).others == before + 2


def test_fewer_than_ten_are_not_compared_and_too_young_calls_wait(wang: User) -> None:
    hosts = [away(f"s{n}", f"通{n}") for n in range(9)]
    for host in hosts:
        called(host, wang, 10)
    called(away("young", "刚打"), wang, 3)
    called(away("miss", "没接"), wang, 10, "not_reached")
    project_now()

    found = came(wang)

    assert len(found.called) == 9
    assert not found.is_compared
    assert all(act.percent is None and act.others is None for act in found.acts)
    page = text_of(browser(wang).get("/hq/helping/afterwards/"))
    assert "有一边不到 10 位" in page
    assert "占多少" not in page
    assert len(came(wang, 14).called) == 0
