"""How many came how far: reached → read → ordered, counted as (link, visitor)."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.scope import Whose
from apps.insights import metrics
from apps.insights.metrics import Question
from apps.insights.periods import Span
from apps.insights.replica import alias
from apps.library.models import Issue, IssueEntry

_TOLD = (metrics.REACHED, metrics.READ, metrics.ORDERED, metrics.SHARES)


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
            (metric.name, metric.title, getattr(self, metric.name))
            for metric in (metrics.REACHED, metrics.READ, metrics.ORDERED)
        ]


def funnel(span: Span, *, hosts: Whose, issue: Issue | None = None) -> Funnel:
    """The funnel of a span; with `issue`, of that issue's materials alone. Two queries."""
    found = metrics.totals(_TOLD, Question(hosts=hosts, span=span, now=timezone.now(), issue=issue))
    return Funnel(**found)


def materials_of(issue: Issue) -> "QuerySet[IssueEntry, int]":
    """The ids of an issue's materials."""
    entries = IssueEntry.objects.using(alias()).filter(issue=issue)
    return entries.order_by().values_list("material_id", flat=True).distinct()
