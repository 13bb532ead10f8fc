"""Whatever is sent to whichever route, by strangers and by people signed in: never a 500."""

import json
import os
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.accounts import walking
from tests.media import samples

pytestmark = pytest.mark.django_db
SEED = 20_260_305
#: How many requests; a long run is asked for by the environment.
COUNT = 8_000 if os.environ.get("SOAK") else 240
DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000
VALUES = [
    "\x00",
    "a\x00b",
    "9" * 5_000,
    "-1",
    "1e400",
    "NaN",
    "99999999999999999999",
    "0001-01-01",
    "9999-12-31",
    "2026-13-45",
    "²",
    "٣",
    "9999-12-31T23:59:59",
    "../../etc/passwd",
    "%",
    "'\"><b>",
    "𝕏𠮷" * 40,
    "。）",
    "x" * 3_000,
    "",
    "[]",
    "2026-03-05T10:00:00+99:99",
    "018f0000-0000-7000-8000-000000000000",
    "\u202e\u200b\ufeff",
]
JSON_VALUES = [*VALUES, "\ud800", None, [], {}, [[]], 10**30, -1, 1.5, True, [{}], [{"sku": None}], {"a": 1}]


def _names() -> list[str]:
    """The parameters that our views read and our forms have, as the source names them."""
    found = {"page", "p", "page_size", "cursor", "ordering", "q", "next"}
    for path in (Path(settings.ROOT) / "apps").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        found.update(re.findall(r'(?:GET|POST|query_params)(?:\.get|\.getlist)?[\[(]"(\w+)"', source))
        if path.name in {"forms.py", "api.py", "asked.py"}:
            found.update(
                re.findall(r"^    (\w+) = (?:forms|serializers|django_filters)\.", source, re.MULTILINE)
            )
    return sorted(found)


class Fuzz:
    def __init__(self) -> None:
        self.dice = random.Random(SEED)
        self.world = walking.World()
        self.names = _names()
        self.routes = [route for route in walking.routes() if not route.endswith(("logout/", "/$"))]
        self.clients = {"-": Client(), "H": Client(), "A": Client()}
        self.clients["H"].force_login(self.world.host.user)
        self.clients["A"].force_login(self.world.people["A"])

    def address(self, route: str) -> str:
        """With something real in it mostly, now and then with anything."""
        if self.dice.random() < 0.7:
            return self.world.address(route).partition("?")[0]
        value = quote(self.dice.choice(VALUES)[:200], safe="")
        text = re.sub(r"\(\?P<\w+>[^()]*\)|<[^>]+>", value.replace("\\", ""), route)
        return "/" + text.replace("^", "").rstrip("$").replace("\\.", ".").replace("\\", "")

    def fields(self, values: list[Any]) -> dict[str, Any]:
        return {name: self.dice.choice(values) for name in self.dice.sample(self.names, 6)}

    def send(self, who: str, route: str) -> tuple[int, str]:
        address, way = self.address(route), self.dice.choice(("query", "query", "form", "json", "headers"))
        client, fields = self.clients[who], self.fields(VALUES)
        if way == "query":
            query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
            answer = client.get(f"{address}?{query}")
        elif way == "form":
            answer = client.post(address, fields)
        elif way == "json":
            body = DEEP if self.dice.random() < 0.1 else json.dumps(self.fields(JSON_VALUES))
            method = self.dice.choice((client.post, client.patch, client.put))
            answer = method(address, body, content_type="application/json")
        else:
            odd = self.dice.choice((f"bytes={'9' * 5_000}-", "bytes=-", "x" * 3_000, '"\\000"'))
            answer = client.get(address, headers={"range": odd, "accept-language": odd, "if-none-match": odd})
        walking.put_down(answer)
        return answer.status_code, f"{who} {way} {address[:120]} {str(fields)[:300]}"


@pytest.mark.timeout(7_200)
def test_nothing_that_is_sent_breaks_a_route() -> None:
    fuzz = Fuzz()
    # Whatever share of them is asked, every route comes before any comes again.
    order = [(who, route) for route in fuzz.routes for who in fuzz.clients]
    fuzz.dice.shuffle(order)
    broken = []
    for number in range(COUNT):
        who, route = order[number % len(order)]
        with transaction.atomic():
            status, sent = fuzz.send(who, route)
            transaction.set_rollback(True)
        if status >= 500 and route != "readyz":
            broken.append(f"{status} {sent}")
    assert broken == []


ODD = ("9999-12-31", "0001-01-01", "²", "٣")


@pytest.mark.parametrize(
    ("who", "address", "names"),
    [
        ("H", "/me/numbers/orders/", ("day", "from", "to", "page")),
        ("H", "/customers/", ("after", "q")),
        ("H", "/api/v1/numbers/series/", ("days",)),
        ("A", "/hq/insights/orders/", ("day", "from", "to", "page", "hour")),
        ("A", "/hq/insights/helping/", ("page", "level")),
        ("A", "/hq/helping/", ("p", "show", "need", "helper", "organisation")),
        ("A", "/hq/helping/afterwards/", ("days",)),
        ("A", "/hq/fortnights/", ("before",)),
        ("A", "/hq/issues/", ("q", "p")),
    ],
)
@pytest.mark.parametrize("value", ODD)
def test_odd_days_and_digits_in_an_address_are_no_fault(
    who: str, address: str, names: tuple[str, ...], value: str
) -> None:
    client = Fuzz().clients[who]
    for name in names:
        answer = client.get(address, {name: value, **({"from": "2026-03-01"} if name == "to" else {})})
        walking.put_down(answer)
        assert answer.status_code < 500, name
        assert (
            answer.status_code != 404 or (name, address) == ("page", "/me/numbers/orders/") or name == "after"
        )


@pytest.mark.parametrize(
    "address",
    [
        "/s/%00/", "/%00", "/media/images/a%00.jpg", "/static/css/%00.css", "/o/a%00b/", "/my-data/%00/",
        "/hq/%00/", "/s/1111111111/?q=%00", "/login/?next=%00", "/api/v1/materials/?q=%00",
    ],
)  # fmt: skip
def test_a_nul_is_refused_wherever_it_stands(address: str) -> None:
    answer = Client().get(address)

    assert answer.status_code == 400
    if address.startswith("/api/"):
        assert answer.json()["code"] == "malformed"
    else:
        assert "读不懂的字符" in answer.content.decode()


def test_nor_signed_in_nor_posted_nor_in_a_cookie() -> None:
    fuzz = Fuzz()
    host, boss = fuzz.clients["H"], fuzz.clients["A"]
    for address in ("/materials/", "/offers/", "/customers/", "/me/orders/", "/api/v1/customers/"):
        assert host.get(f"{address}?q=%00").status_code == 400, address
    for address in ("/hq/products/", "/hq/hosts/", "/hq/images/", "/hq/customers/", "/hq/materials/"):
        assert boss.get(f"{address}?q=%00").status_code == 400, address
    note = f"{fuzz.world.address('customers/<uuid:public_id>/')}notes/"
    assert host.post(note, {"text": "她说\x00好"}).status_code in {302, 400, 422}
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = "a\x00b"
    assert stranger.get("/").status_code == 400


def test_json_that_is_nested_too_deep_is_bad_input() -> None:
    fuzz = Fuzz()
    for address in ("/api/v1/auth/token/", "/api/v1/orders/"):
        for who in ("-", "H"):
            answer = fuzz.clients[who].post(address, DEEP, content_type="application/json")
            assert answer.status_code in {400, 401, 403}, (address, who)
            assert answer.json()["message"]


@pytest.mark.parametrize("wanted", ["bytes=" + "9" * 5_000 + "-", "bytes=" + "9" * 5_000 + "-" + "9" * 5_000])
def test_a_range_beyond_any_file_is_not_satisfiable(wanted: str) -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    name = default_storage.save("images/range.jpg", ContentFile(samples.picture()))
    answer = Client().get(f"/media/{name}", headers={"range": wanted})

    assert answer.status_code == 416
    assert answer["Content-Range"].startswith("bytes */")
