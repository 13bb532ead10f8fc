"""How an issue is taken up: who of the active hosts opened and shared its materials, day by day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q

from apps.accounts.models import Host
from apps.content.models import Issue
from apps.insights.models import ActDay
from apps.insights.periods import span_of_issue
from apps.insights.replica import alias
from apps.insights.scope import Whose, within
from apps.insights.selectors.funnels import materials_of
from apps.tracking.models import Subject


@dataclass(frozen=True, slots=True)
class AdoptionDay:
    """How many hosts have opened and shared anything of the issue by the end of this day."""

    number: int
    day: date
    opened: int
    shared: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """`opened` and `shared` count active hosts; who shared without opening has opened too."""

    active: int
    opened: int
    shared: int
    days: list[AdoptionDay]


def issue_adoption(issue: Issue, now: datetime, *, hosts: Whose = None) -> Adoption:
    """The adoption curve up to today, in two queries. The later days of the fortnight are not told."""
    active = within(Host.objects.using(alias()).active(), hosts, "pk")
    first = first_acts(issue, now, hosts=hosts)
    opened = Counter(day for day, _ in first.values())
    shared = Counter(day for _, day in first.values() if day is not None)
    days = []
    so_far_opened = so_far_shared = 0
    for number, day in enumerate(span_of_issue(issue, now).days, start=1):
        so_far_opened += opened[day]
        so_far_shared += shared[day]
        days.append(AdoptionDay(number, day, so_far_opened, so_far_shared))
    return Adoption(active=active.count(), opened=so_far_opened, shared=so_far_shared, days=days)


def first_acts(issue: Issue, now: datetime, *, hosts: Whose = None) -> dict[int, tuple[date, date | None]]:
    """Active hosts' first day of opening, and of sharing, something of the issue within its fortnight."""
    span = span_of_issue(issue, now)
    acts = ActDay.objects.using(alias()).filter(
        day__gte=span.first,
        day__lt=span.end,
        subject_kind=Subject.MATERIAL,
        subject_id__in=materials_of(issue),
        host__status=Host.Status.ACTIVE,
    )
    rows = (
        within(acts, hosts)
        .values("host_id")
        .annotate(first_day=Min("day"), first_share=Min("day", filter=Q(shared__gt=0)))
    )
    return {row["host_id"]: (row["first_day"], row["first_share"]) for row in rows}
