"""A host with a role at HQ takes no step there in what her own customer asked for."""

import pytest
from django.contrib.auth.models import Group

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.privacy.models import RightsRequest
from apps.records.models import LegalHold
from tests.library.desk import a_person, browser, confirm
from tests.pages import text_of
from tests.privacy.asking import CALL, asked, proved
from tests.privacy.people import PHONE, Her, her

pytestmark = pytest.mark.django_db
NOT_HERS = "要由别的同事来办"


@pytest.fixture
def she() -> Her:
    return her()


def with_a_role(she: Her) -> User:
    she.mei.user.groups.add(Group.objects.get(name=roles.ADMIN))
    return she.mei.user


def steps(by: User, *taken: dict[str, str]) -> list[str]:
    found = RightsRequest.objects.latest("pk")
    return [text_of(confirm(browser(by), f"/hq/rights/{found.public_id}/", step)) for step in taken]


def test_neither_her_customers_number_nor_a_refusal_is_hers(she: Her) -> None:
    asked("erase")
    refuse = {"step": "refuse", "why": "三次电话都没接通"}

    for told in steps(with_a_role(she), CALL, refuse):
        assert NOT_HERS in told
        assert PHONE not in told
    assert RightsRequest.objects.get().state == "requested"

    assert PHONE in steps(a_person(roles.SUPPORT), CALL)[0]


def test_a_hold_on_her_customer_is_neither_placed_nor_released_by_her(she: Her) -> None:
    proved("erase")
    hold, release = {"step": "hold", "why": "退款投诉还没了结"}, {"step": "release"}
    mei, colleague = with_a_role(she), a_person(roles.ADMIN, "colleague")

    assert NOT_HERS in steps(mei, hold)[0]
    assert not LegalHold.objects.exists()

    steps(colleague, hold)
    assert NOT_HERS in steps(mei, release)[0]
    assert not LegalHold.objects.exclude(released_at=None).exists()

    steps(colleague, release)
    assert not LegalHold.objects.filter(released_at=None).exists()


def test_nor_by_an_account_to_which_she_made_the_link(she: Her) -> None:
    asked("export")
    other = a_person(roles.SUPPORT, "other")
    accounts.make_password_link(other, by=with_a_role(she), now=she.orders[0].placed_at)

    [told] = steps(other, CALL)

    assert NOT_HERS in told
    assert PHONE not in told
