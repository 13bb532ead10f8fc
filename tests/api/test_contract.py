"""What every client of the API may rely on."""

import pytest
from django.test import Client

from tests.factories import a_host, api_of

pytestmark = pytest.mark.django_db


def test_the_schema_describes_the_contract_and_nothing_else() -> None:
    answer = Client().get("/api/v1/schema/?format=json")

    paths = answer.json()["paths"]
    assert answer.status_code == 200
    assert {"/api/v1/auth/token/", "/api/v1/customers/", "/api/v1/orders/", "/api/v1/materials/"} <= set(
        paths
    )
    assert all(path.startswith("/api/v1/") for path in paths)


def test_the_schema_is_made_without_a_complaint(capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")

    assert "Warning" not in capsys.readouterr().err


def test_every_refusal_has_one_shape() -> None:
    host = a_host()
    client = api_of(host)
    answers = [
        client.get("/api/v1/nowhere/"),
        client.delete("/api/v1/customers/"),
        client.post("/api/v1/orders/", "{", content_type="application/json"),
        client.post("/api/v1/shelf/", "x", content_type="text/plain"),
        Client().get("/api/v1/customers/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 405, 400, 415, 401]
    for answer in answers:
        assert set(answer.json()) == {"code", "message", "fields"}, answer.content
        assert answer.json()["message"]


@pytest.mark.parametrize("size", ["100", "101", "0", "-1", "x"])
def test_a_page_never_holds_more_than_a_hundred(size: str) -> None:
    body = api_of(a_host()).get("/api/v1/products/", {"page_size": size}).json()

    assert set(body) == {"count", "next", "previous", "results"}


def test_each_answer_carries_a_request_id() -> None:
    assert len(Client().get("/livez")["X-Request-ID"]) == 36
    assert Client().get("/livez", headers={"x-request-id": "abcdefgh-1"})["X-Request-ID"] == "abcdefgh-1"
    assert Client().get("/livez", headers={"x-request-id": "bad\nid"})["X-Request-ID"] != "bad\nid"
