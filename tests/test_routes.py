"""What every route answers to a stranger, to a foreign id, to hosts at HQ and to HQ among hosts.

The walk finds the routes by itself: a new one is covered the day it appears. That nothing of one host reaches
another, whoever asks and however the id travels, is the isolation run's (tests/isolation/test_run.py).
"""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.tracking import services as tracking
from apps.trade import services as trade
from apps.trade.models import Order
from apps.trade.pricing import Item, quote
from apps.wecom.models import MassSend
from tests.factories import MORNING, a_host, a_person_at_hq, a_sku, api_of
from tests.isolation.routes import METHODS, Route, routes

pytestmark = pytest.mark.django_db
CANARY = "金丝雀"
#: Open to everybody: sign-in, health, the schema, shared pages (by code or private token), and WeCom's door.
OPEN = (
    "livez",
    "readyz",
    "metrics",  # from this machine, as the walk asks (tests/config/test_metrics.py)
    "login/",
    "logout/",
    "join/",
    "second-step/",
    "password/",
    "api/v1/schema/",
    "api/v1/auth/token/",
    "api/docs/",
    "wecom/",
    "s/",
    "o/",
    "u/",
    "agree/",
    "my-data/",
    "media/",
    "hq/login/",
    "hq/logout/",
    "hq/jsi18n/",
    "hq/sprite/",
)


@dataclass
class Property:
    """What host A has: ids of each kind, in the order in which an attacker would try them."""

    host: Host
    ids: list[uuid.UUID]


@pytest.fixture
def theirs() -> Property:
    host = a_host("canary", f"{CANARY}姐")
    sku = a_sku("好苹果", stock=50)
    item = catalog.add_to_shelf(host, sku.product, now=MORNING)
    catalog.edit_shelf_item(item, prices={}, pitch=f"{CANARY}推荐", now=MORNING)
    placed = trade.place_order(
        quote(host, [Item(sku, 1)]),
        name=f"{CANARY}客户",
        phone="13800008000",
        address=f"{CANARY}路 1 号",
        now=MORNING,
    )
    relation = Relation.objects.get()
    note = customers.add_note(relation, text=f"{CANARY}笔记", by=host.user, now=MORNING)
    tag = customers.tag_relation(relation, name=f"{CANARY}标签", by=host.user, now=MORNING)
    tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)
    send = MassSend.objects.create(
        host=host, channel="group", key=uuid.uuid4(), title=f"{CANARY}群发", audience="群", created_at=MORNING
    )
    owned = (relation, placed.order, item, note, tag, host, relation.customer, send)
    ids = [row.public_id for row in owned]
    return Property(host, ids)


def _ask(client: Client, method: str, address: str, body: dict[str, Any], *, as_json: bool) -> HttpResponse:
    if method == "get":
        return client.get(address, body)
    if as_json:
        return getattr(client, method)(address, body, content_type="application/json")  # type: ignore[no-any-return]
    if method == "post":
        return client.post(address, body)
    return getattr(client, method)(address)  # type: ignore[no-any-return]


def _text(answer: HttpResponse) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace") + str(dict(answer.items()))


def _own_pages() -> list[Route]:
    return [
        route
        for route in routes()
        if not route.template.startswith(
            ("hq/", "wecom/", "media/", "s/", "o/", "u/", "agree/", "my-data/", "logout/", "api/docs/")
        )
    ]


def test_the_walk_sees_the_house() -> None:
    seen = {route.template for route in routes()}

    assert {"customers/<public_id>/", "api/v1/orders/<public_id>/cancel/", "s/<code>/", "livez"} <= seen
    assert len(seen) > 80


def test_the_canaries_sing_for_their_owner(theirs: Property) -> None:
    # Else the silence below would prove nothing.
    web, api = Client(), api_of(theirs.host)
    web.force_login(theirs.host.user)
    relation, order, *_ = theirs.ids

    for client, address in (
        (web, f"/customers/{relation}/"),
        (web, f"/me/orders/{order}/"),
        (web, "/shelf/"),
        (web, "/me/sends/"),
        (api, f"/api/v1/customers/{relation}/notes/"),
        (api, "/api/v1/orders/"),
        (api, "/api/v1/shelf/"),
    ):
        assert CANARY in _text(client.get(address)), address


def test_a_stranger_is_let_into_the_open_pages_only(theirs: Property) -> None:
    let_in = []
    client = Client()
    for route in routes():
        if route.template.startswith(OPEN):
            continue
        for method in METHODS:
            client.cookies.clear()
            answer = _ask(client, method, route.at(theirs.ids[0]), {}, as_json=method != "get")
            if answer.status_code < 300 or CANARY in _text(answer):
                let_in.append((method, route.template, answer.status_code))

    assert let_in == []


def test_a_foreign_id_answers_like_an_absent_one(theirs: Property) -> None:
    attacker = a_host("attacker", "攻击者")
    web, api = Client(), api_of(attacker)
    web.force_login(attacker.user)
    absent = uuid.uuid4()
    different = []
    for route in _own_pages():
        if not route.names:
            continue
        client = api if route.template.startswith("api/") else web
        for method in ("get", "post"):
            other = client.generic(method, route.at(absent))
            for foreign in theirs.ids:
                one = client.generic(method, route.at(foreign))
                if one.status_code != other.status_code:
                    different.append((method, route.template, one.status_code, other.status_code))

    assert different == []


def test_hosts_do_not_enter_the_console(theirs: Property) -> None:
    client = Client()
    client.force_login(theirs.host.user)

    inside = [
        route.template
        for route in routes("hq/")
        if not route.template.startswith(OPEN) and client.get(route.at(1)).status_code == 200
    ]

    assert inside == []


def test_hq_gets_no_host_page_and_no_host_api(theirs: Property) -> None:
    client = Client()
    client.force_login(a_person_at_hq(roles.ADMIN))

    shown = []
    for route in _own_pages():
        if route.template.startswith(
            (
                "api/v1/hq/",
                "api/v1/exports/",
                "login/",
                "second-step/",
                "api/v1/schema/",
                "api/v1/me/",
                "livez",
                "readyz",
                "metrics",
            )
        ):
            continue
        for foreign in theirs.ids:
            answer = client.get(route.at(foreign))
            if answer.status_code == 200 or CANARY in _text(answer):
                shown.append((route.template, answer.status_code))

    assert shown == []
    assert Order.objects.count() == 1
