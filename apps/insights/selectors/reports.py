"""What came of one issue, told in full beside the issue before it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import Host, Organisation
from apps.accounts.scope import Whose
from apps.insights import metrics
from apps.insights.metrics import Question, Side
from apps.insights.periods import Span, span_of_issue
from apps.insights.replica import alias
from apps.insights.selectors.adoption import Adoption, issue_adoption
from apps.insights.selectors.tallies import NOTHING, Tallies, Tally, tallies
from apps.lib import clock
from apps.library.models import Issue, IssueEntry, Material
from apps.library.models.issues import gaps, planned


@dataclass(frozen=True, slots=True)
class Planned:
    """One material of the issue, the first day it is planned for, and what came of it."""

    material: Material
    day: int
    hour: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Before:
    """The issue before, over as many of its days as this one has had."""

    issue: Issue
    total: Tally
    adoption: Adoption
    hosts: dict[int, Tally]


@dataclass(frozen=True, slots=True)
class IssueReport:
    """`hosts` are those in use in its days, and those others who brought something; `days` how many days it
    tells of. `in_use_ids` and, of these, `idle_ids`: whom the numbers `active_hosts` and `idle_hosts` count.
    """

    issue: Issue
    span: Span
    is_over: bool
    days: int
    adoption: Adoption
    tallies: Tallies
    materials: list[Planned]
    hosts: dict[int, Host]
    in_use_ids: frozenset[int]
    idle_ids: frozenset[int]
    organisations: list[tuple[Organisation, Tally]]
    missing: dict[str, int]
    before: Before | None

    @property
    def days_over(self) -> int:
        """How many days of it are over: what is planned for today may still be done."""
        return self.days if self.is_over else self.days - 1

    @property
    def total(self) -> Tally:
        return self.tallies.total

    @property
    def kinds(self) -> list[tuple[Material.Kind, int, Tally]]:
        """Each kind of the plan, how many materials it has, what came of them; most orders first."""
        planned: dict[str, int] = {}
        for one in self.materials:
            planned[one.material.kind] = planned.get(one.material.kind, 0) + 1
        found = [
            (Material.Kind(kind), count, self.tallies.kinds.get(kind, NOTHING))
            for kind, count in planned.items()
        ]
        return sorted(found, key=lambda row: (-row[2].orders, -row[2].reached, row[0]))

    @property
    def ranked_hosts(self) -> list[tuple[Host, Tally]]:
        """Hosts who did anything with it or brought anything, the most money first."""
        rows = [(self.hosts[pk], tally) for pk, tally in self.tallies.hosts.items() if pk in self.hosts]
        return sorted(rows, key=lambda row: (-row[1].gmv_fen, -row[1].orders, -row[1].reached, row[0].pk))

    @property
    def idle(self) -> list[Host]:
        """Who was in use in its days and opened nothing of it, whatever became of her since."""
        return [host for pk, host in self.hosts.items() if pk in self.idle_ids]

    @property
    def silent(self) -> list[Host]:
        """Who opened something and shared nothing, and can still be asked why."""
        return [
            host
            for pk, host in self.hosts.items()
            if host.is_active and self._of(pk).openers and not self._of(pk).sharers
        ]

    def _of(self, host_id: int) -> Tally:
        return self.tallies.hosts.get(host_id, NOTHING)


def reported_issues(now: datetime) -> list[Issue]:
    """Issues that have gone live and begun, the newest first."""
    return list(
        Issue.objects.using(alias())
        .filter(first_published_at__isnull=False, starts_on__lte=clock.day_of(now))
        .order_by("-starts_on")
    )


def issue_report(issue: Issue, now: datetime, *, hosts: Whose) -> IssueReport:
    """The whole report, in a fixed number of queries. `hosts` limits whose acts and orders are told."""
    span = span_of_issue(issue, now)
    days = (span.end - span.first).days
    entries = list(
        IssueEntry.objects.using(alias())
        .filter(issue=issue)
        .select_related("material__product")
        .order_by("day", "best_time", "pk")
    )
    found = tallies(span, (entry.material_id for entry in entries), hosts=hosts)
    in_use, idle = _in_use(issue, span, now, hosts)
    known = _hosts_of(in_use | found.hosts.keys())
    nodes = Organisation.objects.using(alias()).in_bulk(found.organisations)
    return IssueReport(
        issue=issue,
        span=span,
        is_over=now >= issue.ends_at,
        days=days,
        adoption=issue_adoption(issue, now, hosts=hosts),
        tallies=found,
        materials=_planned(entries, found),
        hosts=known,
        in_use_ids=in_use,
        idle_ids=idle,
        organisations=sorted(
            ((nodes[pk], tally) for pk, tally in found.organisations.items()),
            key=lambda row: (-row[1].gmv_fen, -row[1].reached, row[0].path),
        ),
        missing=gaps(planned(entries), {quota.kind: quota.minimum for quota in issue.quotas.all()}),
        before=_before(issue, days, hosts),
    )


def _planned(entries: list[IssueEntry], found: Tallies) -> list[Planned]:
    """Each material once, by what it brought."""
    rows: dict[int, Planned] = {}
    for entry in entries:
        rows.setdefault(
            entry.material_id,
            Planned(
                entry.material,
                entry.day,
                entry.best_time.hour,
                found.materials.get(entry.material_id, NOTHING),
            ),
        )
    return sorted(
        rows.values(), key=lambda one: (-one.tally.gmv_fen, -one.tally.reached, -one.tally.shares, one.day)
    )


def _in_use(issue: Issue, span: Span, now: datetime, hosts: Whose) -> tuple[frozenset[int], frozenset[int]]:
    """Who was in use in the issue's days, and who of them opened nothing: the numbers' own hosts."""
    told = (metrics.ACTIVE_HOSTS, metrics.IDLE_HOSTS)
    asked = Question(hosts=hosts, span=span, now=now, issue=issue)
    counted = metrics.by(Side.HOST, told, asked)
    active, idle = (frozenset(pk for pk, counts in counted.items() if counts.get(one.name)) for one in told)
    return active, idle


def _hosts_of(ids: Iterable[int]) -> dict[int, Host]:
    rows = Host.objects.using(alias()).select_related("organisation").order_by("organisation__path", "pk")
    return {host.pk: host for host in rows.filter(pk__in=list(ids))}


def _before(issue: Issue, days: int, hosts: Whose) -> Before | None:
    earlier = (
        Issue.objects.using(alias())
        .filter(first_published_at__isnull=False, starts_on__lt=issue.starts_on)
        .order_by("-starts_on")
        .first()
    )
    if earlier is None:
        return None
    span = Span(earlier.starts_on, earlier.starts_on + timedelta(days=days), f"第 {earlier.number} 期")
    materials = IssueEntry.objects.using(alias()).filter(issue=earlier).values_list("material_id", flat=True)
    found = tallies(span, materials, hosts=hosts)
    as_of = span.ends_at - timedelta(seconds=1)
    return Before(earlier, found.total, issue_adoption(earlier, as_of, hosts=hosts), found.hosts)
