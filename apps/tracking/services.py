"""Writing to the ledger, and the links and visitors it speaks of."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.accounts.models import Host
from apps.database import crypto
from apps.database.copying import copy_rows
from apps.lib import clock
from apps.lib.ids import private_token, share_code, uuid7_sql
from apps.tracking.facts import VISITED, Fact
from apps.tracking.models import Event, Link, Visitor

_COLUMNS = (
    "id",
    "occurred_at",
    "name",
    "host_id",
    "relation_id",
    "visitor_id",
    "link_id",
    "actor_id",
    "subject_kind",
    "subject_id",
    "props",
)


def record(
    fact: Fact,
    *,
    at: datetime,
    host_id: int | None = None,
    relation_id: int | None = None,
    visitor_id: int | None = None,
    link_id: int | None = None,
    actor_id: int | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    props: dict[str, Any] | None = None,
) -> Event:
    """Write one event, inside the transaction of its cause."""
    _check(fact, relation_id)
    return Event.objects.create(
        name=Fact(fact),
        occurred_at=at,
        host_id=host_id,
        relation_id=relation_id,
        visitor_id=visitor_id,
        link_id=link_id,
        actor_id=actor_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        props=props or {},
    )


def _check(name: str, relation_id: int | None) -> None:
    """ValueError: a word that nobody reads, or a visit said to be somebody's, is a slip of the pen."""
    if Fact(name) in VISITED and relation_id is not None:
        raise ValueError(f"{name} names a browser, never a relation")


def record_many(events: Iterable[Event]) -> int:
    """Write many facts by COPY (import, demo data); how many. Months that lack a partition are made first."""
    events = list(events)
    for event in events:
        _check(event.name, event.relation_id)
    make_partitions({clock.first_of_month(clock.day_of(event.occurred_at)) for event in events})
    return copy_rows(
        "tracking_event",
        _COLUMNS,
        (
            [
                json.dumps(event.props, ensure_ascii=False) if column == "props" else getattr(event, column)
                for column in _COLUMNS
            ]
            for event in events
        ),
    )


def record_selected(fact: Fact, select: str, values: Sequence[Any], *, now: datetime) -> int:
    """Write an event for each row of a SELECT, without taking them out of the database; how many.

    Its columns are occurred_at, host_id, relation_id, subject_kind, subject_id, props. The partitions of its
    months must exist.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO tracking_event
                   (id, name, occurred_at, host_id, relation_id, subject_kind, subject_id, props)
            SELECT {uuid7_sql(now)}, %s, happened.* FROM ({select}) AS happened
            """,  # noqa: S608 - the SELECT is our own, its values are parameters
            [str(fact), *values],
        )
        return int(cursor.rowcount)


def make_partitions(months: Iterable[date]) -> None:
    """Make the partition of each month (given by its first day) that does not exist yet."""
    with connection.cursor() as cursor:
        for month in sorted(months):
            cursor.execute("SELECT tracking_make_partition(%s)", [month])


def adopt_ledger() -> int:
    """Carry on a ledger that was restored from another cluster; by how much its numbers run ahead.

    Transaction numbers count from here on as if they followed the events', and every projection begins anew.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT tracking_adopt()")
        return int(cursor.fetchone()[0])


def link_for(host: Host, *, subject_kind: str, subject_id: int, channel: str, now: datetime) -> Link:
    """The host's link to this subject by this channel, made on first use."""
    key = {"host": host, "subject_kind": subject_kind, "subject_id": subject_id, "channel": channel}
    found = Link.objects.filter(**key).first()
    if found is not None:
        return found
    for _ in range(3):  # a code that is taken is a 1 in 10^17 event; the loop is for honesty
        try:
            with transaction.atomic():
                link, _made = Link.objects.get_or_create(
                    **key, defaults={"created_at": now, "code": share_code()}
                )
                return link
        except IntegrityError:
            continue
    raise RuntimeError("no free share code")


def visitor_of(cookie: str | None) -> Visitor | None:
    """The visitor who holds this cookie."""
    if not cookie or len(cookie) > 64:
        return None
    return Visitor.objects.filter(digest=crypto.digest(cookie)).first()


def new_visitor(*, now: datetime) -> tuple[str, Visitor]:
    """A new visitor and the cookie's text, which is not stored."""
    text = private_token()
    return text, Visitor.objects.create(digest=crypto.digest(text), first_seen_at=now)


def forget_visitors(ids: Iterable[int]) -> int:
    """Give these browsers' rows a mark that nobody holds: who comes back with the old one is somebody new."""
    found = 0
    for pk in ids:
        found += Visitor.objects.filter(pk=pk).update(digest=crypto.digest(private_token()))
    return found


def event_of(id_: UUID, occurred_at: datetime) -> Event:
    return Event.objects.get(pk=(occurred_at, id_))
