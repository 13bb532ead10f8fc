"""What HQ does about a host who needs help: who is on it, the calls, what follows."""

from datetime import date, datetime, timedelta

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.insights.models import HostCall, HostHelp
from apps.lib import clock
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: So long a host is somebody's who does nothing about her; then she is on everybody's list again.
HELD_FOR = timedelta(days=3)
#: When she is called next where nothing else was said, in days.
NEXT_IN = {
    HostCall.Outcome.REACHED: 7,
    HostCall.Outcome.PROMISED: 3,
    HostCall.Outcome.NOT_REACHED: 1,
    HostCall.Outcome.WRONG_NUMBER: 1,
    HostCall.Outcome.UNWANTED: 90,
}


class HeldError(Exception):
    """A colleague is on this host."""

    def __init__(self, held: HostHelp) -> None:
        super().__init__(held.host_id)
        self.helper = held.helper.name if held.helper else ""


class MeanwhileError(Exception):
    """Somebody has written down a call since the form was opened."""

    def __init__(self, call: HostCall) -> None:
        super().__init__(call.pk)
        self.call = call


def _held(host: Host) -> HostHelp:
    """Her row, locked until the transaction ends; two people at once take turns."""
    Host.objects.select_for_update().get(pk=host.pk)
    held, _ = HostHelp.objects.select_related("helper").get_or_create(host=host)
    return held


def helper_of(held: HostHelp | None, *, now: datetime) -> User | None:
    """Who is on it at this moment."""
    if held is None or held.held_until is None or held.held_until <= now:
        return None
    return held.helper


@transaction.atomic
def take(host: Host, helper: User, *, by: User, now: datetime, over: bool = False) -> None:
    """`helper` is on it from now on. HeldError while somebody else is, unless it is taken `over`."""
    held = _held(host)
    before = helper_of(held, now=now)
    if before is not None and before.pk != helper.pk and not over:
        raise HeldError(held)
    held.helper, held.held_until = helper, max(now, _next_start(held, now)) + HELD_FOR
    held.save()
    if before is None or before.pk != helper.pk:
        tracking.record(
            Fact.HOST_HELP_TAKEN, at=now, host_id=host.pk, actor_id=by.pk, props={"helper_id": helper.pk}
        )


def _next_start(held: HostHelp, now: datetime) -> datetime:
    return clock.start_of(held.next_on) if held.next_on else now


@transaction.atomic
def release(host: Host, *, by: User, now: datetime) -> bool:
    """Nobody is on it any more; what was agreed stays. False when nobody was."""
    held = _held(host)
    before = helper_of(held, now=now)
    held.helper = held.held_until = None
    held.save()
    if before is None:
        return False
    tracking.record(
        Fact.HOST_HELP_RELEASED, at=now, host_id=host.pk, actor_id=by.pk, props={"helper_id": before.pk}
    )
    return True


@transaction.atomic
def note_call(
    host: Host,
    *,
    by: User,
    outcome: str,
    promised: str = "",
    note: str = "",
    next_on: date | None = None,
    reason: str = "",
    why: str = "",
    seen: str,
    now: datetime,
) -> HostCall:
    """Write a call down; she rests until `next_on` and is the caller's then. MeanwhileError.

    `seen` is the last call that the caller knew of (`latest_mark`), so that two who called at once are told.
    """
    held = _held(host)
    last = latest_call(host)
    if last is not None and mark_of(last) != seen:
        raise MeanwhileError(last)
    next_on = next_on or clock.day_of(now) + timedelta(days=NEXT_IN[HostCall.Outcome(outcome)])
    call = HostCall.objects.create(
        host=host,
        by=by,
        at=now,
        outcome=outcome,
        reason=reason,
        why=why[:200],
        promised=promised,
        note=note,
        next_on=next_on,
    )
    held.helper, held.held_until = by, clock.start_of(next_on) + HELD_FOR
    held.next_on, held.is_promised = next_on, outcome == HostCall.Outcome.PROMISED
    held.save()
    tracking.record(
        Fact.HOST_CALLED,
        at=now,
        host_id=host.pk,
        actor_id=by.pk,
        props={"outcome": outcome, "reason": reason},
    )
    return call


def latest_call(host: Host) -> HostCall | None:
    return HostCall.objects.select_related("by").filter(host=host).order_by("-at", "-pk").first()


def mark_of(call: HostCall | None) -> str:
    """How a form names the last call that it knew of."""
    return str(call.public_id) if call else ""


@transaction.atomic
def keep_phone(host: Host, phone: str, *, by: User, now: datetime) -> bool:
    """Her number, as somebody at HQ learned it. False when it was that already."""
    if not accounts.keep_phone(host, phone, now=now):
        return False
    tracking.record(Fact.HOST_PHONE_KEPT, at=now, host_id=host.pk, actor_id=by.pk)
    return True
