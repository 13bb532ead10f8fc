"""Do messages leave, and are the numbers fresh? One line for HQ's home."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from apps.insights.projection import PROJECTION
from apps.outbox.models import Delivery
from apps.outbox.services import heartbeats
from apps.tracking import reader

#: The newest rows are looked at, by their number: enough for a day of most houses, and never a long scan.
_NEWEST = 100_000
_LATE_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """Of the last 24 hours' messages: sent, waiting (due and not out yet), failed for good."""

    sent: int
    waiting: int
    failed: int
    waiting_since: datetime | None
    is_worker_silent: bool
    numbers_late_since: datetime | None

    @property
    def is_well(self) -> bool:
        return not (self.failed or self.is_worker_silent or self.numbers_late_since or self.waiting_since)


def delivery_health(now: datetime) -> DeliveryHealth:
    """How sending and counting go. `waiting_since` and `numbers_late_since` are set when it is too long."""
    newest = Delivery.objects.aggregate(last=Max("pk"))["last"] or 0
    states = Delivery.State
    counted = Delivery.objects.filter(
        pk__gt=newest - _NEWEST, created_at__gt=now - timedelta(hours=24)
    ).aggregate(
        sent=Count("pk", filter=Q(state=states.SENT)),
        waiting=Count("pk", filter=Q(state=states.NEW, not_before__lte=now)),
        failed=Count("pk", filter=Q(state__in=[states.EXPIRED, states.REFUSED, states.DEAD])),
        since=Min("not_before", filter=Q(state=states.NEW)),
    )
    since = counted.pop("since")
    lag = reader.lag(PROJECTION.name)
    return DeliveryHealth(
        **counted,
        waiting_since=since if since and since < now - _LATE_AFTER else None,
        is_worker_silent=bool(heartbeats.silent([heartbeats.WORKER, *heartbeats.LANE], now=now)),
        numbers_late_since=lag.since if lag.since and lag.since < now - _LATE_AFTER else None,
    )
