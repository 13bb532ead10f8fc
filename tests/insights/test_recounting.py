"""While numbers are counted from zero, whoever shows them says so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import roles
from apps.accounts.models import Host
from apps.bot import answers
from apps.database import db_role
from apps.insights.projection import PROJECTION
from apps.insights.selectors import BEING_RECOUNTED
from apps.insights.selectors.recounting import forget, is_recounting, recounting
from apps.tracking import reader
from apps.tracking.models import Checkpoint, Ledger
from tests.factories import a_host, a_sku
from tests.happenings import buy
from tests.library.desk import a_person
from tests.library.desk import browser as browser_of
from tests.pages import html_of
from tests.projecting import project_now, wait_until_readable

HERS = ("/", "/me/", "/me/numbers/orders/", "/me/numbers/gmv/?period=30d")
AT_HQ = (
    "/hq/",
    "/hq/insights/",
    "/hq/insights/gmv/",
    "/hq/insights/helping/",
    "/hq/insights/issues/",
    "/hq/insights/materials/",
    "/hq/insights/cases/",
)


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    forget()


@pytest.fixture
def lin(db: None) -> Host:
    return a_host("lin", "林姐")


def at(**changes: object) -> None:
    """How far the numbers are."""
    whole = {"version": PROJECTION.version, "epoch": 1, "is_whole": True}
    Checkpoint.objects.update_or_create(name=PROJECTION.name, defaults={**whole, **changes})


BEHIND: dict[str, Callable[[], object]] = {
    "counted from zero and not through": lambda: at(is_whole=False),
    "of an older version": lambda: at(version=PROJECTION.version - 1),
    "of a ledger before it was restored": lambda: (at(), Ledger.objects.update(epoch=2)),
}


def said_to(host: Host) -> list[str]:
    phone, now = browser_of(host.user), timezone.now()
    with db_role.acting_as(host.pk):
        chat = [answers.today(host, "", now), answers.results(host, "7天", now)]
    return [html_of(phone.get(page)) for page in HERS] + chat


def said_at_hq() -> list[str]:
    client = browser_of(a_person(roles.ANALYST, "analyst", "分析小陈"))
    return [html_of(client.get(page)) for page in AT_HQ]


@pytest.mark.parametrize("cause", list(BEHIND))
def test_phone_chat_and_hq_say_that_numbers_are_counted_anew(lin: Host, cause: str) -> None:
    BEHIND[cause]()

    told = said_to(lin)
    assert [BEING_RECOUNTED in one for one in told] == [True] * len(told)
    # What is said in a chat stays there: no number that is too low.
    assert "¥0.00" not in told[-1]
    at_hq = said_at_hq()
    assert [page.count(BEING_RECOUNTED) for page in at_hq] == [1] * len(AT_HQ)


@pytest.mark.parametrize("begin", [at, lambda: None], ids=["whole", "never ran"])
def test_else_nobody_hears_of_it(lin: Host, begin: Callable[[], object]) -> None:
    buy(lin, a_sku(price_fen=10_000), at=timezone.now() - timedelta(days=1))
    project_now()
    begin()

    told = said_to(lin)
    assert [BEING_RECOUNTED in one for one in (*told, *said_at_hq())] == [False] * (len(told) + len(AT_HQ))
    assert "成交 ¥100.00" in told[-1]


@pytest.mark.parametrize("limit", [1, 2, 2_000])
def test_a_rebuild_is_told_until_the_ledgers_end(ledger: None, limit: int) -> None:
    """However the batches are cut: one that ends just there is followed by an empty one."""
    lin = a_host("lin", "林姐")
    for n in (1, 2):
        buy(lin, a_sku(f"茶 {n}"), at=timezone.now(), phone=f"1380000000{n}")
    wait_until_readable()
    reader.catch_up(PROJECTION)
    assert not is_recounting()

    reader.rebuild(PROJECTION)
    assert is_recounting()
    assert not reader.is_caught_up(PROJECTION)
    if limit == 1:
        reader.advance(PROJECTION, limit=1)
        assert is_recounting()
    reader.catch_up(PROJECTION, limit=limit)

    assert (is_recounting(), reader.is_caught_up(PROJECTION)) == (False, True)
    # What merely waits its second or two is no recounting.
    buy(lin, a_sku("新茶"), at=timezone.now(), phone="13800000003")
    wait_until_readable()
    assert not reader.is_caught_up(PROJECTION)
    assert not is_recounting()


def test_it_costs_nothing_while_all_is_well_and_goes_the_moment_it_is_over(
    lin: Host, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    at(is_whole=False)
    assert recounting() == BEING_RECOUNTED
    at()
    assert recounting() == ""
    with django_assert_num_queries(0):
        assert recounting() == ""
