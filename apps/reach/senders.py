"""Deliveries that come to a consumer: registered here, each asks the gate at the moment of sending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from apps.outbox import registry
from apps.outbox.registry import Addressee, Built, Idempotency, Outgoing, Recall, Result, Sender
from apps.reach import touches
from apps.reach.gate import Decision


@dataclass(frozen=True)
class ConsumerSender:
    """How deliveries of one kind reach consumers.

    `ask` asks the gate about whom the stored request addresses; `send` gets the answer with the request, and
    can make no call without it. `cause` names what the request came from: its kind and id.
    """

    kind: str
    idempotency: Idempotency
    build: Callable[[str, list[int]], Built]
    ask: Callable[[str, datetime], Decision]
    send: Callable[[Outgoing, Decision], Result]
    cause: Callable[[str], tuple[str, int | None]]
    lease: timedelta
    is_paused: Callable[[], bool]
    looks_first: bool = False
    recall: Recall | None = None


def register(sender: ConsumerSender) -> None:
    registry.register_sender(
        Sender(
            kind=sender.kind,
            addresses=Addressee.CONSUMER,
            idempotency=sender.idempotency,
            build=sender.build,
            send=partial(_send, sender),
            lease=sender.lease,
            is_paused=sender.is_paused,
            looks_first=sender.looks_first,
            recall=sender.recall,
        )
    )


def _send(sender: ConsumerSender, outgoing: Outgoing) -> Result:
    with transaction.atomic():
        decision = sender.ask(outgoing.request, timezone.now())
        cause, cause_id = sender.cause(outgoing.request)
        touches.note(decision, cause=cause, cause_id=cause_id)
    return sender.send(outgoing, decision)
