"""A request for one's data that HQ does not carry out: asked before, with a reason that she reads."""

import pytest

from apps.accounts import roles
from apps.privacy.models import RightsRequest
from tests.library.desk import a_person, browser, confirm
from tests.privacy.asking import asked
from tests.privacy.people import Her, her

pytestmark = pytest.mark.django_db


@pytest.fixture
def she() -> Her:
    return her()


@pytest.mark.parametrize(
    ("why", "said"), [("", "为什么不办"), ("不办", "为什么不办"), ("打 13800008000 没人接", "不要写电话")]
)
def test_nothing_is_refused_without_a_sound_reason(she: Her, why: str, said: str) -> None:
    client, address = asked("export")
    found = RightsRequest.objects.get()
    step = {"step": "refuse", "why": why}

    page = confirm(browser(a_person(roles.SUPPORT)), f"/hq/rights/{found.public_id}/", step).content.decode()

    assert said in page
    found.refresh_from_db()
    assert (found.state, found.refusal) == ("requested", "")
    assert "没能核实" not in client.get(address).content.decode()


def test_a_refusal_is_asked_before_and_she_reads_why(she: Her) -> None:
    client, address = asked("export")
    found = RightsRequest.objects.get()
    desk, page = browser(a_person(roles.SUPPORT)), f"/hq/rights/{found.public_id}/"
    step = {"step": "refuse", "why": "三次电话都没接通"}

    asks = desk.post(page, step).content.decode()

    assert "不能再改成办理" in asks
    found.refresh_from_db()
    assert found.state == "requested"
    confirm(desk, page, step)
    found.refresh_from_db()
    assert (found.state, found.phone) == ("refused", "")
    assert "三次电话都没接通" in client.get(address).content.decode()
