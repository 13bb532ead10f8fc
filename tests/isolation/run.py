"""Everybody asks every route for what is not theirs, in every way an id can travel."""

import functools
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from apps.accounts import access as accounts
from apps.accounts import roles
from apps.accounts.models import Host, User
from apps.database import db_role
from apps.database.db_role import Identity, Role
from apps.storefront.visitors import COOKIE
from tests import scale
from tests.factories import a_branch, a_person_at_hq, a_sku, api_of
from tests.isolation import sabotage
from tests.isolation.routes import METHODS, Route, routes
from tests.isolation.test_list import PROTECTED
from tests.isolation.world import Property, a_property
from tests.projecting import project_now

#: The three ways of the run, and a fourth by which code is sure that the attacker is her victim.
BOTH, NO_ROWS, NO_ACCESS, IMPOSTOR = "both walls", "no row security", "no access.py", "impostor"
HOSTS = ("owner one", "owner two", "guide")
OUTSIDE = ("anonymous", "consumer", "suspended", "departed")
#: Whose rows an id in an address may be, where the route does not say.
KINDS = ("relation", "order", "shelf", "send", "tag", "host", "customer", "story")
#: What else a page may be asked with: a search that every canary would answer, orders, pages.
FILTERS = {"q": "CANARY", "search": "CANARY", "p": "1", "page": "1", "page_size": "100", "ordering": "name"}
_STEP = 7
#: After these one has to sign in again.
_LEAVING = ("logout/", "sign-out", "password", "second-step", "login/", "sessions", "tokens", "auth/token")


def who_asks(way: str) -> tuple[str, ...]:
    if way == IMPOSTOR:
        return ("owner one",)
    # HQ's roles have one wall: without access.py they see what the database shows to HQ, which is everything.
    return (*HOSTS, *OUTSIDE) if way == NO_ACCESS else (*HOSTS, *OUTSIDE, *roles.ALL)


@dataclass(frozen=True)
class Ask:
    """One request: `kind` is whose id stands in the address, `in_bulk` whether lists of ids are sent."""

    route: Route
    method: str
    kind: str
    in_bulk: bool


def plan(way: str, asker: str) -> Iterator[Ask]:
    for index, route in enumerate(routes()):
        at_hq = route.template.startswith("hq/")
        for number, method in enumerate(_methods(way, asker, route)):
            yield Ask(route, method, _kind(route), in_bulk=(index + number) % 2 == 0)
            if at_hq or asker not in HOSTS:
                continue
            # Hosts are each other's first suspects: every kind of id, single and in lists.
            if method == "post":
                yield Ask(route, method, _kind(route), in_bulk=(index + number) % 2 == 1)
            if "public_id" in route.names and method in ("get", "post"):
                for kind in KINDS[index % 2 :: 2]:
                    if kind != _kind(route):
                        yield Ask(route, method, kind, in_bulk=index % 2 == 0)


def share(way: str, asker: str) -> list[Ask]:
    """What this asker tries: all in `make soak`, else a share, in which somebody asks every route."""
    return list(plan(way, asker)) if scale.SOAK else _shares(way)[asker]


@functools.cache
def _shares(way: str) -> dict[str, list[Ask]]:
    """For each asker every seventh of her requests, each others, and what would be left out altogether.

    Seven is prime to the number of methods, so that each asker comes by each of them.
    """
    plans = {asker: list(plan(way, asker)) for asker in who_asks(way)}
    found = {who: asks[(scale.SEED + n) % _STEP :: _STEP] for n, (who, asks) in enumerate(plans.items())}
    asked = {ask.route.template for asks in found.values() for ask in asks}
    # The last are HQ's: they get further behind their doors than a host does.
    for who, asks in reversed(plans.items()):
        for ask in asks:
            if ask.route.template not in asked:
                asked.add(ask.route.template)
                found[who].append(ask)
    return found


def _methods(way: str, asker: str, route: Route) -> tuple[str, ...]:
    """Every method of our own routes; of the console's, most of them Wagtail's, what they answer to.

    HQ's roles see with row-level security what they see without it: there they only read.
    """
    if route.template.startswith("hq/"):
        if route.is_closed and not (way == BOTH and asker in (roles.ADMIN, "owner one", "anonymous")):
            return ()  # one pattern before them all answers 404, whoever asks
        if way != BOTH:
            return ("get",) if asker in ("owner one", roles.REGION_MANAGER) else ()
        return ("get", "post") if asker in (roles.ADMIN, roles.REGION_MANAGER) else ("get",)
    if way == BOTH and asker in (*HOSTS, "anonymous", roles.ADMIN):
        return METHODS
    if way == BOTH or asker in HOSTS:
        # The pages know two methods, and Django refuses the others before a row is read.
        return METHODS if route.template.startswith("api/") else ("get", "post")
    return ("get", "post") if asker in OUTSIDE else ("get",)


def _kind(route: Route) -> str:
    text = route.template
    if "stories/" in text:
        return "picture" if "pictures/" in text else "story"
    for word in ("customer", "order", "shelf", "host"):
        if f"{word}s/" in text or f"{word}/" in text:
            return "relation" if word == "customer" else word
    return "product" if "public_id" in route.names and ("offers" in text or "product" in text) else "relation"


@dataclass
class Outcome:
    asked: int = 0
    leaks: list[tuple[str, str, str]] = field(default_factory=list)
    broken: list[tuple[str, str, int]] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


class Run:
    """One asker's requests, one way. Needs a transaction that is rolled back: it breaks what it can."""

    def __init__(self, way: str, asker: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.way, self.asker = way, asker
        east, west = a_branch("华东"), a_branch("华南")
        self.sku = a_sku("好苹果", stock=500, price_fen=5_917, commission_bp=1_000)
        self.one = a_property(1, self.sku, organisation=east)
        self.two = a_property(2, self.sku, organisation=west)
        self.guide = a_property(3, self.sku, organisation=east, kind=Host.Kind.GUIDE)
        self.suspended, self.departed = a_property(4, self.sku), a_property(5, self.sku)
        project_now()
        self.everybody = (self.one, self.two, self.guide, self.suspended, self.departed)
        for gone, status in ((self.suspended, Host.Status.SUSPENDED), (self.departed, Host.Status.LEFT)):
            Host.objects.filter(pk=gone.host.pk).update(status=status)
        self.mine = dict(zip((*HOSTS, "suspended", "departed"), self.everybody, strict=True)).get(asker)
        self.victim = self.two if asker == "owner one" else self.one
        self.user = self._user(west)
        self.web, self.api = (Client(raise_request_exception=False) for _ in range(2))
        self._enter()
        if way == NO_ROWS:
            _disable_row_security()
        elif way == NO_ACCESS:
            sabotage.take_down(monkeypatch)
        elif way == IMPOSTOR:
            self._become_the_victim(monkeypatch)

    def _user(self, branch: Any) -> User | None:
        if self.mine is not None:
            return self.mine.host.user
        if self.asker in roles.ALL:
            return a_person_at_hq(self.asker, organisation=branch)
        return None

    def _enter(self) -> None:
        """Sign in (again). The clients stay: loading the middleware costs more than thirty requests."""
        for client in (self.web, self.api):
            client.cookies.clear()
        if self.user is not None:
            self.web.force_login(self.user)
            if self.mine is not None:
                self.api.defaults.update(api_of(self.mine.host).defaults)
            else:
                self.api.force_login(self.user)
        elif self.asker == "consumer":
            self.web.cookies[COOKIE] = "somebody-who-came-before"

    def _become_the_victim(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All our code takes her for the other host; only the database knows better."""
        enter, victim, own = db_role.enter, self.victim.host, self.one.host.pk
        monkeypatch.setattr(accounts, "host_of", lambda user: victim if user.is_authenticated else None)
        monkeypatch.setattr(db_role, "enter", lambda to, **more: enter(Identity(Role.HOST, own), **more))

    # --- asking

    def everything(self) -> Outcome:
        return self.ask(plan(self.way, self.asker))

    def ask(self, asks: Iterable[Ask]) -> Outcome:
        outcome = Outcome()
        for number, ask in enumerate(asks):
            if number % 40 == 0:
                cache.clear()  # or else most answers would be "too often"
            address, body = self.address(ask), self.body(ask)
            answer = self.send(ask, address, body)
            outcome.asked += 1
            outcome.statuses[answer.status_code] = outcome.statuses.get(answer.status_code, 0) + 1
            text = everything_in(answer)
            sent = address + json.dumps(body, ensure_ascii=False)
            for word in self.forbidden(ask):
                if word in text and word not in sent:
                    outcome.leaks.append((ask.method, ask.route.template, word))
            if answer.status_code >= 500:
                outcome.broken.append((ask.method, ask.route.template, answer.status_code))
            if any(word in ask.route.template for word in _LEAVING):
                self._enter()
        return outcome

    def send(self, ask: Ask, address: str, body: dict[str, Any]) -> HttpResponse:
        is_api = ask.route.template.startswith("api/")
        client = self.api if is_api else self.web
        if ask.method == "get":
            return client.get(address, body)  # type: ignore[return-value]
        address = f"{address}?{urlencode({**FILTERS, 'host': body['host'], 'customer': body['customer']})}"
        if is_api or ask.method != "post":
            return getattr(client, ask.method)(address, body, content_type="application/json")  # type: ignore[no-any-return]
        return client.post(address, body)  # type: ignore[return-value]

    def address(self, ask: Ask) -> str:
        ids = self.victim.ids
        own = self.sku.product.public_id if ask.kind == "product" else ids[ask.kind]
        named: dict[str, Any] = {
            "public_id": own,
            "tag_id": ids["tag"],
            "code": self.victim.link.code,
            "token": self.victim.token,
            "name": "orders",
            "to": "suspended",
            "path": f"private/{ids['order']}.jpg",
        }
        return ask.route.filled({name: named.get(name, ids["pk"]) for name in ask.route.names})

    def body(self, ask: Ask) -> dict[str, Any]:
        ids = {name: str(value) for name, value in self.victim.ids.items()}
        found: dict[str, Any] = {
            **FILTERS,
            "id": ids[ask.kind] if ask.kind in ids else ids["relation"],
            "product": str(self.sku.product.public_id),
            "sku": str(self.sku.public_id),
            "next": f"/customers/{ids['relation']}/",
            "phone": self.victim.phone,
            "text": "写一句",
            "name": "写一个",
        }
        for key in ("host", "customer", "relation", "order", "tag", "note", "shelf"):
            found[key] = found[f"{key}_id"] = ids[key]
        if ask.in_bulk:
            everything = [ids[kind] for kind in KINDS]
            for key in ("ids", "id", "customers", "relations", "orders", "hosts", "items", "tags", "to"):
                found[key] = everything
            found["q"] = self.victim.phone[-4:]
        return found

    def forbidden(self, ask: Ask) -> Iterator[str]:
        """What must not stand in the answer. A buyer's private link shows her own order, masked."""
        at_hq = self.asker in roles.ALL
        for property_ in self.everybody:
            if property_ is self.mine and self.asker in HOSTS:
                continue
            yield from property_.words
            foreign = property_ in (self.one, self.guide) if self.asker == roles.REGION_MANAGER else not at_hq
            if foreign and not ask.route.template.startswith("o/") and not _makes_her_own(ask):
                yield from property_.traces

    def rows(self) -> dict[str, list[tuple[str, ...]]]:
        """The victim's protected rows, but the ledger, to which her open pages add."""
        found = {}
        for model in apps.get_models():
            table, names = model._meta.db_table, {one.name for one in model._meta.get_fields()}
            if table not in PROTECTED - {"tracking_event", "records_accesslog"}:
                continue
            for way in ("host", "host_id", "relation__host", "order__host"):
                if way.split("__")[0] in names:
                    rows = model._default_manager.filter(**{way: self.victim.host.pk}).order_by("pk")
                    found[f"{table}.{way}"] = [tuple(map(repr, row)) for row in rows.values_list()]
        return found


def _makes_her_own(ask: Ask) -> bool:
    """By the number that she sends she makes a customer of her own, and reads it masked."""
    return (ask.method, ask.route.template) == ("post", "api/v1/customers/")


def everything_in(answer: HttpResponse) -> str:
    """Body and headers as text; what lies inside an XLSX or ZIP too."""
    streaming: Any = getattr(answer, "streaming_content", None)
    body = b"".join(streaming) if streaming is not None else answer.content
    text = body.decode("utf-8", "replace")
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            text += "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return f"{text}\n{dict(answer.items())}\n{answer.cookies}"


def _disable_row_security() -> None:
    from django.db import connection

    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table is altered while keys wait to be checked
        for table in sorted(PROTECTED):
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


__all__ = ["Outcome", "Property", "Run", "plan", "share", "who_asks"]
