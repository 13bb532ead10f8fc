"""Whatever of a customer the API shows, whole, is written down as read by the host."""

from typing import Any

import pytest
from django.db import transaction

from apps.records.models import AccessLog
from tests.accounts import walking
from tests.console import desk
from tests.factories import api_of

pytestmark = pytest.mark.django_db
WHOLE = (desk.NAME, desk.PHONE, desk.ADDRESS)


def test_no_answer_with_a_customer_in_it_goes_unlogged() -> None:
    world = walking.World()
    client = api_of(world.host)
    looks = AccessLog.objects.filter(actor_id=world.host.user_id)
    assert not looks.exists()
    shown = set()
    for route in walking.routes():
        if not route.startswith("api/v1/"):
            continue
        for send in (client.get, client.post, client.patch):
            with transaction.atomic():
                answer = _sent(send, world.address(route))
                text = "" if answer.streaming else answer.content.decode(errors="replace")
                if any(word in text for word in WHOLE):
                    shown.add(route)
                    assert looks.exists(), (send, route)
                walking.put_down(answer)
                transaction.set_rollback(True)
    assert {
        "api/v1/customers/",
        "api/v1/customers/<uuid:public_id>/",
        "api/v1/orders/",
        "api/v1/orders/<uuid:public_id>/",
        "api/v1/orders/<uuid:public_id>/confirm/",
    } <= shown


def _sent(send: Any, address: str) -> Any:
    return send(address) if send.__name__ == "get" else send(address, "{}", content_type="application/json")
