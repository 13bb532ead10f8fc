"""Reading the ledger in commit order, so that a projection misses nothing.

Transactions commit out of order: an event with a lower `tx` may appear after one with a higher `tx` was read.
So the reader takes only events whose transaction is below `pg_snapshot_xmin`, that is, older than every
transaction still running, in the order (tx, id). What it has not taken yet can then only be above its mark.
See docs/ledger.md.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.outbox.registry import LaneWork, Stop
from apps.tracking.models import Checkpoint, Ledger

_ZERO = UUID(int=0)
_SELECT = """
SELECT tx::text::bigint, id, occurred_at, name, host_id, relation_id, visitor_id, link_id, actor_id,
       subject_kind, subject_id, props
  FROM """


#: A place in commit order: transaction number and event.
Place = tuple[int, UUID]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
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
class Table:
    """A table of a projection. `of_hosts` is the SQL of the rows `t` that are of some hosts, %(hosts)s."""

    name: str
    key: tuple[str, ...]
    of_hosts: str = "t.host_id = ANY(%(hosts)s)"


@dataclass(frozen=True, slots=True)
class Projection:
    """Tables computed from the ledger: `fold` takes entries in commit order, `clear` empties the tables.

    A higher `version` or a raised ledger epoch makes it rebuild from zero. `fold` must give the same rows
    however the entries are cut into batches. It knows its tables by their bare names, so that some hosts'
    rows can be computed anew beside them (`recounting`).
    """

    name: str
    version: int
    fold: Callable[[list[LedgerEntry]], None]
    clear: Callable[[], None]
    tables: tuple[Table, ...] = ()
    #: The SQL of the events `e` from which the rows of some hosts, %(hosts)s, are computed.
    events_of_hosts: str = "FALSE"
    #: Rows of some hosts that are there before anything happened.
    seed: Callable[[list[int]], None] = lambda hosts: None


@dataclass(frozen=True, slots=True)
class Lag:
    """How many events a projection has not taken yet (10,000 at most), and when the oldest was written."""

    waiting: int
    since: datetime | None


#: How long a command leaves another process at its batch before it looks again.
_LOOK_AGAIN_S = 0.2

_projections: dict[str, Projection] = {}


def register(projection: Projection) -> None:
    """Make a projection known to the commands and to the page that shows how far each one is."""
    if _projections.get(projection.name, projection) != projection:
        raise ValueError(f"two projections are named {projection.name}")
    _projections[projection.name] = projection


def projections() -> list[Projection]:
    """Every registered projection. None reads another's tables: they advance apart."""
    return [_projections[name] for name in sorted(_projections)]


def advance(projection: Projection, *, limit: int = 2_000) -> int | None:
    """Apply the next batch in one transaction; how many entries, or None when another process is at it."""
    with transaction.atomic():
        if not _is_mine(projection.name):
            return None
        ledger, _made = Ledger.objects.get_or_create(pk=1)
        mark, _made = Checkpoint.objects.get_or_create(
            name=projection.name, defaults={"version": projection.version, "epoch": ledger.epoch}
        )
        if (mark.version, mark.epoch) != (projection.version, ledger.epoch):
            projection.clear()
            mark.version, mark.epoch, mark.tx, mark.event_id = projection.version, ledger.epoch, 0, None
            mark.is_whole = False
        entries = _read_after(mark.tx, mark.event_id or _ZERO, limit)
        if entries:
            projection.fold(entries)
            mark.tx, mark.event_id = entries[-1].tx, entries[-1].id
        mark.is_whole = mark.is_whole or len(entries) < limit
        mark.moved_at = timezone.now()
        mark.save()
        return len(entries)


def catch_up(projection: Projection, *, limit: int = 2_000, seconds: float = 3_600) -> int:
    """Advance until nothing is left or time is up; how many entries.

    Events of a transaction that still runs, one's own included, are left for the next time.
    """
    until = time.monotonic() + seconds
    total = 0
    while done := advance(projection, limit=limit):
        total += done
        if time.monotonic() >= until:
            break
    return total


def finish(projection: Projection) -> int:
    """Advance until nothing is left, waiting for whoever else is at it; how many entries were ours."""
    total = 0
    while (done := advance(projection)) != 0:
        total += done or 0
        if done is None:
            time.sleep(_LOOK_AGAIN_S)
    return total


def is_caught_up(projection: Projection) -> bool:
    """Whether there is nothing to fold now: one question, for whoever asks it twice a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT FROM tracking_checkpoint c, tracking_ledger l
             WHERE c.name = %s AND c.version = %s AND c.epoch = l.epoch AND c.is_whole
               AND NOT EXISTS (SELECT FROM tracking_read(c.tx::text::xid8, coalesce(c.event_id, %s), 1))
            """,
            [projection.name, projection.version, _ZERO],
        )
        return cursor.fetchone() is not None


def keep_up(stop: Stop) -> None:
    """Bring every projection up to date; none waits long for another that has much to do."""
    while not stop():
        behind = [one for one in projections() if not is_caught_up(one)]
        # Nothing was taken: all is done, or another process is at it.
        if not sum(catch_up(projection, seconds=2) for projection in behind):
            return


#: Looked for instead of notified: NOTIFY would have all commits that record something stand in one line.
KEEP_UP = LaneWork("projections", keep_up, look_every_s=0.5, is_notified=False)


def is_beginning_anew(projection: Projection, cursor: CursorWrapper) -> bool:
    """Whether its tables tell too little, since it began from zero, or is about to, and is not through yet.

    Every role may ask, in one look at two rows; by `cursor`, where the tables are read. One that never ran
    has nothing to begin anew.
    """
    cursor.execute(
        "SELECT FROM tracking_checkpoint c, tracking_ledger l "
        "WHERE c.name = %s AND NOT (c.version = %s AND c.epoch = l.epoch AND c.is_whole)",
        [projection.name, projection.version],
    )
    return cursor.fetchone() is not None


def rebuild(projection: Projection) -> None:
    """Forget the projection's rows and its place, so that the next `advance` begins from zero."""
    with transaction.atomic():
        # Waits for a batch under way: its mark, saved after our delete, would skip what we have cleared.
        _lock(projection.name)
        projection.clear()
        Checkpoint.objects.filter(name=projection.name).update(tx=0, event_id=None, is_whole=False)


def lag(name: str) -> Lag:
    """What the projection has not taken yet, transactions that still run left out since nobody sees them."""
    mark = Checkpoint.objects.filter(name=name).first()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), min(recorded_at)
              FROM (SELECT recorded_at FROM tracking_event WHERE (tx, id) > (%s::text::xid8, %s)
                     LIMIT 10000) AS waiting
            """,
            [str(mark.tx if mark else 0), (mark.event_id if mark else None) or _ZERO],
        )
        waiting, since = cursor.fetchone()
        return Lag(waiting=waiting, since=since)


def newest() -> Place:
    """The last event in commit order that this transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tx::text::bigint, id FROM tracking_event e ORDER BY e.tx DESC, e.id DESC LIMIT 1"
        )
        return cursor.fetchone() or (0, _ZERO)


def unread(projection: Projection, *, upto: Place | None = None, hosts: list[int] | None = None) -> int:
    """How many events (10,000 at most) the projection has not taken: up to a place, about some hosts."""
    mark = Checkpoint.objects.filter(
        name=projection.name, version=projection.version, epoch__in=Ledger.objects.values("epoch")
    ).first()
    after = (mark.tx, mark.event_id or _ZERO) if mark else (0, _ZERO)
    narrowed = "" if upto is None else " AND (e.tx, e.id) <= (%(end_tx)s::text::xid8, %(end_id)s)"
    if hosts is not None:
        narrowed += f" AND ({projection.events_of_hosts})"
    values: dict[str, Any] = {"tx": str(after[0]), "id": after[1], "hosts": hosts}
    if upto is not None:
        values |= {"end_tx": str(upto[0]), "end_id": upto[1]}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM tracking_event e "  # noqa: S608 - conditions of our own
            f"WHERE (e.tx, e.id) > (%(tx)s::text::xid8, %(id)s){narrowed} LIMIT 10000) AS waiting",
            values,
        )
        return int(cursor.fetchone()[0])


def about(projection: Projection, hosts: list[int]) -> list[LedgerEntry]:
    """All events from which the projection's rows of these hosts are computed, in commit order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} tracking_event e WHERE {projection.events_of_hosts} ORDER BY e.tx, e.id",
            {"hosts": hosts},
        )
        return _entries(cursor)


def everything() -> list[LedgerEntry]:
    """All events this transaction sees, its own too, in commit order: for replaying inside a test."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + "tracking_event e ORDER BY e.tx, e.id")
        return _entries(cursor)


def _lock(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), 7)", [f"projection:{name}"])


def _is_mine(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), 7)", [f"projection:{name}"])
        return bool(cursor.fetchone()[0])


def _read_after(tx: int, event_id: UUID, limit: int) -> list[LedgerEntry]:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT + "tracking_read(%s::text::xid8, %s, %s)", [str(tx), event_id, limit])
        return _entries(cursor)


def _entries(cursor: CursorWrapper) -> list[LedgerEntry]:
    return [LedgerEntry(*[*values, json.loads(props)]) for *values, props in cursor.fetchall()]
