"""Around every request: one transaction, one id, health, and errors in the product's look."""

import json
import logging
import logging.config

import pytest
import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from apps.catalog.models import Brand
from apps.database import db_role
from apps.lib.requests import network_of
from apps.library.models import Material
from config import logs
from tests.committed import own_tables, transactional_db
from tests.library import desk

__all__ = ["own_tables", "transactional_db"]


def _write(request: HttpRequest) -> None:
    Brand.objects.create(name=request.GET["name"])


def breaks(request: HttpRequest) -> HttpResponse:
    _write(request)
    raise RuntimeError("broken on purpose")


def answers(request: HttpRequest) -> HttpResponse:
    _write(request)
    return HttpResponse(status=int(request.GET["status"]))


def loses_the_database(request: HttpRequest) -> HttpResponse:
    _write(request)
    with db_role.as_owner(), connection.cursor() as cursor:  # a role may not end its own session
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("not reached")


urlpatterns = [
    path("loses/", loses_the_database),
    path("api/loses/", loses_the_database),
    path("breaks/", breaks),
    path("api/breaks/", breaks),
    path("answers/", answers),
]
handler404 = "config.errors.not_found"
handler500 = "config.errors.broken"
ours = override_settings(ROOT_URLCONF=__name__)


@pytest.mark.parametrize(
    ("peer", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::7", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
        ("2001:db8:1:3::7", "2001:db8:1:3::"),
    ],
)
def test_one_line_is_counted_as_one_whatever_address_it_takes(peer: str, network: str) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = peer

    assert network_of(request) == network


@ours
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "stays"), [(200, True), (302, True), (400, True), (500, False), (503, False)]
)
def test_a_failed_request_leaves_nothing(status: int, stays: bool) -> None:
    Client().get("/answers/", {"name": "山野集", "status": status})

    assert Brand.objects.exists() is stays


@ours
@pytest.mark.django_db
def test_an_exception_leaves_nothing_and_shows_an_honest_page() -> None:
    answer = Client(raise_request_exception=False).get("/breaks/", {"name": "山野集"})

    assert answer.status_code == 500
    assert "出了点问题" in answer.content.decode()
    assert "broken on purpose" not in answer.content.decode()
    assert not Brand.objects.exists()


@ours
@pytest.mark.parametrize("address", ["/loses/", "/api/loses/"])
def test_a_database_lost_on_the_way_is_asked_for_again_and_nothing_stays(
    transactional_db: None, address: str
) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(address, {"name": "山野集"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "数据库暂时连不上" in answer.content.decode("unicode_escape" if "api" in address else "utf-8")
    assert not Brand.objects.exists()
    assert client.get("/answers/", {"name": "山野集", "status": 200}).status_code == 200


@ours
@pytest.mark.django_db
def test_the_api_answers_even_a_fault_in_its_own_shape() -> None:
    answer = Client(raise_request_exception=False).get("/api/breaks/", {"name": "山野集"})

    assert set(answer.json()) == {"code", "message", "fields"}


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_said_kindly() -> None:
    answer = Client().get("/no/such/page/")

    assert answer.status_code == 404
    assert "<html" in answer.content.decode()


@pytest.mark.django_db
def test_live_and_ready_are_answered() -> None:
    assert Client().get("/livez").json() == {"status": "ok"}
    assert Client().get("/readyz").json() == {
        "status": "ok",
        "checks": {"database": True, "migrations": True},
    }


def test_live_needs_no_database() -> None:
    # Without the django_db mark any query would raise.
    assert Client().get("/livez").status_code == 200
    assert connection.queries_log is not None


def test_production_logs_are_json_with_the_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    formatter = logging.config.DictConfigurator(  # type: ignore[attr-defined]
        logs.configuration(json=True, level="INFO")
    ).configure_formatter(logs.configuration(json=True, level="INFO")["formatters"]["structured"])
    record = logging.LogRecord(
        "apps.x", logging.INFO, __file__, 1, "delivery %s sent\nsecond line", (7,), None
    )

    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        line = formatter.format(record)

    said = json.loads(line)
    assert "\n" not in line
    assert (said["event"], said["request_id"], said["level"]) == (
        "delivery 7 sent\nsecond line",
        "r-1",
        "info",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"title": "没有隐藏的部分"}, {"body-count": "0", "cover": "不是编号"}])
def test_a_form_of_the_console_without_its_hidden_parts_is_refused_kindly(body: dict[str, str]) -> None:
    answer = desk.browser(desk.an_editor()).post("/hq/materials/add/", body)

    assert answer.status_code == 400
    assert "什么都没有改动" in answer.content.decode()
    assert not Material.objects.exists()
