"""What arrived: stored before it is answered, handled once, in any order."""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.database import crypto, db_role
from apps.lib.ids import uuid7
from apps.outbox import doorbell, registry
from apps.outbox.leases import Leases
from apps.outbox.models import Inbox, Lane
from apps.outbox.registry import Arrival, IgnoredError, LaterError

logger = logging.getLogger(__name__)

#: The fence of a row that is accepted with `held_for`.
FIRST_FENCE = 1
#: What can't be done "for now" for this long is given up, visibly.
LONGEST_LIFE = timedelta(days=3)

LEASES = Leases(
    Inbox, waiting=Inbox.State.NEW, words="reason", died="处理它的进程多次中断", broke="处理时程序出错"
)


@dataclass(frozen=True)
class Accepted:
    id: int
    is_new: bool


def accept(
    kind: str, *, text: str, lane: str = Lane.NORMAL, ignored: str = "", held_for: timedelta | None = None
) -> Accepted:
    """Store what arrived; the same text again is the same row.

    With `ignored` (a reason) it is stored and left alone. With `held_for` the caller means to finish it
    itself: the row starts leased, and a worker takes over when the caller has not finished in that time.
    """
    digest = hashlib.sha256(text.encode()).digest()
    state = Inbox.State.IGNORED if ignored else Inbox.State.LEASED if held_for else Inbox.State.NEW
    public_id = uuid7()
    # What the field does on saving, without the model instance: every callback waits for this.
    body = crypto.encrypt(text, context=f"{Inbox._meta.db_table}:body:{public_id}")
    fence = FIRST_FENCE if held_for else 0
    made = _insert([public_id, digest, kind, str(lane), body, str(state), fence, held_for, ignored])
    if made is None:
        with db_role.as_worker():
            return Accepted(Inbox.objects.values_list("pk", flat=True).get(digest=digest), is_new=False)
    if state == Inbox.State.NEW:
        ring(lane)
    return Accepted(made, is_new=True)


def _insert(values: list[Any]) -> int | None:
    """One prepared statement in one round trip."""
    if not connection.in_atomic_block:
        # It may be repeated, so it shows by itself whether the connection is sound: no need to ask before.
        connection.health_check_done = True  # type: ignore[attr-defined]  # the stubs do not know it
        try:
            return _insert_once(values)
        except OperationalError:
            if connection.is_usable():
                raise
            connection.close()
    return _insert_once(values)


def _insert_once(values: list[Any]) -> int | None:
    connection.ensure_connection()
    # Django's own cursor writes the values into the statement, which then can't be prepared.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        # Whoever calls may store it; to read it takes another role.
        cursor.execute(
            "SELECT outbox_accept_as_worker(%s, %s, %s, %s, %s, %s, %s::int, %s::interval, %s)",
            values,
            prepare=True,
        )
        row: tuple[int | None] | None = cursor.fetchone()
        return row[0] if row else None


def ring(lane: str) -> None:
    """Welcomes are waited for; the lane looks for the rest twice a second."""
    if lane == Lane.WELCOME:
        doorbell.wake("welcome")


def drain(lane: str, stop: Callable[[], bool] = lambda: False, *, seconds: float = 60) -> int:
    """Handle what is due in `lane` until nothing is, or time is up; how many rows were looked at."""
    until = time.monotonic() + seconds
    looked = 0
    while not stop() and time.monotonic() < until and (taken := take(lane)) is not None:
        handle(*taken)
        looked += 1
    return looked


def take(lane: str) -> tuple[Arrival, int] | None:
    """Lease the oldest row that is due, with its fence."""
    handled = Inbox.objects.filter(lane=lane, kind__in=registry.handled_kinds())
    row = LEASES.take(handled, lease=lambda row: registry.handler_of(row.kind).lease)
    if row is None:
        return None
    return Arrival(row.pk, row.kind, row.body, row.received_at, repeated=row.tries > 0), row.fence


def handle(arrival: Arrival, fence: int) -> None:
    """Prepare outside of any transaction; then apply and end the row in one."""
    handler = registry.handler_of(arrival.kind)
    now = timezone.now()

    def carry_out(row: Inbox) -> None:
        handler.handle(arrival, prepared, now)
        LEASES.end(row, Inbox.State.DONE, "")

    try:
        prepared = handler.prepare(arrival, now) if handler.prepare else None
        LEASES.settle(arrival.id, fence, carry_out)
    except IgnoredError as ignored:
        reason = str(ignored)
        LEASES.settle(arrival.id, fence, lambda row: LEASES.end(row, Inbox.State.IGNORED, reason))
    except LaterError as later:
        LEASES.settle(arrival.id, fence, partial(_put_off, later=later))
    except Exception:
        # A poisoned row must not stop the lane.
        logger.exception("inbox row %s broke", arrival.id)
        LEASES.settle(arrival.id, fence, LEASES.count_failure)


def held(row_id: int, fence: int) -> Inbox | None:
    """Lock a row that is still ours; None when another worker has taken it over."""
    return LEASES.held(row_id, fence)


def finish(row: Inbox, *, reply: str = "") -> None:
    """End a locked row as handled, keeping the answer for a caller who asks again."""
    row.reply = reply
    row.save(update_fields=["reply"])  # the field seals it
    LEASES.end(row, Inbox.State.DONE, "")


def give_back(row_id: int, fence: int) -> None:
    """Leave a row that one held to the workers, now."""
    given = Inbox.objects.filter(pk=row_id, fence=fence, state=Inbox.State.LEASED)
    with db_role.as_worker():
        if given.update(state=Inbox.State.NEW, lease_until=None, not_before=Now()):
            ring(Lane.NORMAL)


def answer_to(row_id: int) -> str:
    """The answer stored for a row (or nothing), waiting a moment for whoever is just making it."""
    try:
        with transaction.atomic(), db_role.as_worker(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '3s'")
            return Inbox.objects.select_for_update().get(pk=row_id).reply
    except OperationalError:
        return ""


def _put_off(row: Inbox, later: LaterError) -> None:
    if row.received_at + LONGEST_LIFE < timezone.now():
        LEASES.end(row, Inbox.State.DEAD, f"多次没有办成：{later.note}")
        return
    LEASES.put_off(row, later.wait, later.note)
