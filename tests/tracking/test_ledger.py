"""Events are written once, kept by the Shanghai month, and never changed."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from apps.lib.ids import uuid7
from apps.tracking import services, tasks
from apps.tracking.facts import VISITED, Fact
from apps.tracking.models import Event

AT = datetime(2026, 11, 20, 4, tzinfo=UTC)


def partition_of(event: Event) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM tracking_event WHERE id = %s", [event.id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_an_event_keeps_what_it_was_told() -> None:
    event = services.record(
        "order.placed", at=AT, host_id=1, relation_id=2, subject_kind="order", subject_id=3, props={"n": "中"}
    )

    found = services.event_of(event.id, AT)

    assert (found.name, found.host_id, found.relation_id, found.subject_id) == ("order.placed", 1, 2, 3)
    assert found.props == {"n": "中"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), "2026_10"),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), "2026_11"),
    ],
)
def test_the_month_is_shanghais(at: datetime, month: str) -> None:
    services.make_partitions([date(2026, 10, 1), date(2026, 11, 1)])
    assert partition_of(services.record(Fact.HOST_SIGNED_IN, at=at)) == f"tracking_event_{month}"


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE tracking_event SET name = 'y'", "DELETE FROM tracking_event"])
def test_nothing_is_changed_or_deleted(statement: str) -> None:
    services.record(Fact.HOST_SIGNED_IN, at=AT)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.django_db
def test_many_events_make_the_months_they_need() -> None:
    events = [
        Event(name=Fact.HOST_SIGNED_IN, occurred_at=datetime(2009, month, 9, tzinfo=UTC)) for month in (1, 2)
    ]

    assert services.record_many(events) == 2

    assert [partition_of(event) for event in events] == ["tracking_event_2009_01", "tracking_event_2009_02"]


@pytest.mark.django_db
def test_an_event_without_a_month_is_refused_and_not_put_elsewhere() -> None:
    with pytest.raises(DatabaseError, match="no partition"), transaction.atomic():
        services.record(Fact.HOST_SIGNED_IN, at=datetime(1999, 1, 1, tzinfo=UTC))


@pytest.mark.django_db
def test_the_daily_work_makes_this_month_and_the_next_three() -> None:
    tasks.make_partitions()
    tasks.make_partitions()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(to_regclass('tracking_event_' || to_char(month, 'YYYY_MM')) IS NOT NULL) FROM "
            "generate_series(date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai'), "
            "now() AT TIME ZONE 'Asia/Shanghai' + interval '3 months', interval '1 month') AS month"
        )
        assert cursor.fetchone()[0] is True


def test_a_new_month_is_made_while_somebody_writes(another: psycopg.Connection) -> None:
    another.execute(
        "INSERT INTO tracking_event (id, occurred_at, name) VALUES (%s, %s, 'x.happened')", [uuid7(), AT]
    )
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        services.make_partitions([date(2011, 5, 1)])
        # And the other way round: the month is being made, and somebody writes.
        another.execute("SET lock_timeout = '200ms'")
        another.execute(
            "INSERT INTO tracking_event (id, occurred_at, name) VALUES (%s, %s, 'x.happened')", [uuid7(), AT]
        )
    another.commit()
    assert Event.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("fact", VISITED)
def test_a_visit_is_never_written_as_somebodys(fact: Fact) -> None:
    with pytest.raises(ValueError, match="names a browser"):
        services.record(fact, at=AT, host_id=1, visitor_id=2, relation_id=3)
    with pytest.raises(ValueError, match="names a browser"):
        services.record_many([Event(name=fact, occurred_at=AT, host_id=1, relation_id=3)])
