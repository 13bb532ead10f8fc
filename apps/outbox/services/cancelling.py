"""Ending what has not left yet: its host is out, or what it is about is gone."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.database import db_role
from apps.outbox import registry
from apps.outbox.models import Delivery, DeliveryCall, Letter
from apps.outbox.registry import Recall, Result, Verdict
from apps.outbox.services.calls import end_call


@transaction.atomic
def cancel_for(host_id: int, *, reason: str) -> int:
    """End what still waits for this host, with the reason on each row; how many deliveries.

    What a worker holds at this moment it settles itself (who builds a request leaves out whoever is not
    active); a call that carries other hosts' deliveries too goes on for their sake.
    """
    cancelled = _waiting_for(host_id).update(state=Delivery.State.CANCELLED, outcome=reason[:200])
    for call in _calls_for(host_id).select_for_update(of=("self",)):
        cancelled += _drop_whole(call, reason)
    return cancelled


def count_for(host_id: int) -> int:
    """How many deliveries `cancel_for()` would end now."""
    with transaction.atomic(), db_role.as_worker():
        in_calls = Delivery.objects.filter(call__in=_calls_for(host_id)).count()
        return _waiting_for(host_id).count() + in_calls


def _waiting_for(host_id: int) -> "QuerySet[Delivery]":
    return Delivery.objects.filter(host_id=host_id, state=Delivery.State.NEW, call=None)


def _calls_for(host_id: int) -> "QuerySet[DeliveryCall]":
    """Calls to be repeated that carry hers alone."""
    hers = Delivery.objects.filter(call=OuterRef("pk"), host_id=host_id)
    others = Delivery.objects.filter(call=OuterRef("pk")).exclude(host_id=host_id)
    return DeliveryCall.objects.filter(Exists(hers), ~Exists(others), state=DeliveryCall.State.WAITING)


def cancel_caused_by(cause: str, *, reason: str) -> int:
    """End what still waits because of `cause`, with the reason on each row; how many deliveries.

    What a worker carries at this moment can't be called back; it is counted with what was sent. What only
    lies ready on the other side is called off there.
    """
    with transaction.atomic(), db_role.as_worker():
        # By the letters' ids, so that a row which a worker takes meanwhile is looked at again and left alone.
        letters = list(Letter.objects.filter(cause=cause).values_list("pk", flat=True))
        waiting = Delivery.objects.filter(letter_id__in=letters, state=Delivery.State.NEW, call=None)
        cancelled = waiting.update(state=Delivery.State.CANCELLED, outcome=reason[:200])
        calls = (
            DeliveryCall.objects.select_for_update(of=("self",))
            .filter(Exists(Delivery.objects.filter(call=OuterRef("pk"), letter_id__in=letters)))
            .filter(state=DeliveryCall.State.WAITING)
        )
        for call in calls:
            cancelled += _drop_whole(call, reason)
        for recall, keys in _lying_ready(cause):
            recall.call_off(keys, reason)
            cancelled += len(keys)
        return cancelled


def lying_ready(cause: str) -> int:
    """How many deliveries were carried and can still be called off on the other side."""
    with transaction.atomic(), db_role.as_worker():
        return sum(len(keys) for _recall, keys in _lying_ready(cause))


def _lying_ready(cause: str) -> Iterator[tuple[Recall, list[str]]]:
    sent = Delivery.objects.filter(letter__cause=cause, state=Delivery.State.SENT)
    for sender in registry.senders():
        if sender.recall is not None:
            keys = list(sent.filter(kind=sender.kind).values_list("key", flat=True))
            if keys and (ready := sender.recall.open(keys)):
                yield sender.recall, ready


def _drop_whole(call: DeliveryCall, reason: str) -> int:
    rows = list(call.deliveries.all())
    drop(call, rows, dict.fromkeys((row.host_id for row in rows), reason))
    return len(rows)


def drop(call: DeliveryCall, rows: list[Delivery], reasons: dict[int | None, str]) -> None:
    """End a waiting call: who is named in `reasons` gets nothing, the others are put into a new one."""
    mark_cancelled(rows, reasons, call)
    left = [row.pk for row in rows if row.host_id not in reasons]
    Delivery.objects.filter(pk__in=left).update(state=Delivery.State.NEW, call=None)
    note = next(iter(reasons.values()))
    end_call(call, DeliveryCall.State.REFUSED, Result(Verdict.REFUSED, note=note))


def mark_cancelled(
    rows: list[Delivery], reasons: dict[int | None, str], call: DeliveryCall | None = None
) -> None:
    """Write the reason on the rows of those whom it names; `call` is the one that carried them so far."""
    doubt = "；之前那次有没有送到不清楚" if call is not None and call.unknown_since else ""
    for reason in set(reasons.values()):
        pks = [row.pk for row in rows if reasons.get(row.host_id) == reason]
        Delivery.objects.filter(pk__in=pks).update(
            state=Delivery.State.CANCELLED,
            errcode=call.errcode if call is not None else "",
            outcome=f"{reason}{doubt}"[:200],
        )
