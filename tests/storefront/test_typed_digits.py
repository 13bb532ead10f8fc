"""The code of a call and the last digits of a phone, as keyboards write them."""

import pytest
from django.test import Client
from django.utils import timezone

from apps.customers.models import Relation
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from tests.storefront.pages import send_order
from tests.storefront.people import a_host, a_link, a_phone, a_product, order_url

pytestmark = pytest.mark.django_db
WIDE = {ord(str(digit)): 0xFF10 + digit for digit in range(10)}
ARABIC = {ord(str(digit)): 0x660 + digit for digit in range(10)}


def post(token: str, **typed: str) -> int:
    return Client().post(f"/my-data/{token}/", typed).status_code


@pytest.mark.parametrize("between", ["", " ", "　", "-"])
def test_the_code_of_a_call(between: str) -> None:
    now = timezone.now()
    token = data_requests.ask(phone="13800008000", kind="export", now=now)
    code = data_requests.make_code(data_requests.behind(token, now=now), by=a_host().user, now=now)

    for wrong in (code.translate(ARABIC), code[:5], f"{code}1"):
        assert post(token, code=wrong) == 400
    assert RightsRequest.objects.get().tries == 0
    wide = code.translate(WIDE)
    assert post(token, code=f" {wide[:3]}{between}{wide[3:]} ") == 302


def test_the_last_four_digits() -> None:
    host, product = a_host(), a_product()
    send_order(a_phone(), order_url(a_link(host, product), product))
    relation = Relation.objects.get()
    token = data_requests.vouch(
        host_id=host.pk, relation_id=relation.pk, phone=relation.phone, by=host.user, now=timezone.now()
    )

    assert post(token, kind="export", last4="8000".translate(ARABIC)) == 400
    assert RightsRequest.objects.get().tries == 0
    assert post(token, kind="export", last4="８０００") == 302
