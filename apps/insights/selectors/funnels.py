"""How many came how far: reached → read → ordered, counted as (link, visitor)."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, QuerySet, Sum

from apps.content.models import Issue, IssueEntry
from apps.insights.models import ActDay, LinkVisit
from apps.insights.periods import Span
from apps.insights.replica import alias
from apps.insights.scope import Whose, within
from apps.tracking.models import Subject

Row = TypeVar("Row", LinkVisit, ActDay)


@dataclass(frozen=True, slots=True)
class Funnel:
    """Of those who first opened a link in the span: how many read on and ordered. Shares stand beside."""

    reached: int
    read: int
    ordered: int
    shares: int

    @property
    def steps(self) -> list[tuple[str, str, int]]:
        """Name of the number, word and count, from wide to narrow."""
        return [
            ("reached", "打开", self.reached),
            ("read", "阅读", self.read),
            ("ordered", "下单", self.ordered),
        ]


def funnel(span: Span, *, issue: Issue | None = None, hosts: Whose = None) -> Funnel:
    """The funnel of a span; with `issue`, of that issue's materials alone. Two queries."""
    counted = visits_in(span, issue=issue, hosts=hosts).aggregate(
        reached=Count("*"), read=Count("read_at"), ordered=Count("ordered_at")
    )
    shares = shares_in(span, issue=issue, hosts=hosts).aggregate(n=Sum("shared"))["n"]
    return Funnel(**counted, shares=int(shares or 0))


def visits_in(span: Span, *, issue: Issue | None = None, hosts: Whose = None) -> "QuerySet[LinkVisit]":
    visits = LinkVisit.objects.using(alias()).filter(
        reached_at__gte=span.starts_at, reached_at__lt=span.ends_at
    )
    return within(_of_issue(visits, issue), hosts)


def shares_in(span: Span, *, issue: Issue | None = None, hosts: Whose = None) -> "QuerySet[ActDay]":
    acts = ActDay.objects.using(alias()).filter(day__gte=span.first, day__lt=span.end, shared__gt=0)
    return within(_of_issue(acts, issue), hosts)


def materials_of(issue: Issue) -> "QuerySet[IssueEntry, int]":
    """The ids of an issue's materials."""
    entries = IssueEntry.objects.using(alias()).filter(issue=issue)
    return entries.order_by().values_list("material_id", flat=True).distinct()


def _of_issue(rows: "QuerySet[Row]", issue: Issue | None) -> "QuerySet[Row]":
    if issue is None:
        return rows
    return rows.filter(subject_kind=Subject.MATERIAL, subject_id__in=materials_of(issue))
