"""What one person must not do alone is not done by the account that she opened for a second one."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.library.models import Material
from apps.privacy.models import ExportRequest
from apps.privacy.services import exports
from apps.records.declarations import Span
from tests.library import desk
from tests.projecting import make_months_ahead

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> None:
    cache.clear()
    make_months_ahead(6)


def opens(by: User, *others: User) -> None:
    for other in others:
        accounts.make_password_link(other, by=by, now=timezone.now())


def asked(by: User) -> ExportRequest:
    return exports.ask(
        by,
        what="customers",
        span=Span(None, None),
        is_clear=True,
        reason="核对全部客户资料",
        now=timezone.now(),
    )


def decides(by: User, export: ExportRequest) -> str:
    client = desk.browser(by)
    address = f"/hq/exports/{export.public_id}/"
    page = client.get(address).content.decode()
    client.post(address, {"step": "approve", "note": ""})
    export.refresh_from_db()
    # The page offers what the act allows, and says why it does not.
    assert ("通过</button>" in page) == (export.approver_id == by.pk)
    assert ("算不上两个人" in page) == (export.approver_id is None)
    return str(export.state)


def she_opened_the_approver(asks: User, approves: User) -> None:
    opens(asks, approves)


def she_opened_who_asks(asks: User, approves: User) -> None:
    opens(approves, asks)


def a_third_opened_both(asks: User, approves: User) -> None:
    opens(desk.a_person(roles.ADMIN, "third"), asks, approves)


def she_opened_who_opened_the_approver(asks: User, approves: User) -> None:
    between = desk.a_person(roles.ADMIN, "between")
    opens(asks, between)
    opens(between, approves)


def who_asks_was_opened_from_afar(asks: User, approves: User) -> None:
    chain = [approves, desk.a_person(roles.ADMIN, "one"), desk.a_person(roles.OPERATOR, "two"), asks]
    for by, other in pairwise(chain):
        opens(by, other)


def a_third_opened_one_through_another(asks: User, approves: User) -> None:
    third, between = desk.a_person(roles.ADMIN, "third"), desk.a_person(roles.ADMIN, "between")
    opens(third, between, asks)
    opens(between, approves)


@pytest.mark.parametrize(
    "doors",
    [
        she_opened_the_approver,
        she_opened_who_asks,
        a_third_opened_both,
        she_opened_who_opened_the_approver,
        who_asks_was_opened_from_afar,
        a_third_opened_one_through_another,
    ],
)
def test_an_export_needs_two_people(doors: Callable[[User, User], None]) -> None:
    asks, approves = desk.a_person(roles.ADMIN), desk.a_person(roles.ADMIN)
    doors(asks, approves)
    export = asked(asks)

    assert decides(approves, export) == "waiting"
    assert decides(desk.a_person(roles.ADMIN, "another"), export) == "approved"


def test_after_ninety_days_they_are_two() -> None:
    asks, approves = desk.a_person(roles.ADMIN), desk.a_person(roles.ADMIN)
    opens(asks, approves)

    with time_machine.travel(timezone.now() + timedelta(days=91), tick=True):
        assert decides(approves, asked(asks)) == "approved"


def test_each_account_of_a_chain_stands_for_ninety_days() -> None:
    """The one between was opened long ago, but not when it opened the approver's."""
    asks, between, approves = (desk.a_person(roles.ADMIN, name) for name in ("asks", "between", "approves"))
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=150), tick=True):
        opens(asks, between)
    with time_machine.travel(now - timedelta(days=80), tick=True):
        opens(between, approves)
    assert decides(approves, asked(asks)) == "waiting"
    with time_machine.travel(now + timedelta(days=11), tick=True):
        assert decides(approves, asked(asks)) == "approved"


def test_who_was_let_in_only_after_long_is_another() -> None:
    """She opened the account between too long before it opened the approver's."""
    asks, between, approves = (desk.a_person(roles.ADMIN, name) for name in ("asks", "between", "approves"))
    now = timezone.now()
    with time_machine.travel(now - timedelta(days=150), tick=True):
        opens(asks, between)
        accounts.rename(
            between, "between-2", by=between, now=timezone.now(), reason="改名"
        )  # her own doings open nobody's door further
    with time_machine.travel(now - timedelta(days=30), tick=True):
        opens(between, approves)
    assert decides(approves, asked(asks)) == "approved"


def test_who_approved_does_not_fetch_it_as_who_asked() -> None:
    asks, approves = desk.a_person(roles.ADMIN), desk.a_person(roles.ADMIN)
    export = asked(asks)
    assert decides(approves, export) == "approved"
    exports.build({"id": export.pk}, timezone.now())
    opens(approves, asks)

    export.refresh_from_db()
    assert export.state == "ready"
    with pytest.raises(exports.TooLateError):
        exports.fetch(export, by=asks, now=timezone.now())


@pytest.mark.parametrize("is_straight", [True, False])
@pytest.mark.parametrize("is_editor_s_hand", [True, False])
def test_nobody_publishes_by_an_account_that_she_opened(*, is_editor_s_hand: bool, is_straight: bool) -> None:
    editor, reviewer = desk.an_editor(), desk.a_reviewer()
    client: Any = desk.browser(editor)
    client.post("/hq/materials/add/", {**desk.material_form(), "action-submit": "1"}, follow=True)
    material = Material.objects.get()
    chain = [editor, reviewer] if is_editor_s_hand else [reviewer, editor]
    if not is_straight:
        chain.insert(1, desk.a_person(roles.ADMIN, "between"))
    for by, other in pairwise(chain):
        opens(by, other)

    desk.approve(desk.browser(reviewer), material)
    material.refresh_from_db()
    assert not material.live

    desk.approve(desk.browser(desk.a_reviewer("second")), material)
    material.refresh_from_db()
    assert material.live
