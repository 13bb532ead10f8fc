"""What the console shows once is the answer to a form that is done: the device keeps none of its words."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, Invitation
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from tests.factories import a_company, a_host
from tests.happenings import a_customer
from tests.library.desk import a_person, browser

pytestmark = pytest.mark.django_db
WHY = {"reason": "客户来电查物流", "why": "打电话核实本人"}


@pytest.fixture
def boss() -> Client:
    return browser(a_person(roles.ADMIN, "boss"))


def word_for(client: Client, address: str, data: dict[str, Any]) -> str:
    """What the device is told that sent this form with a proof of its own."""
    proof = str(uuid4())
    client.post(address, {**data, "_once": proof})
    said = client.cookies["sent"].value
    assert said.startswith(f"{proof}.")
    return said.removeprefix(f"{proof}.")


def test_a_number_that_was_shown_for_a_reason(boss: Client) -> None:
    host, now = a_host(), timezone.now()
    accounts.keep_phone(host, "+8613812348000", now=now)
    relation = a_customer(host, "+8613800001111", at=now)
    for page in (f"/hq/helping/{host.public_id}/reveal/", f"/hq/customers/{relation.public_id}/reveal/"):
        assert word_for(boss, page, {"reason": "看"}) == "mend"
        assert word_for(boss, page, WHY) == "done"


def test_a_link_that_was_made(boss: Client) -> None:
    place = {"organisation": a_company().pk, "kind": "owner", "level": "1"}
    for page, data in (
        ("/hq/invitations/add/", {**place, "uses": "1", "days": "7", "label": "地推"}),
        ("/hq/hosts/add/", {**place, "username": "xiaofang", "name": "小芳"}),
    ):
        assert word_for(boss, page, {}) == "mend"
        assert word_for(boss, page, data) == "done"
    assert (Invitation.objects.count(), Host.objects.count()) == (1, 1)


def test_a_code_that_is_read_out_to_who_asked(boss: Client) -> None:
    a_customer(a_host(), "+8613800001111", at=timezone.now() - timedelta(days=1))
    data_requests.ask(phone="+8613800001111", kind=RightsRequest.Kind.EXPORT, now=timezone.now())
    page = f"/hq/rights/{RightsRequest.objects.get().public_id}/"
    assert word_for(boss, page, {"step": "call", "why": ""}) == "mend"
    assert word_for(boss, page, {"step": "call", **WHY}) == "done"
