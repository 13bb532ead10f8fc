"""How far the messages about one thing have come: those whose letters name it as their cause."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from apps.outbox.models import Delivery

_STATE = Delivery.State
#: What a number counts, by the name it has in addresses.
PARTS: dict[str, Q] = {
    "waiting": Q(state__in=[_STATE.NEW, _STATE.LEASED]),
    "unknown": Q(state=_STATE.UNKNOWN),
    "sent": Q(state=_STATE.SENT),
    "refused": Q(state=_STATE.REFUSED),
    "expired": Q(state=_STATE.EXPIRED),
    "dead": Q(state=_STATE.DEAD),
    "cancelled": Q(state=_STATE.CANCELLED),
}


@dataclass(frozen=True)
class Progress:
    """Each delivery is in one of the parts; `created` is their sum. `quiet` of `waiting` wait for morning."""

    created: int
    waiting: int
    quiet: int
    unknown: int
    sent: int
    refused: int
    expired: int
    dead: int
    cancelled: int

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.unknown

    @property
    def gone_out(self) -> int:
        """Sent, or perhaps sent: nothing that can be called back."""
        return self.sent + self.unknown

    @property
    def percent(self) -> int:
        """How many of a hundred have come to an end, whichever."""
        return 100 * (self.created - self.waiting - self.unknown) // self.created if self.created else 0


def of_cause(cause: str) -> "QuerySet[Delivery]":
    """The deliveries whose letters are about `cause` (`registry.cause()`)."""
    return Delivery.objects.filter(letter__cause=cause)


def progress(cause: str, *, now: datetime) -> Progress:
    """The numbers, in one query."""
    counts = of_cause(cause).aggregate(
        created=Count("pk"),
        quiet=Count("pk", filter=Q(state=_STATE.NEW, not_before__gt=now)),
        **{name: Count("pk", filter=part) for name, part in PARTS.items()},
    )
    return Progress(**counts)
