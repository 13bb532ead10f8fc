"""What came of it, for a host, for some, or for all: by period and by day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.insights.models import HostDay
from apps.insights.periods import Span, last_days, one_day, span_of
from apps.insights.replica import alias
from apps.insights.scope import Whose, within
from apps.lib import clock
from apps.profiles.models import Facts
from apps.tracking.facts import VIEWED
from apps.tracking.models import Event

_SUMS = ("visits", "new_customers", "orders", "shares", "placed_fen", "reversed_fen", "commission_fen")


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one span. `customers` is how many there are now; everything else is of the span."""

    span: Span
    visits: int
    #: People, each once however many days she came.
    visitors: int
    customers: int
    new_customers: int
    orders: int
    shares: int
    placed_fen: int
    reversed_fen: int
    commission_fen: int
    #: Customers who ordered, and those of them who have bought more than once.
    buyers: int
    returning_buyers: int

    @property
    def gmv_fen(self) -> int:
        return self.placed_fen - self.reversed_fen

    @property
    def repeat_bp(self) -> int | None:
        """The share of returning buyers in basis points; None without buyers."""
        return self.returning_buyers * 10_000 // self.buyers if self.buyers else None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    day: date
    visits: int = 0
    visitors: int = 0
    new_customers: int = 0
    orders: int = 0
    shares: int = 0
    placed_fen: int = 0
    reversed_fen: int = 0
    commission_fen: int = 0

    @property
    def gmv_fen(self) -> int:
        return self.placed_fen - self.reversed_fen


def host_numbers(host: Host, period: str, now: datetime) -> Numbers:
    """Her numbers for `today`, `7d`, `30d` or `issue`."""
    return numbers(span_of(period, now), hosts=host)


def host_series(host: Host, days: int, now: datetime) -> list[DayNumbers]:
    """Her last `days` days, oldest first, today the last; days without anything are there as zeros."""
    return series(last_days(days, now), hosts=host)


def yesterday(host: Host, now: datetime) -> DayNumbers:
    """What yesterday brought her, in one query."""
    return series(one_day(clock.day_of(now) - timedelta(days=1)), hosts=host)[0]


def numbers(span: Span, *, hosts: Whose = None) -> Numbers:
    """The numbers of a span, in four queries however many hosts there are."""
    sums = _days(span, hosts).aggregate(**{name: Sum(name) for name in _SUMS})
    visits = Event.objects.using(alias()).filter(
        name__in=VIEWED, occurred_at__gte=span.starts_at, occurred_at__lt=span.ends_at
    )
    visitors = within(visits, hosts, "host_id").aggregate(n=Count("visitor_id", distinct=True))["n"]
    customers = within(Relation.objects.using(alias()).current(), hosts).count()
    bought = within(Facts.objects.using(alias()), hosts, "host_id").filter(
        relation__orders__placed_at__gte=span.starts_at,
        relation__orders__placed_at__lt=span.ends_at,
        # Orders that came with a customer count for the host who made them.
        **({"relation__orders__earned_by": None} if hosts is not None else {}),
    )
    buyers = bought.aggregate(
        all=Count("pk", distinct=True), returning=Count("pk", distinct=True, filter=Q(orders_count__gte=2))
    )
    return Numbers(
        span=span,
        visitors=visitors,
        customers=customers,
        buyers=buyers["all"],
        returning_buyers=buyers["returning"],
        **{name: int(value or 0) for name, value in sums.items()},
    )


def series(span: Span, *, hosts: Whose = None) -> list[DayNumbers]:
    """Each day of a span, oldest first, in one query. Visitors of several hosts are summed, not distinct."""
    rows: Any = (
        _days(span, hosts)
        .order_by()
        .values("day")
        .annotate(visitors_n=Sum("visitors"), **{f"{name}_n": Sum(name) for name in _SUMS})
    )
    found = {
        row["day"]: DayNumbers(
            day=row["day"], **{name: int(row[f"{name}_n"]) for name in ("visitors", *_SUMS)}
        )
        for row in rows
    }
    return [found.get(day, DayNumbers(day)) for day in span.days]


def _days(span: Span, hosts: Whose) -> "QuerySet[HostDay]":
    days = HostDay.objects.using(alias()).filter(day__gte=span.first, day__lt=span.end)
    return within(days, hosts)
