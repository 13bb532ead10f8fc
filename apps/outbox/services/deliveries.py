"""What leaves: queueing it, and carrying it so that it arrives once or visibly not at all.

The life of a delivery and the reasons for each step are told in docs/deliveries.md.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.database import crypto, db_role
from apps.outbox import doorbell, registry
from apps.outbox.leases import MAX_CRASHES, MAX_FAILURES
from apps.outbox.models import Delivery, DeliveryCall, Lane, Letter
from apps.outbox.registry import Idempotency, Outgoing, Result, Sender, Verdict
from apps.outbox.services.calls import LEASES, end_call
from apps.outbox.services.cancelling import drop, mark_cancelled

logger = logging.getLogger(__name__)

#: Nothing without a deadline of its own is tried for longer than this.
LONGEST_LIFE = timedelta(days=3)
#: A repeat must arrive while the other side still swallows it: room for the call itself.
SWALLOW_MARGIN = timedelta(minutes=2)
#: A host at her pace waits this long before we look again.
_PACE_PAUSE = timedelta(seconds=10)


# --- queueing -----------------------------------------------------------------------------------------


@transaction.atomic
def queue(
    kind: str,
    *,
    key: str,
    body: str,
    host_id: int | None = None,
    lane: str = Lane.NORMAL,
    not_before: datetime | None = None,
    deadline_at: datetime | None = None,
    cause: str = "",
) -> bool:
    """Make sure that `body` reaches its recipient once. False when this intention (`key`) is known.

    `cause` (`registry.cause()`) is asked again at the moment of sending.
    """
    # Whoever has something to send: what waits here is nobody's to read but the jobs'.
    with db_role.as_worker():
        letter = Letter.objects.create(kind=kind, body=body, cause=cause)
        made = _insert(
            "SELECT %s, %s, %s::bigint, %s::bigint, %s, coalesce(%s, now()), %s::timestamptz, 'new', 0",
            [kind, key, letter.pk, host_id, lane, not_before, deadline_at],
        )
        return _queued(letter, lane, made) == 1


@transaction.atomic
def queue_many(
    kind: str,
    *,
    key_prefix: str,
    body: str,
    recipients: QuerySet[Any, Any],
    lane: str = Lane.BULK,
    deadline_at: datetime | None = None,
    cause: str = "",
) -> int:
    """One delivery of the same words for each recipient, by one INSERT … SELECT; how many are new.

    `recipients` is a query of two columns: the host's id and the moment before which she wants no message
    (null: at once), as `values_list("pk", …)` gives it. Queueing the same `key_prefix` again adds only hosts
    who have none yet.
    """
    try:
        sql, params = recipients.order_by().query.sql_with_params()
    except EmptyResultSet:  # Django knows that there are none
        return 0
    with db_role.as_worker():
        letter = Letter.objects.create(kind=kind, body=body, cause=cause)
        made = _insert(
            "SELECT %s, %s || ':' || host_id, %s::bigint, host_id, %s, "  # noqa: S608 - Django's own SQL
            "coalesce(not_before, now()), %s::timestamptz, 'new', 0 "
            f"FROM ({sql}) AS recipient (host_id, not_before)",
            [kind, key_prefix, letter.pk, lane, deadline_at, *params],
        )
        return _queued(letter, lane, made)


def _insert(select: str, params: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_delivery "
            "(kind, key, letter_id, host_id, lane, not_before, deadline_at, state, failures) "
            f"{select} ON CONFLICT (key) DO NOTHING",
            params,
        )
        return cursor.rowcount


def _queued(letter: Letter, lane: str, made: int) -> int:
    if not made:
        letter.delete()
    elif lane == Lane.WELCOME:
        doorbell.wake("welcome")
    else:
        doorbell.ring(doorbell.SEND_BULK if lane == Lane.BULK else doorbell.SEND_NORMAL)
    return made


# --- carrying -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attempt:
    """A leased call. Only the holder of its `fence` may settle it."""

    call_id: int
    fence: int
    kind: str
    outgoing: Outgoing


def drain(lane: str, *, stop: Callable[[], bool] = lambda: False, seconds: float = 60) -> int:
    """Carry what is due in `lane` until nothing is, or time is up; how many calls were made."""
    until = time.monotonic() + seconds
    made = 0
    while not stop() and time.monotonic() < until and (attempt := take(lane)) is not None:
        settle(attempt, *perform(attempt))
        made += 1
    return made


def take(lane: str) -> Attempt | None:
    """Lease the next call of `lane`: one to be repeated, else a new one made of what is due."""
    kinds = [sender.kind for sender in registry.senders() if not sender.is_paused()]
    attempt = _repeat(lane, kinds) or _begin(lane, kinds)
    if attempt is None:
        _expire(lane)
    return attempt


def perform(attempt: Attempt) -> tuple[Result, bool]:
    """Make the call; the result, and whether our own code broke over it. No transaction may be open."""
    try:
        return registry.sender_of(attempt.kind).send(attempt.outgoing), False
    except Exception:
        # A bug must not stop the lane; whether the call went out before it, we can't know.
        logger.exception("delivery call %s broke", attempt.call_id)
        return Result(Verdict.UNKNOWN, note="发送时程序出错"), True


def settle(attempt: Attempt, result: Result, broke: bool = False) -> bool:
    """Write down what became of the call. False when the lease had passed to another worker meanwhile."""
    return LEASES.settle(attempt.call_id, attempt.fence, partial(_settle, result=result, broke=broke))


def _settle(call: DeliveryCall, *, result: Result, broke: bool) -> None:
    call.failures += broke
    match result.verdict:
        case Verdict.SENT:
            refused = Q(host_id__in=list(result.refused))
            call.deliveries.exclude(refused).update(
                state=Delivery.State.SENT, sent_at=Now(), errcode=result.errcode, outcome=result.note
            )
            for host_id, reason in result.refused.items():
                call.deliveries.filter(host_id=host_id).update(
                    state=Delivery.State.REFUSED, errcode=result.errcode, outcome=reason
                )
            end_call(call, DeliveryCall.State.DONE, result)
        case Verdict.REFUSED:
            _end(call, DeliveryCall.State.REFUSED, Delivery.State.REFUSED, result)
        case _ if call.failures >= MAX_FAILURES:
            _end(call, DeliveryCall.State.DEAD, Delivery.State.DEAD, result)
        case _:
            _wait(call, result)


def _wait(call: DeliveryCall, result: Result) -> None:
    """Leave the call to be repeated, byte for byte, after a while."""
    if result.verdict is Verdict.UNKNOWN:
        call.unknown_since = call.unknown_since or call.attempted_at
    wait = result.wait or _backoff(call.tries, quick=call.lane == Lane.WELCOME)
    LEASES.put_off(call, wait, result.note, unknown_since=call.unknown_since, errcode=result.errcode)
    call.deliveries.update(
        state=Delivery.State.UNKNOWN if call.unknown_since else Delivery.State.NEW,
        errcode=result.errcode,
        outcome=result.note[:200],
    )


def _backoff(tries: int, *, quick: bool) -> timedelta:
    longest = 1.0 if quick else min(300.0, 2.0 * 2 ** min(tries - 1, 10))
    return timedelta(seconds=longest * random.uniform(0.5, 1))  # noqa: S311 - only to spread the load


def _end(call: DeliveryCall, state: str, delivery_state: str, result: Result) -> None:
    """End a call, and with it every delivery that it carries, as not sent."""
    call.deliveries.update(
        state=delivery_state, errcode=result.errcode, outcome=(result.note or "未说明原因")[:200]
    )
    end_call(call, state, result)


def _expire(lane: str) -> None:
    """End what nobody has tried yet and is too late now."""
    Delivery.objects.filter(lane=lane, state=Delivery.State.NEW, call=None, deadline_at__lte=Now()).update(
        state=Delivery.State.EXPIRED, outcome="过了时限还没轮到发送"
    )


def _repeat(lane: str, kinds: list[str]) -> Attempt | None:
    """Lease a call that waits to be repeated, or whose worker died; end those that must not be repeated."""
    calls = DeliveryCall.objects.filter(lane=lane, kind__in=kinds).annotate(database_now=Now())
    call = LEASES.take(calls, lease=_duration, ended=_has_ended, leased=_note_attempt)
    return _attempt(call) if call is not None else None


def _has_ended(call: DeliveryCall) -> bool:
    if call.was_dropped:
        # Its worker died, so we do not know how far it came.
        call.unknown_since = call.unknown_since or call.attempted_at
    now: datetime = call.database_now  # type: ignore[attr-defined]  # annotated by the query
    ending = _reason_to_end(call, registry.sender_of(call.kind), now)
    if ending is not None:
        _end(call, *ending)
        return True
    return _lost_its_cause(call)


def _lost_its_cause(call: DeliveryCall) -> bool:
    """Ask the cause of a call to be repeated again; True when the call is over.

    What may have arrived already goes on for the sake of those who are still to get it, and where the sender
    looks before it repeats, it has to look.
    """
    sender = registry.sender_of(call.kind)
    rows = list(call.deliveries.select_related("letter"))
    if not rows:
        return False
    letter = rows[0].letter
    reasons = registry.unwanted(letter.cause, [row.host_id for row in rows], timezone.now())
    if not reasons:
        return False
    if call.unknown_since is not None and (sender.looks_first or len(reasons) < len(rows)):
        return False
    drop(call, rows, reasons)
    return True


def _reason_to_end(call: DeliveryCall, sender: Sender, now: datetime) -> tuple[str, str, Result] | None:
    """Why `call` must not be made again, as (its state, its deliveries' state, words), or None."""
    expired = (DeliveryCall.State.EXPIRED, Delivery.State.EXPIRED)
    dead = (DeliveryCall.State.DEAD, Delivery.State.DEAD)
    if call.crashes >= MAX_CRASHES:
        return *dead, Result(Verdict.UNKNOWN, note=LEASES.died)
    if call.unknown_since is not None and sender.idempotency is Idempotency.DEDUPLICATED:
        assert sender.swallows_for is not None
        if now >= call.unknown_since + sender.swallows_for - SWALLOW_MARGIN:
            return *dead, Result(Verdict.UNKNOWN, note="一直没有等到答复，再发可能重复，已停止")
    if call.deadline_at is not None and now >= call.deadline_at:
        words = "过了时限，没有等到答复" if call.unknown_since else f"过了时限：{call.outcome or '没有发成'}"
        return *expired, Result(Verdict.LATER, note=words, errcode=call.errcode)
    if now >= call.created_at + LONGEST_LIFE:
        return *dead, Result(Verdict.LATER, note=f"多次没有发成：{call.outcome}", errcode=call.errcode)
    return None


def _duration(call: DeliveryCall) -> timedelta:
    return registry.sender_of(call.kind).lease


def _note_attempt(call: DeliveryCall) -> None:
    DeliveryCall.objects.filter(pk=call.pk).update(attempted_at=Now(), unknown_since=call.unknown_since)
    # The pace of a host counts every attempt that may have reached her.
    call.deliveries.update(attempted_at=Now())


def _attempt(call: DeliveryCall) -> Attempt:
    """What the holder of a fresh lease needs to know."""
    return Attempt(
        call_id=call.pk,
        fence=call.fence,
        kind=call.kind,
        outgoing=Outgoing(
            request=call.request,
            host_ids=[host_id for host_id in call.deliveries.values_list("host_id", flat=True) if host_id],
            may_have_arrived=call.unknown_since is not None,
        ),
    )


def _begin(lane: str, kinds: list[str]) -> Attempt | None:
    """Make and lease a new call of the oldest delivery that is due and of those with the same words."""
    due = Delivery.objects.filter(
        Q(deadline_at=None) | Q(deadline_at__gt=Now()),
        lane=lane,
        kind__in=kinds,
        state=Delivery.State.NEW,
        call=None,
        not_before__lte=Now(),
    )
    while True:
        head = due.order_by("not_before", "pk").values("letter_id", "kind").first()
        if head is None:
            return None
        sender = registry.sender_of(head["kind"])
        try:
            with transaction.atomic():
                attempt = _form(sender, due.filter(letter_id=head["letter_id"]))
        except Exception:
            logger.exception("letter %s can't be made into a request", head["letter_id"])
            _count_failure(head["letter_id"])
            continue
        if attempt is not None:
            return attempt


def _form(sender: Sender, due: QuerySet[Delivery]) -> Attempt | None:
    """Build the request for as many of `due` as one call holds. None when none of them can go now."""
    with connection.cursor() as cursor:
        # One at a time counts a host's messages of the last minute, or two would both see room.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"outbox:{sender.kind}"])
    rows = list(
        due.select_for_update(skip_locked=True).select_related("letter").order_by("pk")[: sender.group]
    )
    rows = _still_wanted(_at_pace(sender, rows))
    if not rows:
        return None
    built = sender.build(rows[0].letter.body, [row.host_id for row in rows if row.host_id is not None])
    for row in rows:
        if row.host_id in built.refused:
            Delivery.objects.filter(pk=row.pk).update(
                state=Delivery.State.REFUSED, outcome=built.refused[row.host_id]
            )
    rows = [row for row in rows if row.host_id not in built.refused]
    if not rows:
        return None
    mark = crypto.blind_index(built.request, scope=f"call:{sender.kind}")
    if sender.swallows_for is not None and _was_said(sender, mark):
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Delivery.State.REFUSED, outcome="和刚发过的一条完全相同，对方不会再收到"
        )
        return None
    deadlines = [row.deadline_at for row in rows if row.deadline_at is not None]
    call = DeliveryCall.objects.create(
        kind=sender.kind,
        lane=rows[0].lane,
        request=built.request,
        digest=mark,
        state=DeliveryCall.State.WAITING,
        deadline_at=min(deadlines, default=None),
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(call=call, state=Delivery.State.LEASED)
    LEASES.lease(call, _duration(call))
    _note_attempt(call)
    return _attempt(call)


def _still_wanted(rows: list[Delivery]) -> list[Delivery]:
    """Ask what the letter is about once more, and cancel the rows of those who are not to get it now."""
    if not rows:
        return []
    letter = rows[0].letter
    reasons = registry.unwanted(letter.cause, [row.host_id for row in rows], timezone.now())
    if not reasons:
        return rows
    mark_cancelled(rows, reasons)
    return [row for row in rows if row.host_id not in reasons]


def _at_pace(sender: Sender, rows: list[Delivery]) -> list[Delivery]:
    """Put off the rows of hosts who lately got as many messages as they may."""
    full: set[int | None] = set()
    for span, most in sender.pace:
        full |= set(
            Delivery.objects.filter(
                kind=sender.kind,
                host_id__in=[row.host_id for row in rows],
                attempted_at__gt=Now() - span,
            )
            .values("host_id")
            .annotate(messages=Count("pk"))
            .filter(messages__gte=most)
            .values_list("host_id", flat=True)
        )
    late = [row.pk for row in rows if row.host_id in full]
    if late:
        Delivery.objects.filter(pk__in=late).update(not_before=Now() + _PACE_PAUSE)
    return [row for row in rows if row.host_id not in full]


def _was_said(sender: Sender, mark: bytes) -> bool:
    """Whether the same bytes went out so recently that the other side would swallow them."""
    assert sender.swallows_for is not None
    return (
        DeliveryCall.objects.filter(digest=mark, created_at__gt=Now() - sender.swallows_for)
        .exclude(state=DeliveryCall.State.REFUSED)
        .exists()
    )


def _count_failure(letter_id: int) -> None:
    with transaction.atomic():
        rows = Delivery.objects.filter(letter_id=letter_id, state=Delivery.State.NEW, call=None)
        rows.update(failures=F("failures") + 1, not_before=Now() + timedelta(seconds=30))
        rows.filter(failures__gte=MAX_FAILURES).update(
            state=Delivery.State.DEAD, outcome="没能拼成要发的内容"
        )
