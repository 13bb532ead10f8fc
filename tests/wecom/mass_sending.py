"""A host, her phone and a material of hers to send: what the tests of mass messages share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.library.models import Material
from apps.wecom.mass import results as mass_results
from apps.wecom.models import MassSend
from tests.outbox.people import a_host
from tests.pages import html_of
from tests.reach.people import agrees
from tests.sandbox_fixture import Sandbox
from tests.workbench.issues import a_material

Work = Callable[[], None]
ADD = "externalcontact/add_msg_template"


@pytest.fixture
def lin(wecom: Sandbox) -> Host:
    wecom.add_member("lin.guide", "林导")
    return a_host("lin.guide", name="林姐")


@pytest.fixture
def phone(lin: Host) -> Client:
    client = Client()
    client.force_login(lin.user)
    return client


@pytest.fixture
def tea(lin: Host) -> Material:
    return a_material("明前龙井")


def befriend(wecom: Sandbox, host: Host, name: str, *, agreed: bool = True) -> Relation:
    userid = host.wecom_userid or ""
    external = wecom.add_customer(name, follows=userid)
    relation, _ = customers.attach_external_contact(
        host, external_userid=external, name=name, now=timezone.now()
    )
    return agrees(relation) if agreed else relation


def ask(phone: Client, material: Material, channel: str = "single", **more: Any) -> Any:
    data = {"channel": channel, "key": str(uuid4()), "text": "今年的新茶到了", **more}
    return phone.post(f"/materials/{material.public_id}/mass/", data)


def results(**later: float) -> None:
    mass_results.follow_up(now=timezone.now() + timedelta(**(later or {"minutes": 10})))


def detail(phone: Client, send: MassSend) -> str:
    return html_of(phone.get(f"/me/sends/{send.public_id}/"))
