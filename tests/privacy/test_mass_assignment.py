"""Mass assignment: every field of every model is put into every form and every API body, for every role.

For each route that takes something, the same request is made twice from the same state: with what the form or
serializer declares, and with every other model field added. The database must look the same after both.
"""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.catalog import services as catalog
from apps.customers import services as customers
from tests.console import desk
from tests.factories import MORNING
from tests.library.desk import browser

pytestmark = pytest.mark.django_db
#: What no request decides: moments, random ids and digests, and the book-keeping of the requests themselves.
VOLATILE = {"DateTimeField", "UUIDField", "BinaryField", "BigAutoField", "DateField"}
RANDOM = {"request_id", "code"}
UNCOMPARED = {
    "accounts.Session",
    "accounts.RateHit",
    "accounts.SentForm",
    "outbox.Job",
    "accounts.ApiToken",
    "tracking.Event",
}
#: Good values for what is declared, so that requests get through and do something.
GOOD: dict[str, Any] = {
    "remark": "新备注",
    "phone": "13912340000",
    "text": "一条笔记",
    "name": "一个名字",
    "next_action": "回访",
    "next_action_on": "2026-12-01",
    "tagline": "用心服务",
    "quiet_from": "22:00",
    "quiet_to": "07:00",
    "reason": "客户来电查物流",
    "what": "customers",
    "amount": "1.00",
    "note": "好的",
    "approve": True,
    "pitch": "自己也在用",
    "why": "试一试看看",
    "kind": "export",
    "step": "confirm",
    "conclusion": "问过了没事",
}


def probes(foreign: Host) -> dict[str, Any]:
    """Every field of every model of ours, with a value that would do harm if it were taken."""
    found: dict[str, Any] = {}
    for model in apps.get_models():
        if not model.__module__.startswith("apps."):
            continue
        for field in model._meta.concrete_fields:
            value: Any = "被塞进来的"
            if field.choices:
                value = str(list(field.choices)[-1][0])  # type: ignore[arg-type]
            elif field.is_relation:
                value = foreign.pk if field.name == "host" else foreign.user_id
            elif isinstance(field, models.BooleanField):
                value = True
            elif isinstance(field, models.IntegerField):
                value = 7
            elif isinstance(field, models.DateTimeField):
                value = "2020-01-01T00:00:00+08:00"
            elif isinstance(field, models.DateField):
                value = "2020-01-01"
            elif isinstance(field, models.UUIDField):
                value = str(uuid.UUID(int=7))
            found[field.name] = value
            found[field.attname] = value
    return {**found, "groups": [1], "is_superuser": True, "user_permissions": [1], "id": 1, "pk": 1}


def state() -> dict[str, list[str]]:
    """What the database says, without what no request decides."""
    found = {}
    for model in apps.get_models():
        if not model.__module__.startswith("apps.") or model._meta.label in UNCOMPARED:
            continue
        columns = [
            _told(field)
            for field in model._meta.local_concrete_fields
            if field.get_internal_type() not in VOLATILE
            and not field.primary_key
            and field.name not in RANDOM
        ]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns) or '1'} FROM {model._meta.db_table}")
            found[model._meta.label] = sorted(map(repr, cursor.fetchall()))
    return found


def _told(field: Any) -> str:
    """A column; a key to a row that the request itself made has a number of its own each time."""
    if field.is_relation:
        newest = NEWEST.get(field.related_model, 2**60)
        return f'CASE WHEN "{field.column}" <= {newest} THEN "{field.column}" END'
    return f'"{field.column}"'


#: The highest number of each table before anything was asked.
NEWEST: dict[Any, int] = {}


def remember_newest() -> None:
    for model in apps.get_models():
        if model._meta.pk is not None and model._meta.pk.get_internal_type() == "BigAutoField":
            NEWEST[model] = model._default_manager.aggregate(most=models.Max("pk"))["most"] or 0


def outcome(ask: Any, body: dict[str, Any]) -> tuple[int, dict[str, list[str]]]:
    """The answer's status and the state after it; nothing remains of either."""
    cache.clear()
    with transaction.atomic():
        status = ask(body).status_code
        after = state()
        transaction.set_rollback(True)
    return status, after


def api_routes() -> Iterator[tuple[str, str, set[str]]]:
    """(method, path, names the serializer declares) of every operation of the schema that takes a body."""
    schema = SchemaGenerator().get_schema(public=True)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if method not in {"post", "put", "patch"} or "auth/token" in path:
                continue
            declared: set[str] = set()
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            ref = body.get("schema", {}).get("$ref", "")
            if ref:
                declared = set(schema["components"]["schemas"][ref.rsplit("/", 1)[1]].get("properties", {}))
            yield method, path, declared


@pytest.fixture
def house() -> desk.House:
    made = desk.furnish()
    catalog.add_to_shelf(made.host, made.product, now=MORNING)
    customers.tag_relation(made.relation, name="茶友", by=made.host.user, now=MORNING)
    return made


def ids_of(house: desk.House) -> list[uuid.UUID]:
    shelf = apps.get_model("catalog.ShelfItem").objects.get(host=house.host)
    return [house.relation.public_id, house.order.public_id, shelf.public_id, house.product.public_id]


def token_of(user: User) -> Client:
    from django.utils import timezone

    text, _ = accounts.issue_token(user, is_verified=False, now=timezone.now())
    return Client(headers={"authorization": f"Bearer {text}"})


def test_no_serializer_takes_what_it_does_not_declare(house: desk.House) -> None:
    extra = probes(house.elsewhere)
    people = {"host": house.host.user, **desk.everybody()}
    clients = {role: token_of(user) for role, user in people.items()}
    asked, did, wrong = 0, 0, []
    remember_newest()
    before = state()
    for method, path, declared in api_routes():
        fill = {name: GOOD[name] for name in declared & GOOD.keys()}
        more = {name: value for name, value in extra.items() if name not in declared}
        for role in clients if role_may(path) else ["host"]:
            for address in _filled(path, ids_of(house)):
                send = getattr(clients[role], method)

                def ask(body: dict[str, Any], post: Any = send, to: str = address) -> Any:
                    return post(
                        to,
                        json.dumps(body),
                        content_type="application/json",
                        headers={"idempotency-key": "mass-assignment"},
                    )

                plain, stuffed = outcome(ask, fill), outcome(ask, {**more, **fill})
                asked += 2
                did += plain[1] != before
                if plain != stuffed:
                    wrong.append((role, method, path, plain[0], stuffed[0], _differing(plain[1], stuffed[1])))

    print(f"{asked} requests, {len(extra)} fields, {did} pairs changed something, {len(wrong)} differ")
    assert wrong == []
    assert did >= 5


def role_may(path: str) -> bool:
    """Whether HQ has any business there; the rest is refused by role, as other tests show."""
    return "/hq/" in path or "/exports/" in path


def _filled(path: str, ids: list[uuid.UUID]) -> Iterator[str]:
    if "{" not in path:
        yield path
        return
    for one in ids:
        yield re.sub(r"\{\w+\}", str(one), path)


def _differing(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    return [label for label in one if one[label] != other[label]]


FORMS = [
    ("host", "/customers/{relation}/edit/"),
    ("host", "/customers/{relation}/notes/"),
    ("host", "/customers/{relation}/tags/"),
    ("host", "/customers/{relation}/contacted/"),
    ("host", "/customers/{relation}/my-data/"),
    ("host", "/me/settings/"),
    ("host", "/me/exports/"),
    ("host", "/me/orders/{order}/confirm/"),
    ("host", "/me/orders/{order}/cancel/"),
    ("host", "/shelf/{shelf}/"),
    *((role, "/hq/hosts/{host}/") for role in roles.ALL),
    *((role, "/hq/hosts/{host}/suspended/") for role in roles.ALL),
    *((role, "/hq/staff/edit/{staff}/") for role in roles.ALL),
    *((role, "/hq/staff/new/") for role in roles.ALL),
    *((role, "/hq/organisations/new/") for role in roles.ALL),
    *((role, "/hq/products/stock/{product}/") for role in roles.ALL),
    *((role, "/hq/customers/{relation}/reveal/") for role in roles.ALL),
    *((role, "/hq/exports/ask/") for role in roles.ALL),
]


def test_no_form_takes_what_it_does_not_show(house: desk.House) -> None:
    extra = {name: value for name, value in probes(house.elsewhere).items() if not isinstance(value, list)}
    everybody = desk.everybody()
    people = {"host": house.host.user, **everybody}
    clients = {role: browser(user) for role, user in people.items()}
    shelf = ids_of(house)[2]
    names = {
        "relation": house.relation.public_id,
        "order": house.order.public_id,
        "shelf": shelf,
        "host": house.host.public_id,
        "staff": everybody[roles.SUPPORT].pk,
        "product": house.product.pk,
    }
    wrong, did = [], 0
    remember_newest()
    before = state()
    for role, template in FORMS:
        address, client = template.format(**names), clients[role]
        shown = _inputs(client.get(address).content.decode())
        fill = {**{name: GOOD[name] for name in GOOD}, **{k: v for k, v in shown.items() if v}}
        more = {name: value for name, value in extra.items() if name not in fill and name not in shown}

        def ask(body: dict[str, Any], client: Client = client, address: str = address) -> Any:
            return client.post(address, body)

        plain, stuffed = outcome(ask, fill), outcome(ask, {**more, **fill})
        did += plain[1] != before
        if plain != stuffed:
            wrong.append((role, template, plain[0], stuffed[0], _differing(plain[1], stuffed[1])))

    print(f"{2 * len(FORMS)} posts, {len(extra)} fields, {did} forms changed something, {len(wrong)} differ")
    assert wrong == []
    assert did >= 8


def _inputs(html: str) -> dict[str, str]:
    """Name and present value of what a page's forms show; a box or a choice is left as it is."""
    found = {}
    for tag in re.findall(r"<(?:input|select|textarea)\b[^>]*>", html):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in attributes or attributes.get("type") == "submit":
            continue
        if attributes.get("type") in {"checkbox", "radio"}:
            found.setdefault(attributes["name"], "")
        else:
            found[attributes["name"]] = attributes.get("value", "")
    found.pop("csrfmiddlewaretoken", None)
    return found
