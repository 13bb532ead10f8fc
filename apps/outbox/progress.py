"""How far the messages of one intention have come: those whose keys begin with the same words."""

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

    @property
    def is_over(self) -> bool:
        return not self.waiting and not self.unknown

    @property
    def percent(self) -> int:
        """How many of a hundred have come to an end, whichever."""
        return 100 * (self.created - self.waiting - self.unknown) // self.created if self.created else 0


def of_key(prefix: str) -> "QuerySet[Delivery]":
    """The deliveries that `queue_many(key_prefix=prefix)` wrote."""
    return Delivery.objects.filter(key__startswith=f"{prefix}:")


def progress(prefix: str, *, now: datetime) -> Progress:
    """The numbers, in one query."""
    counts = of_key(prefix).aggregate(
        created=Count("pk"),
        quiet=Count("pk", filter=Q(state=_STATE.NEW, not_before__gt=now)),
        **{name: Count("pk", filter=part) for name, part in PARTS.items()},
    )
    return Progress(**counts)
