"""What every page tells the browser: no inline code, no frames, nothing of the device."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from config import errors
from tests.accounts import walking
from tests.accounts.route_table import ROUTES


def boom(request: Any) -> Any:
    raise RuntimeError("boom")


def inline(request: Any) -> HttpResponse:
    """A page whose script must stand in it."""
    return HttpResponse(f'<script nonce="{request.csp_nonce}"></script>')


urlpatterns = [path("boom/", boom), path("inline/", inline)]
handler404, handler500 = errors.not_found, errors.broken


def directives(answer: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def look_at(answer: Any, address: str) -> None:
    found = directives(answer)
    if address.startswith("/hq/"):
        assert found["frame-ancestors"] == ["'self'"], address
        assert answer["X-Frame-Options"] == "SAMEORIGIN", address
    else:
        assert found["frame-ancestors"] == ["'none'"], address
        assert answer["X-Frame-Options"] == "DENY", address
        assert "unsafe-inline" not in answer["Content-Security-Policy"], address
        assert found["default-src"] == ["'none'"], address
    assert "unsafe-eval" not in answer["Content-Security-Policy"], address
    for sources in found.values():
        assert not [one for one in sources if "://" in one or one == "*"], address
    assert answer["X-Content-Type-Options"] == "nosniff", address
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin", address
    assert answer["Referrer-Policy"] == "strict-origin", address
    assert "geolocation=()" in answer["Permissions-Policy"], address
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin", address


@pytest.mark.django_db
def test_every_page_says_it() -> None:
    world = walking.World()
    clients = {letter: Client() for letter in "AERMODGSH-"}
    pages = 0
    for letter, client in clients.items():
        if letter in walking.PEOPLE:
            client.force_login(world.people[letter])
    clients["H"].force_login(world.host.user)
    for route, who in ROUTES.items():
        if not who or route.startswith("POST ") or route in walking.DOORS - {"login/", "hq/login/"}:
            continue
        # Whoever opens it, strangers first: their pages are the ones that anybody may frame.
        letter = who[-1]
        address = world.address(route)
        answer = clients[letter].get(address)
        look_at(answer, address)
        walking.put_down(answer)
        pages += answer.get("Content-Type", "").startswith("text/html")

    print(f"{pages} pages")
    assert pages > 120


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/no/such/page/", "/hq/no/such/", "/api/v1/none/", "/livez", "/s/none/"])
def test_what_is_not_there_says_it_too(client: Client, address: str) -> None:
    look_at(client.get(address), address)


@pytest.mark.django_db
def test_a_500_and_a_refused_form_say_it_too(settings: Any) -> None:
    look_at(Client(enforce_csrf_checks=True).post("/login/", {}), "/login/")
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get("/boom/")

    assert answer.status_code == 500
    look_at(answer, "/boom/")


@pytest.mark.django_db
def test_a_nonce_is_named_when_a_page_used_it_and_never_twice(client: Client, settings: Any) -> None:
    assert "nonce-" not in client.get("/login/")["Content-Security-Policy"]

    settings.ROOT_URLCONF = __name__
    used = set()
    for _ in range(2):
        answer = client.get("/inline/")
        nonce = answer.content.decode().split('"')[1]
        assert f"'nonce-{nonce}'" in directives(answer)["script-src"]
        used.add(nonce)
    assert len(used) == 2
