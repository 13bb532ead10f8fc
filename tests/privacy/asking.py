"""The way to one's own data, as a consumer and HQ go it together."""

import re

from django.test import Client

from apps.accounts import roles
from apps.privacy.models import RightsRequest
from tests.library.desk import a_person, browser
from tests.privacy.people import PHONE

CALL = {"step": "call", "why": "打电话核实本人"}


def asked(kind: str) -> tuple[Client, str]:
    """She asks on the public page; her browser and the address of her private page."""
    client = Client()
    answer = client.post("/my-data/", {"kind": kind, "phone": PHONE})
    assert answer.status_code == 302
    return client, answer["Location"]


def called_back(address: str) -> str:
    """HQ rings her up and reads out the code."""
    found = RightsRequest.objects.latest("pk")
    staff = a_person(roles.SUPPORT)
    page = browser(staff).post(f"/hq/rights/{found.public_id}/", CALL).content.decode()
    assert PHONE in page
    return re.search(r"<strong>(\d{6})</strong>", page)[1]  # type: ignore[index]


def proved(kind: str) -> tuple[Client, str]:
    client, address = asked(kind)
    code = called_back(address)
    assert client.post(address, {"code": code}).status_code == 302
    return client, address
