"""What came of it, for a host, for some, or for all: by period and by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max
from django.db.models.functions import Greatest
from django.utils import timezone

from apps.accounts.models import Host
from apps.accounts.scope import Whose, within
from apps.insights import metrics
from apps.insights.metrics import Metric, Question, Side
from apps.insights.models import HostDay
from apps.insights.periods import Span, last_days, one_day, span_of
from apps.insights.replica import alias
from apps.lib import clock

#: What every day of a table tells.
OF_DAYS = (
    metrics.VISITS,
    metrics.NEW_CUSTOMERS,
    metrics.ORDERS,
    metrics.SHARES,
    metrics.GMV,
    metrics.PLACED,
    metrics.TAKEN_BACK,
    metrics.COMMISSION,
)
OF_DAYS_AND_VISITORS = (*OF_DAYS, metrics.VISITORS)
_OF_SPANS = (
    *OF_DAYS_AND_VISITORS,
    metrics.CUSTOMERS,
    metrics.BUYERS,
    metrics.RETURNING_BUYERS,
)


@dataclass(frozen=True, slots=True)
class DayNumbers:
    day: date
    visits: int = 0
    #: People, each once on that day; told where it was asked for.
    visitors: int = 0
    new_customers: int = 0
    orders: int = 0
    shares: int = 0
    gmv_fen: int = 0
    placed_fen: int = 0
    taken_back_fen: int = 0
    commission_fen: int = 0
    #: When an import, or a customer we learned of late, last changed this day; told where it was asked for.
    amended_on: date | None = None


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
    gmv_fen: int
    placed_fen: int
    taken_back_fen: int
    commission_fen: int
    #: Customers who ordered, and those of them who had ordered before.
    buyers: int
    returning_buyers: int


def host_numbers(host: Host, period: str, now: datetime) -> Numbers:
    """Her numbers for `today`, `7d`, `30d` or `issue`."""
    return numbers(span_of(period, now), hosts=host)


def host_series(host: Host, days: int, now: datetime) -> list[DayNumbers]:
    """Her last `days` days with visitors, oldest first, today the last; days without anything are zeros."""
    return series(last_days(days, now), hosts=host, told=OF_DAYS_AND_VISITORS)


def yesterday(host: Host, now: datetime) -> DayNumbers:
    """What yesterday brought her, in one query."""
    return series(one_day(clock.day_of(now) - timedelta(days=1)), hosts=host)[0]


def numbers(span: Span, *, hosts: Whose) -> Numbers:
    """The numbers of a span, in four queries however many hosts there are."""
    found = metrics.totals(_OF_SPANS, Question(hosts=hosts, span=span, now=timezone.now()))
    return Numbers(span=span, **_by_field(_OF_SPANS, found))


def series(span: Span, *, hosts: Whose, told: Sequence[Metric] = OF_DAYS) -> list[DayNumbers]:
    """Each day of a span, oldest first: one query unless visitors of several hosts are asked for."""
    found = metrics.by(Side.DAY, told, Question(hosts=hosts, span=span, now=timezone.now()))
    return [DayNumbers(day, **_by_field(told, found.get(day, {}))) for day in span.days]


def with_amendments(days: list[DayNumbers], *, hosts: Whose) -> list[DayNumbers]:
    """The same days, each with when its numbers were last added to or corrected afterwards, if they were."""
    kept = within(HostDay.objects.using(alias()), hosts).filter(day__in=[one.day for one in days])
    last = kept.order_by().values_list("day").annotate(last=Greatest(Max("imported_at"), Max("learned_at")))
    amended = {day: clock.day_of(at) for day, at in last if at is not None}
    return [
        replace(one, amended_on=amended[one.day]) if amended.get(one.day, one.day) > one.day else one
        for one in days
    ]


def _by_field(told: Sequence[Metric], counts: Mapping[str, int]) -> dict[str, Any]:
    return {metric.field: counts.get(metric.name, 0) for metric in told}
