"""One person alone gets no whole list out: who could get into an account hands nobody over to it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.accounts.services import joining
from apps.customers import services as customers
from apps.customers.models import Relation
from tests.factories import a_company, a_host
from tests.library.desk import a_person, browser, confirm
from tests.projecting import make_months_ahead

pytestmark = pytest.mark.django_db
REFUSED = "请另一位能办客户交接的同事"


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()
    make_months_ahead(6)


@pytest.fixture
def lin() -> Host:
    host = a_host("lin")
    customers.find_or_make_relation(
        host, phone="13800138000", name="张小雨", source="manual", now=timezone.now()
    )
    return host


def gives(by: User, giver: Host, taker: Host) -> str:
    form = {"to_host": taker.pk, "which": "all", "reason": "换区调整"}
    answer: Any = confirm(browser(by), f"/hq/hand-overs/from/{giver.public_id}/", form)
    return str(answer.content.decode())


def added(by: User) -> Host:
    form = {
        "username": "ghost",
        "name": "影子",
        "kind": "guide",
        "organisation": a_company().pk,
        "level": 1,
        "wecom_userid": "",
    }
    page = browser(by).post("/hq/hosts/add/", form).content.decode()
    assert re.search(r"/join/start/\w+/", page)
    return Host.objects.get(user__username="ghost")


def approved(by: User) -> Host:
    """Invited by her, applied for by whoever had the link, approved by a colleague in good faith."""
    now = timezone.now()
    secret, _ = joining.invite(
        organisation=a_company(),
        kind=Host.Kind.GUIDE,
        level=1,
        uses=1,
        expires_at=now + timedelta(days=7),
        by=by,
        now=now,
    )
    _, application = joining.submit_application(
        secret, name="影子", phone="13700137000", wecom_userid="", why="", notice_sha256=b"x" * 32, now=now
    )
    return joining.approve(
        application,
        username="ghost",
        organisation=a_company(),
        level=1,
        wecom_userid=None,
        by=a_person(roles.ADMIN),
        now=now,
    ).host


def given_a_link(by: User) -> Host:
    host = a_host("mei", "小美")
    accounts.make_password_link(host.user, by=by, now=timezone.now())
    return host


def bound_to_another_account(by: User) -> Host:
    host = a_host("mei", "小美")
    accounts.bind_wecom(host, "mei-2", by=by, now=timezone.now(), reason="换了手机")
    return host


@pytest.mark.parametrize("opened", [added, approved, given_a_link, bound_to_another_account])
def test_who_opened_the_account_hands_nobody_over_to_it(opened: Callable[[User], Host], lin: Host) -> None:
    operator, colleague = a_person(roles.OPERATOR), a_person(roles.OPERATOR)
    taker = opened(operator)

    page = gives(operator, lin, taker)

    assert REFUSED in page
    assert Relation.objects.of(lin).count() == 1
    gives(colleague, lin, taker)
    assert Relation.objects.of(taker).count() == 1


def opens(by: User, other: User) -> User:
    accounts.make_password_link(other, by=by, now=timezone.now())
    return other


def by_whom_she_opened(hq: User) -> User:
    return opens(hq, a_person(roles.OPERATOR, "evil-b"))


def by_whom_she_opened_through_another(hq: User) -> User:
    return opens(opens(hq, a_person(roles.ADMIN, "evil-b")), a_person(roles.OPERATOR, "evil-c"))


def by_who_opened_her(hq: User) -> User:
    opener = a_person(roles.ADMIN, "evil-b")
    opens(opener, hq)
    return opener


@pytest.mark.parametrize("by", [by_whom_she_opened, by_whom_she_opened_through_another, by_who_opened_her])
def test_nor_by_another_account_that_may_be_hers(by: Callable[[User], User], lin: Host) -> None:
    hq = a_person(roles.ADMIN, "hq")
    taker = added(hq)
    second = by(hq)

    assert REFUSED in gives(second, lin, taker)
    assert Relation.objects.of(lin).count() == 1
    gives(a_person(roles.OPERATOR, "colleague"), lin, taker)
    assert Relation.objects.of(taker).count() == 1


def test_after_ninety_days_she_may(lin: Host) -> None:
    operator = a_person(roles.OPERATOR)
    taker = added(operator)

    with time_machine.travel(timezone.now() + timedelta(days=91), tick=True):
        gives(operator, lin, taker)

    assert Relation.objects.of(taker).count() == 1


def test_nobody_hands_customers_to_herself(lin: Host) -> None:
    mei = a_host("mei", "小美")
    mei.user.groups.add(*a_person(roles.OPERATOR).groups.all())

    assert REFUSED in gives(User.objects.get(pk=mei.user_id), lin, mei)
    assert Relation.objects.of(lin).count() == 1
