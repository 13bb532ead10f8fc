"""Reading the ledger in commit order, so that a projection misses nothing.

Transactions commit out of order: an event with a lower `tx` may appear after one with a higher `tx` was read.
So the reader takes only events whose transaction is below `pg_snapshot_xmin`, that is, older than every
transaction still running, in the order (tx, id). What it has not taken yet can then only be above its mark.
See docs/ledger.md.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.tracking.models import Checkpoint, Ledger

_ZERO = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event as projections see it."""

    tx: int
    id: UUID
    occurred_at: datetime
    name: str
    host_id: int | None
    relation_id: int | None
    visitor_id: int | None
    link_id: int | None
    actor_id: int | None
    subject_kind: str
    subject_id: int | None
    props: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Projection:
    """Tables computed from the ledger: `apply` takes facts in commit order, `clear` empties the tables.

    A higher `version` or a raised ledger epoch makes it rebuild from zero. `apply` must give the same rows
    however the facts are cut into batches.
    """

    name: str
    version: int
    apply: Callable[[list[Fact]], None]
    clear: Callable[[], None]


@contextmanager
def _single_flight(name: str) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), 7)", [f"projection:{name}"])
        yield bool(cursor.fetchone()[0])


def advance(projection: Projection, *, limit: int = 2_000) -> int | None:
    """Apply the next batch in one transaction; how many facts, or None when another process is at it."""
    with transaction.atomic(), _single_flight(projection.name) as mine:
        if not mine:
            return None
        epoch = Ledger.objects.get(pk=1).epoch
        mark, _ = Checkpoint.objects.get_or_create(
            name=projection.name, defaults={"version": projection.version, "epoch": epoch}
        )
        if (mark.version, mark.epoch) != (projection.version, epoch):
            projection.clear()
            mark.version, mark.epoch, mark.tx, mark.event_id = projection.version, epoch, 0, None
        facts = _read_after(mark.tx, mark.event_id or _ZERO, limit)
        if facts:
            projection.apply(facts)
            mark.tx, mark.event_id = facts[-1].tx, facts[-1].id
        mark.moved_at = timezone.now()
        mark.save()
        return len(facts)


def catch_up(projection: Projection, *, limit: int = 2_000, rounds: int = 1_000) -> int:
    """Advance until nothing is left; how many facts. Must not run inside a transaction that wrote events."""
    total = 0
    for _ in range(rounds):
        done = advance(projection, limit=limit)
        if not done:
            break
        total += done
    return total


def rebuild(projection: Projection) -> None:
    """Forget the projection's rows and its place, so that the next `advance` begins from zero."""
    with transaction.atomic():
        projection.clear()
        Checkpoint.objects.filter(name=projection.name).delete()


def lag(name: str) -> int:
    """How many readable events the projection has not taken yet, counted to 10,000 at most."""
    mark = Checkpoint.objects.filter(name=name).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM tracking_event WHERE (tx, id) > (%s::text::xid8, %s) LIMIT 10000) e",
            [str(mark.tx if mark else 0), (mark.event_id if mark else None) or _ZERO],
        )
        return int(cursor.fetchone()[0])


def _read_after(tx: int, event_id: UUID, limit: int) -> list[Fact]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT tx::text::bigint, id, occurred_at, name, host_id, relation_id, visitor_id, link_id, actor_id,
                   subject_kind, subject_id, props
              FROM tracking_event
             WHERE (tx, id) > (%s::text::xid8, %s)
               AND tx < pg_snapshot_xmin(pg_current_snapshot())
             ORDER BY tx, id
             LIMIT %s
            """,
            [str(tx), event_id, limit],
        )
        return [Fact(*row[:-1], props=json.loads(row[-1])) for row in cursor.fetchall()]
