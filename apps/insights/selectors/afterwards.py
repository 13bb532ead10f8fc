"""What came of calls: did hosts open, share and sell in the days after, beside hosts whom nobody called."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts.models import Host, HostQuerySet
from apps.insights import metrics, replica
from apps.insights.metrics import Metric, Question
from apps.insights.models import REACHED, HostCall
from apps.insights.periods import Span
from apps.insights.selectors.presence import stayed
from apps.lib import clock

#: After how many days it is looked at.
AFTER = (7, 14)
#: Calls of so many days, all of them long enough ago.
CALLS_OF = 28
#: Fewer hosts than this are told in numbers and not compared.
FEWEST = 10
#: What she did in those days, and by which number it is known.
ACTS: dict[str, tuple[str, Metric]] = {
    "opened": ("打开了素材", metrics.ADOPTED),
    "shared": ("转发了", metrics.SHARES),
    "sold": ("卖出了", metrics.ORDERS),
}


@dataclass(frozen=True, slots=True)
class Called:
    """One host who was reached, and what she did in the days after."""

    host: Host
    on: date
    span: Span
    did: frozenset[str]


@dataclass(frozen=True, slots=True)
class Act:
    """How many of those who were reached did it; `others` is the percentage of the rest in the same days."""

    name: str
    title: str
    count: int
    percent: int | None
    others: int | None


@dataclass(frozen=True, slots=True)
class Came:
    """What came of the calls of CALLS_OF days, each looked at `days` days after it."""

    days: int
    first: date
    last: date
    called: list[Called] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    others: int = 0

    @property
    def is_compared(self) -> bool:
        return len(self.called) >= FEWEST and self.others >= FEWEST


def came_of_calls(now: datetime, *, hosts: HostQuerySet, days: int) -> Came:
    """What hosts did in the `days` days after the first call in which they were reached.

    The others were in use on all days of the calls. Who left in the days after stays among those she was of.
    """
    end = clock.day_of(now) - timedelta(days=days)  # a call of this day has its last day today
    first = end - timedelta(days=CALLS_OF)
    reached = _reached(hosts, first, end)
    there = set(stayed(hosts, clock.start_of(first), clock.start_of(end)).values_list("pk", flat=True))
    spoken = HostCall.objects.filter(at__gte=clock.start_of(first), outcome__in=REACHED)
    others = there - set(spoken.values_list("host_id", flat=True))
    by_day: dict[date, list[int]] = defaultdict(list)
    for pk, day in reached.items():
        by_day[day].append(pk)
    did, rates = _did(by_day, sorted(others), days, now)
    named = hosts.select_related("organisation").in_bulk(list(reached))
    called = [
        Called(named[pk], day, _after(day, days), frozenset(did[pk]))
        for pk, day in sorted(reached.items(), key=lambda item: (item[1], item[0]), reverse=True)
    ]
    came = Came(days, first, end - timedelta(days=1), called, [], len(others))
    for name, (title, _) in ACTS.items():
        count = sum(name in one.did for one in called)
        percent = round(100 * count / len(called)) if came.is_compared else None
        came.acts.append(Act(name, title, count, percent, rates[name] if came.is_compared else None))
    return came


def _reached(hosts: HostQuerySet, first: date, end: date) -> dict[int, date]:
    """Who was reached in these days, and on which for the first time."""
    calls = HostCall.objects.filter(
        host__in=hosts.values("pk"),
        outcome__in=REACHED,
        at__gte=clock.start_of(first),
        at__lt=clock.start_of(end),
    ).order_by("-at", "-pk")
    return {pk: clock.day_of(at) for pk, at in calls.values_list("host_id", "at")}


def _after(day: date, days: int) -> Span:
    return Span(day + timedelta(days=1), day + timedelta(days=days + 1), f"之后 {days} 天")


def _did(
    by_day: dict[date, list[int]], others: list[int], days: int, now: datetime
) -> tuple[dict[int, set[str]], dict[str, int]]:
    """What each who was reached did, and what percentage of the others did so in the same days.

    The others are asked about the days after each call, as often as there were calls on that day: nobody is
    compared with other days than her own.
    """
    did: dict[int, set[str]] = defaultdict(set)
    rates = dict.fromkeys(ACTS, 0)
    if not by_day:
        return did, rates
    parts, params = [], []
    for day, called in by_day.items():
        asked = Question(hosts=Host.objects.all(), span=_after(day, days), now=now)
        for name, (_, metric) in ACTS.items():
            told = metrics.of_hosts((metric,), asked)
            parts.append(
                f"SELECT %s, %s::bigint, array_agg(host_id) FILTER (WHERE host_id = ANY(%s)), "  # noqa: S608
                f"count(*) FILTER (WHERE host_id = ANY(%s)) FROM ({told.sql}) AS t WHERE {metric.name} > 0"
            )
            params += [name, len(called), called, others, *told.params]
    sums: dict[str, Any] = dict.fromkeys(ACTS, 0)
    with replica.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        for name, weight, ids, count in cursor.fetchall():
            for pk in ids or ():
                did[pk].add(name)
            sums[name] += weight * count
    whole = sum(map(len, by_day.values())) * len(others)
    return did, {name: round(100 * value / whole) if whole else 0 for name, value in sums.items()}
