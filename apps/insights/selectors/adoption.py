"""How an issue is taken up: who of the active hosts opened and shared its materials, day by day."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q

from apps.accounts.scope import Whose, within
from apps.insights import metrics
from apps.insights.metrics import Question
from apps.insights.models import ActDay
from apps.insights.periods import Span, span_of_issue
from apps.insights.replica import alias
from apps.insights.selectors.funnels import materials_of
from apps.library.models import Issue
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
    """Of the hosts in use in the issue's days: how many opened and shared; who shared has opened too."""

    active: int
    opened: int
    shared: int
    days: list[AdoptionDay]

    @property
    def idle(self) -> int:
        """How many have not opened anything of it."""
        return self.active - self.opened


def issue_adoption(issue: Issue, now: datetime, *, hosts: Whose) -> Adoption:
    """The adoption curve up to today, in two queries. The later days of the fortnight are not told."""
    span = span_of_issue(issue, now)
    asked = Question(hosts=hosts, span=span, now=now, issue=issue)
    active = metrics.totals((metrics.ACTIVE_HOSTS,), asked)[metrics.ACTIVE_HOSTS.name]
    first = _first_acts(issue, span, hosts)
    opened = Counter(day for day, _ in first.values())
    shared = Counter(day for _, day in first.values() if day is not None)
    days = []
    so_far_opened = so_far_shared = 0
    for number, day in enumerate(span.days, start=1):
        so_far_opened += opened[day]
        so_far_shared += shared[day]
        days.append(AdoptionDay(number, day, so_far_opened, so_far_shared))
    return Adoption(active=active, opened=so_far_opened, shared=so_far_shared, days=days)


def _first_acts(issue: Issue, span: Span, hosts: Whose) -> dict[int, tuple[date, date | None]]:
    """Each host's first day of opening, and of sharing, something of the issue within its fortnight."""
    acts = ActDay.objects.using(alias()).filter(
        day__gte=span.first,
        day__lt=span.end,
        subject_kind=Subject.MATERIAL,
        subject_id__in=materials_of(issue),
    )
    rows = (
        within(acts, hosts)
        .values("host_id")
        .annotate(first_day=Min("day"), first_share=Min("day", filter=Q(shared__gt=0)))
    )
    return {row["host_id"]: (row["first_day"], row["first_share"]) for row in rows}
