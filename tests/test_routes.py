"""Every route, as a stranger and as another host, with real ids of rows that are not theirs.

The walk finds the routes by itself: a new one is covered the day it appears. What must never happen: a
stranger gets anything but the open pages, or something of one host (canary words) reaches another,
whatever the method and wherever the id stands, or a foreign row changes.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.tracking import services as tracking
from apps.trade import services as trade
from apps.trade.models import Order
from tests.factories import MORNING, a_host, a_person_at_hq, a_sku, api_of

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")
CANARY = "金丝雀"
#: Open to everybody: sign-in, health, the schema, shared pages (by code or private token), and WeCom's door.
OPEN = (
    "livez",
    "readyz",
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
    "my-data/",
    "media/",
    "hq/login/",
    "hq/logout/",
    "hq/jsi18n/",
    "hq/sprite/",
)


@dataclass(frozen=True)
class Route:
    """One address of the URLconf; `names` are the parameters in it, in order."""

    template: str
    names: tuple[str, ...]

    def at(self, value: object) -> str:
        address = self.template
        for name in self.names:
            address = address.replace(f"<{name}>", str(value))
        return f"/{address}"


def routes(part: str = "") -> list[Route]:
    return [route for route in _walk(get_resolver(), "") if route.template.startswith(part)]


def _walk(node: URLResolver | URLPattern, before: str) -> Iterator[Route]:
    if isinstance(node, URLResolver):
        text = str(node.pattern)
        for child in node.url_patterns:
            yield from _walk(child, before + ("" if text == "^/" else text))
        return
    pattern = str(node.pattern)
    if pattern.startswith("^") or "(?P" in before + pattern:
        return  # the console's closed addresses and Wagtail's own, which have tests of their own
    text = before + pattern
    for name, converter in node.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        text = text.replace(f"<{kind}:{name}>", f"<{name}>")
    yield Route(text, tuple(node.pattern.converters))


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
    catalog.edit_shelf_item(item, price_fen=None, pitch=f"{CANARY}推荐")
    placed = trade.place_order(
        host,
        items=[trade.Item(sku, 1)],
        name=f"{CANARY}客户",
        phone="13800008000",
        address=f"{CANARY}路 1 号",
        now=MORNING,
    )
    relation = Relation.objects.get()
    note = customers.add_note(relation, text=f"{CANARY}笔记", by=host.user, now=MORNING)
    tag = customers.tag_relation(relation, name=f"{CANARY}标签", by=host.user, now=MORNING)
    tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)
    ids = [row.public_id for row in (relation, placed.order, item, note, tag, host, relation.customer)]
    return Property(host, ids)


def _everything_of(host: Host) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that hang on the host, to see that none changed."""
    found = {}
    for model in apps.get_models():
        names = {field.name for field in model._meta.get_fields() if getattr(field, "column", None)}
        for path in ("host", "relation__host", "order__host"):
            if path.split("__")[0] in names and model._meta.managed and model.__module__.startswith("apps."):
                rows = model._default_manager.filter(**{path: host}).order_by("pk").values_list()
                found[f"{model._meta.label}.{path}"] = [tuple(map(repr, row)) for row in rows]
    return found


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
            ("hq/", "wecom/", "media/", "s/", "o/", "my-data/", "logout/", "api/docs/")
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
        (api, f"/api/v1/customers/{relation}/notes/"),
        (api, "/api/v1/orders/"),
        (api, "/api/v1/shelf/"),
    ):
        assert CANARY in _text(client.get(address)), address


def test_a_stranger_is_let_into_the_open_pages_only(theirs: Property) -> None:
    let_in = []
    for route in routes():
        if route.template.startswith(OPEN):
            continue
        for method in METHODS:
            answer = _ask(Client(), method, route.at(theirs.ids[0]), {}, as_json=method != "get")
            if answer.status_code < 300 or CANARY in _text(answer):
                let_in.append((method, route.template, answer.status_code))

    assert let_in == []


def test_nothing_of_one_host_reaches_or_obeys_another(theirs: Property) -> None:
    attacker = a_host("attacker", "攻击者")
    web = Client()
    web.force_login(attacker.user)
    before = _everything_of(theirs.host)
    leaks, asked = [], 0
    for route in _own_pages():
        is_api = route.template.startswith("api/")
        for foreign in theirs.ids if route.names else theirs.ids[:1]:
            body = dict.fromkeys(
                ("id", "host", "product", "sku", "customer", "relation", "order", "tag", "q", "to"),
                str(foreign),
            )
            for method in METHODS:
                client = api_of(attacker) if is_api else web
                answer = _ask(client, method, route.at(foreign), body, as_json=is_api)
                asked += 1
                if CANARY in _text(answer) or answer.status_code >= 500:
                    leaks.append((method, route.template, answer.status_code))
                if not is_api and method == "post":  # sign-out ends the session: come back
                    web.force_login(attacker.user)

    print(f"{asked} requests, {len(leaks)} leaks")
    assert asked > 1_000
    assert leaks == []
    assert _everything_of(theirs.host) == before


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
        for foreign in theirs.ids:
            for method in ("get", "post"):
                one = client.generic(method, route.at(foreign))
                other = client.generic(method, route.at(absent))
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
            )
        ):
            continue
        for foreign in theirs.ids:
            answer = client.get(route.at(foreign))
            if answer.status_code == 200 or CANARY in _text(answer):
                shown.append((route.template, answer.status_code))

    assert shown == []
    assert Order.objects.count() == 1
