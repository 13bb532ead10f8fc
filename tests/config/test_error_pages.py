"""An error page knows whose page it is, and a refused form says the reason that is true."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from apps.storefront.urls import urlpatterns as consumers
from config import errors
from tests.factories import a_host
from tests.storefront.pages import words_of

pytestmark = pytest.mark.django_db
OURS = {"origin": "http://testserver"}


def _form_of(client: Client, address: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    return {"csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]}  # type: ignore[index]


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("null", "浏览器没有说明这张表是从哪一页提交的"),
        ("elsewhere", "从别的网站提交过来的"),
        ("no cookie", "浏览器没有带上 Cookie"),
        ("old page", "页面已经旧了"),
    ],
)
def test_a_refused_form_says_the_reason_and_the_way_on(case: str, words: str) -> None:
    client = Client(enforce_csrf_checks=True)
    form = _form_of(client, "/my-data/")
    origin = {"null": "null", "elsewhere": "https://elsewhere.example"}.get(case, OURS["origin"])
    if case == "no cookie":
        client.cookies.clear()
    if case == "old page":
        form["csrfmiddlewaretoken"] = "x" * 64

    answer = client.post("/my-data/", form, headers={"origin": origin})
    by_htmx = client.post("/my-data/", form, headers={"origin": origin, "hx-request": "true"})

    assert answer.status_code == 403
    said = words_of(answer.content.decode())
    assert words in said
    assert "什么都没有改动" in said
    assert "再提交一次" in said
    assert "dac:toast" in by_htmx["HX-Trigger"]
    assert client.post("/my-data/", form, headers={"origin": origin}).status_code == 403


def test_every_consumer_address_is_known_as_one() -> None:
    assert {str(route.pattern).split("/")[0] for route in consumers} == {
        part for part, reader in errors._WHOSE.items() if reader == "consumer"
    }
    assert set(errors._WHOSE) <= {
        str(route.pattern).split("/")[0] for route in get_resolver().url_patterns
    } | {
        str(inner.pattern).split("/")[0]
        for route in get_resolver().url_patterns
        for inner in getattr(route, "url_patterns", [])
    }


def test_nobody_is_led_to_a_house_that_is_not_hers() -> None:
    def links(client: Client, address: str) -> set[str]:
        page = client.get(address)
        assert page.status_code == 404, address
        return set(re.findall(r'<a [^>]*href="([^"]*)"', page.content.decode()))

    host = Client()
    host.force_login(a_host().user)
    for address in ("/s/1111111111/x/y/", "/o/x/y/", "/u/x/y/z/", "/my-data/x/y/z/"):
        for client in (Client(), host):
            assert links(client, address) <= {""}, address
    assert links(Client(), "/no/such/page/") <= {""}
    assert "/" in links(host, "/no/such/page/")
