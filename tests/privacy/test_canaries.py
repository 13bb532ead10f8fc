"""A hundred people's data through the product's flows: then it stands nowhere that it must not."""

import json
import logging
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts import roles
from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers.models import Relation
from apps.outbox.models import Job
from apps.outbox.services import inbox, jobs
from apps.tracking import services as tracking
from apps.trade.models import Order
from config import logs
from tests.factories import MORNING, a_host, a_sku, api_of
from tests.library.desk import a_person, browser
from tests.privacy import traces
from tests.storefront.pages import GOOD, hidden_fields

pytestmark = pytest.mark.django_db
PEOPLE = 100
#: Names that no text of ours holds.
_FAMILY, _GIVEN = "阚郗逄訾阙郄亓郏厍暨", "鸢蘅翀珺婳琤昀昶翯芃"


def the_people() -> list[dict[str, str]]:
    return [
        {
            "name": f"{_FAMILY[n // 10]}{_GIVEN[n % 10]}{_GIVEN[n // 10]}",
            "phone": f"139{57_310_000 + n * 7919:08d}",
            "address": f"甘棠府{n:03d}弄麓鸣里{n + 200}号",
            "note": f"莫按铃{n:03d}家有金丝雀",
        }
        for n in range(PEOPLE)
    ]


def words_of(people: list[dict[str, str]]) -> list[str]:
    return [value for one in people for value in (*one.values(), f"+86{one['phone']}")]


class Memory(logging.Handler):
    """Everything that would be written to the server's log, as production formats it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        config = logs.configuration(json=True, level="DEBUG")["formatters"]["structured"]
        self.setFormatter(config["()"](**{k: v for k, v in config.items() if k != "()"}))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Any:
    memory, root = Memory(), logging.getLogger()
    # As loud as it can be set; the database's own log of statements is no log of the server's.
    loud = [root, *(logging.getLogger(name) for name in ("django.request", "django.security", "wagtail"))]
    before = [one.level for one in loud]
    for one in loud:
        one.setLevel(logging.DEBUG)
    root.addHandler(memory)
    yield memory
    root.removeHandler(memory)
    for one, level in zip(loud, before, strict=True):
        one.setLevel(level)


def live_through(people: list[dict[str, str]], asked: list[str]) -> Host:
    """Orders by the storefront and the API, notes, edits, reveals, searches, exports, requests, errors."""
    host = a_host()
    sku = a_sku(stock=1_000)
    catalog.add_to_shelf(host, sku.product, now=MORNING)
    link = tracking.link_for(host, subject_kind="shelf", subject_id=host.pk, channel="group", now=MORNING)
    form = f"/s/{link.code}/order/?sku={sku.public_id}"
    web, api = Client(), api_of(host)
    web.force_login(host.user)
    for n, one in enumerate(people):
        if n % 2:
            buyer = Client(headers={"user-agent": f"Mozilla/5.0 (iPhone; {n})"})
            page = buyer.get(form).content.decode()
            # Once with a mistake: what is refused is not kept either.
            buyer.post(form, {**hidden_fields(page), **GOOD, **one, "quantity": "0"}, follow=True)
            answer = buyer.post(form, {**hidden_fields(page), **GOOD, **one, "marketing": "on"})
            assert answer.status_code == 302, answer.content.decode()
            asked.append(answer["Location"])
            buyer.get(answer["Location"])
        else:
            body = {**one, "items": [{"sku": str(sku.public_id), "quantity": 1}]}
            made = api.post(
                "/api/v1/orders/",
                body,
                content_type="application/json",
                headers={"idempotency-key": f"canary-{n:04d}"},
            )
            assert made.status_code == 201, made.content
    relations = list(Relation.objects.order_by("pk"))
    for relation, one in zip(relations, people, strict=True):
        address = f"/customers/{relation.public_id}/"
        web.post(f"{address}notes/", {"text": f"{one['name']}说{one['note']}"})
        web.post(f"{address}edit/", {"remark": one["name"], "phone": "", "next_action": one["note"]})
    for relation in relations[:5]:
        web.get(f"/customers/{relation.public_id}/")
        web.post(f"/customers/{relation.public_id}/phone/")
    for one in people[:3]:
        Client().post("/my-data/", {"kind": "export", "phone": one["phone"]})
    inbox.accept(
        "wecom.event", text=json.dumps({"Name": people[0]["name"]}, ensure_ascii=False), ignored="测试"
    )
    web.post("/me/exports/", {"what": "customers"})
    jobs.drain(seconds=60)
    return host


def test_no_value_stands_where_it_must_not(log: Memory, settings: Any) -> None:
    people = the_people()
    asked: list[str] = []
    cache.clear()
    host = live_through(people, asked)
    words = words_of(people)
    # The canaries live: else the silence below would prove nothing.
    assert len(words) == 5 * PEOPLE
    opened = " ".join(text for _, text in traces.opened_rows())
    assert sum(one["phone"] in opened and one["name"] in opened for one in people) == PEOPLE

    # Stored: every table of every schema (the broker's too), the payloads of jobs, private files.
    assert traces.found(words, traces.raw_rows()) == []
    assert [
        job.pk for job in Job.objects.all() if any(word in json.dumps(job.payload) for word in words)
    ] == []
    assert traces.found(words, traces.files()) == []
    # Logged, in the cache, in addresses.
    assert len(log.lines) >= PEOPLE / 2  # each refused form is a line
    assert traces.found(words, iter(("log", line) for line in log.lines)) == []
    kept = " ".join(f"{key} {value!r}" for key, value in getattr(cache, "_cache", {}).items())
    assert [word for word in words if word in kept] == []
    assert [word for word in words if any(word in address for address in asked)] == []
    # Shown at HQ: to no role, on no page.
    shown = []
    paths = hq_pages(host)
    for role in roles.ALL:
        client = browser(a_person(role))
        for path in paths:
            text = client.get(path, follow=True).content.decode()
            shown += [(role, path, word) for word in words if word in text]
            links = re.findall(r'(?:href|action)="([^"]*)"', text)
            shown += [(role, link, word) for link in links for word in words if word in link]
    print(f"{PEOPLE} people, {len(words)} words, {len(log.lines)} log lines, {len(paths)} pages, 0 found")
    assert shown == []
    # And to another host, and a stranger.
    other = browser(a_host("mei", "小美").user)
    for client in (other, Client()):
        for path in ("/customers/", "/me/orders/", "/me/", "/"):
            text = client.get(path, follow=True).content.decode()
            assert [word for word in words if word in text] == []


def hq_pages(host: Host) -> list[str]:
    order, relation = Order.objects.latest("pk"), Relation.objects.latest("pk")
    return [
        "/hq/",
        "/hq/customers/",
        f"/hq/customers/?q={relation.customer.public_id}",
        f"/hq/customers/{relation.public_id}/",
        "/hq/orders/",
        f"/hq/orders/{order.public_id}/",
        f"/hq/hosts/{host.public_id}/",
        "/hq/insights/",
        "/hq/insights/orders/",
        "/hq/insights/customers/",
        "/hq/deliveries/",
        "/hq/access-log/",
        "/hq/rights/",
        "/hq/exports/",
        "/hq/privacy-alerts/",
    ]
