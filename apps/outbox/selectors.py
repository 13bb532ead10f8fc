"""How much is under way and how late it is: one question each, answered from small indexes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet, Value

from apps.outbox.leases import LEASED
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Job, Lane


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many rows, and since when the oldest is due (or, for a lease, when it ends); None without rows."""

    count: int
    since: datetime | None


def deliveries_by_state(now: datetime) -> list[tuple[str, str, int]]:
    """Kind, state, how many: all open ones, and what was written in the last 24 hours and has ended."""
    recent = Q(created_at__gt=now - timedelta(days=1))
    rows = Delivery.objects.filter(Q(state__in=Delivery.OPEN) | recent)
    return list(rows.values_list("kind", "state").annotate(Count("pk")).order_by("kind", "state"))


def inbox_backlog() -> dict[str, Backlog]:
    """By lane: what arrived and nobody has taken."""
    rows = Inbox.objects.filter(state=Inbox.State.NEW).values_list("lane")
    found = {
        lane: Backlog(count, since) for lane, count, since in rows.annotate(Count("pk"), Min("not_before"))
    }
    return {lane: found.get(lane, Backlog(0, None)) for lane in Lane.values}


def leases() -> dict[str, Backlog]:
    """By table: rows that a worker holds, and when the first of their leases ends or ended."""

    def held(name: str, rows: "QuerySet[DeliveryCall] | QuerySet[Inbox] | QuerySet[Job]") -> "QuerySet":
        leased = rows.filter(state=LEASED).annotate(table=Value(name)).values_list("table")
        return leased.annotate(Count("pk"), Min("lease_until"))

    calls, inbox, jobs = (
        held("calls", DeliveryCall.objects.all()),
        held("inbox", Inbox.objects.all()),
        held("jobs", Job.objects.all()),
    )
    found = {table: Backlog(count, since) for table, count, since in calls.union(inbox, jobs, all=True)}
    return {table: found.get(table, Backlog(0, None)) for table in ("calls", "inbox", "jobs")}
