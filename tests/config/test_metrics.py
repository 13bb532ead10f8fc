"""What `/metrics` tells, to whom, and what it costs; through HTTP, as Prometheus asks."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.database import db_role
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Job, Lane, Letter
from apps.outbox.services import deliveries, heartbeats, inbox
from apps.tracking import reader
from tests.factories import a_host
from tests.happenings import a_material, pass_on

pytestmark = pytest.mark.django_db
TOKEN = "Zr8-0pJq_w3TnVxk71LmYbCdEf5GhUiA"
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}
Scrape = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape() -> Scrape:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    return read(answer.content.decode())


def read(text: str) -> Scrape:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Scrape, name: str, **labels: str) -> float:
    return found[f"dac_{name}", frozenset(labels.items())]


def counted(found: Scrape, route: str, method: str, status: str) -> float:
    labels = frozenset({"route": route, "method": method, "status": status}.items())
    return found.get(("dac_request_seconds_count", labels), 0)


# --- who may read it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_itself_may_read(peer: str) -> None:
    assert Client(REMOTE_ADDR=peer).get("/metrics").status_code == 200


@pytest.mark.parametrize(
    "header", ["x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-proto", "x-forwarded-host", "via"]
)
@pytest.mark.parametrize("value", ["203.0.113.9", "127.0.0.1", ""])
def test_who_comes_through_a_proxy_is_not_of_this_machine(header: str, value: str) -> None:
    assert Client().get("/metrics", headers={header: value}).status_code == 404


@pytest.mark.parametrize("peer", ["203.0.113.9", "10.0.0.5", "192.168.1.20", "", "unix"])
def test_another_machine_finds_nothing(peer: str) -> None:
    answer = Client(REMOTE_ADDR=peer).get("/metrics")

    assert answer.status_code == 404
    assert b"dac_" not in answer.content


def test_another_machine_may_read_by_the_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = Client(**ELSEWHERE).get(
        "/metrics", headers={"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "203.0.113.9"}
    )

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer 令",
    ],
)
@pytest.mark.parametrize("token", [TOKEN, ""])
def test_any_other_word_opens_nothing(said: str, token: str, settings: Any) -> None:
    settings.METRICS_TOKEN = token

    assert Client(**ELSEWHERE).get("/metrics", headers={"authorization": said}).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_is_there_for_reading_alone(method: str) -> None:
    assert Client().generic(method, "/metrics").status_code == 404


def test_programs_of_our_own_may_ask_over_plain_http(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    asked = {
        address: Client().get(address).status_code for address in ("/metrics", "/livez", "/readyz", "/login/")
    }
    assert asked == {"/metrics": 200, "/livez": 200, "/readyz": 200, "/login/": 301}


# --- requests -----------------------------------------------------------------------------------------------


def test_requests_are_counted_by_pattern_method_and_kind_of_status() -> None:
    asked = [
        ("my-data/<str:token>/", "GET", "4xx", "/my-data/4vJ9JU1bJJE96FWSJKvHsm/?q=13912345678"),
        ("customers/<uuid:public_id>/", "GET", "3xx", f"/customers/{uuid.uuid4()}/"),
        ("login/", "GET", "2xx", "/login/"),
        ("login/", "HEAD", "2xx", "/login/"),
        ("-", "GET", "4xx", "/nobody/欧阳桂芬/"),
        ("-", "other", "4xx", "/nobody/欧阳桂芬/"),
        ("-", "GET", "4xx", "/%00"),
    ]
    before = scrape()
    for _, method, _, address in asked:
        Client().generic("PROPFIND" if method == "other" else method, address)
    after = scrape()

    for route, method, status, _ in asked:
        made = sum((one[0], one[1], one[2]) == (route, method, status) for one in asked)
        assert counted(after, route, method, status) - counted(before, route, method, status) == made
    text = Client().get("/metrics").content.decode()
    assert [word for word in ("4vJ9JU", "13912345678", "欧阳", "PROPFIND") if word in text] == []
    assert of(after, "request_seconds_sum", route="login/", method="GET", status="2xx") > 0


# --- the work -----------------------------------------------------------------------------------------------


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def a_delivery(kind: str, state: str, **columns: object) -> None:
    key = uuid.uuid4().hex
    deliveries.queue(kind, key=key, body="欧阳桂芬，您好")
    Delivery.objects.filter(key=key).update(state=state, **columns)


def test_deliveries_are_counted_by_kind_and_state() -> None:
    for _ in range(2):
        a_delivery("app-message", "new", created_at=ago(days=9))
    a_delivery("app-message", "dead", outcome="给过三次", created_at=ago(hours=23))
    a_delivery("app-message", "dead", outcome="给过三次", created_at=ago(hours=25))
    a_delivery("wecom.welcome", "sent", sent_at=Now())
    found = {labels: value for (name, labels), value in scrape().items() if name == "dac_deliveries"}

    assert found == {
        frozenset({"kind": "app-message", "state": "new"}.items()): 2,
        frozenset({"kind": "app-message", "state": "dead"}.items()): 1,
        frozenset({"kind": "wecom.welcome", "state": "sent"}.items()): 1,
    }


def test_what_arrived_and_waits_is_counted_and_timed() -> None:
    assert of(scrape(), "inbox_lag_seconds", lane="normal") == 0
    for text, age in (("a", 5), ("b", 300)):
        inbox.accept("news", text=text)
        Inbox.objects.filter(not_before__gt=ago(seconds=4)).update(not_before=ago(seconds=age))
    inbox.accept("news", text="put off")
    Inbox.objects.filter(not_before__gt=ago(seconds=4)).update(not_before=ago(seconds=-600))

    found = scrape()
    assert of(found, "inbox_waiting", lane="normal") == 3
    assert 300 <= of(found, "inbox_lag_seconds", lane="normal") < 900
    assert of(found, "inbox_waiting", lane="welcome") == 0


def test_a_lease_that_nobody_took_over_shows() -> None:
    inbox.accept("news", text="a", held_for=timedelta(seconds=60))
    Job.objects.create(name="j", key="k", state="leased", lease_until=ago(seconds=500))
    DeliveryCall.objects.create(
        kind="k", lane=Lane.NORMAL, request="r", digest=b"d", state="leased", lease_until=ago(seconds=50)
    )

    found = scrape()
    assert [of(found, "leases", table=table) for table in ("calls", "inbox", "jobs")] == [1, 1, 1]
    assert of(found, "lease_overdue_seconds", table="inbox") == 0
    assert 500 <= of(found, "lease_overdue_seconds", table="jobs") < 1_100
    assert 50 <= of(found, "lease_overdue_seconds", table="calls") < 500


def test_a_process_that_fell_silent_or_never_spoke_shows() -> None:
    heartbeats.beat("worker")
    heartbeats.beat("inbox")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox_heartbeat SET at = now() - interval '7 minutes' WHERE process = 'inbox'"
        )

    found = scrape()
    assert of(found, "heartbeat_age_seconds", process="worker") < 120
    assert of(found, "heartbeat_age_seconds", process="inbox") >= 420
    never = {"welcome", "due", "projections"}
    assert {of(found, "heartbeat_age_seconds", process=process) for process in never} == {float("inf")}


def test_how_far_the_numbers_lag_behind_the_ledger_shows() -> None:
    pass_on(a_host(), a_material(), at=timezone.now())
    recorded = len(reader.everything())
    assert recorded

    found = scrape()
    for projection in reader.projections():
        assert of(found, "projection_waiting", projection=projection.name) == recorded
        assert of(found, "projection_lag_seconds", projection=projection.name) >= 0


# --- what it costs ------------------------------------------------------------------------------------------


def test_a_scrape_writes_nothing_and_reads_no_table_whole() -> None:
    letter = Letter.objects.create(kind="post", body="b")
    done = Delivery(
        kind="post",
        letter=letter,
        lane=Lane.BULK,
        state="sent",
        created_at=ago(days=30),
        sent_at=ago(days=30),
    )
    rows = [Delivery(**{**_columns(done), "key": str(number), "host_id": number}) for number in range(5_000)]
    Delivery.objects.bulk_create(rows)
    Inbox.objects.bulk_create(
        Inbox(digest=number.to_bytes(32), kind="news", body="b", state="done", finished_at=Now())
        for number in range(5_000)
    )
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_delivery, outbox_inbox")

    with CaptureQueriesContext(connection) as asked:
        Client().get("/metrics")

    statements = [one["sql"] for one in asked.captured_queries]
    reading = [sql for sql in statements if sql.lstrip().startswith(("SELECT", "("))]
    others = {sql.split()[0] for sql in statements if sql not in reading}
    assert others <= {"SAVEPOINT", "RELEASE", "SET"}
    assert "SET TRANSACTION READ ONLY" in statements
    assert len(reading) <= 8 + 2 * len(reader.projections())
    plans = []
    with connection.cursor() as cursor:
        for sql in reading:
            if "set_config" not in sql:
                cursor.execute("EXPLAIN " + sql)
                plans += [line for (line,) in cursor.fetchall()]
    assert plans
    assert [
        line for line in plans if "Seq Scan on outbox_delivery " in line or "Seq Scan on outbox_inbox" in line
    ] == []


def _columns(row: Delivery) -> dict[str, object]:
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.name in {"kind", "letter", "lane", "state", "created_at", "sent_at"}
    }
