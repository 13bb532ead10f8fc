"""The calendar of fortnights as HQ sees it: what each holds, what it lacks, and what is late.

Drafts are read from their revisions' JSON: the page costs the same for two fortnights and for twenty.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import QuerySet

from apps.lib import clock
from apps.library.models import Issue, IssueEntry, IssueQuota, Material
from apps.library.models.issues import DAYS, day_of_plan
from apps.library.models.publishing import State
from apps.library.selectors import DUE_BEFORE, with_state

#: Fortnights of the past on one page.
PAST = 12


@dataclass(frozen=True)
class Quota:
    """How many of one kind are planned, and how many there must be."""

    label: str
    have: int
    minimum: int

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.have)


@dataclass(frozen=True)
class Day:
    """One of the fourteen, with how many materials it holds."""

    number: int
    date: date
    count: int
    is_today: bool
    is_over: bool


@dataclass(frozen=True)
class Fortnight:
    """One issue as the calendar shows it: what is outside when it is live, else its draft."""

    issue: Issue
    state: State
    theme: str
    number: int
    starts_on: date
    owner: str
    planned: int
    days: list[Day]
    quotas: list[Quota]
    #: Materials in the plan that nobody may share yet or any more.
    waiting: list[Material]
    #: "late": begun and not published; "missed": over without ever being published; "due": soon; or "".
    alarm: str
    #: Which day of it is today: less than 1 before, more than 14 after.
    today: int
    has_draft_changes: bool

    @property
    def last_day(self) -> date:
        return self.starts_on + timedelta(days=DAYS - 1)

    @property
    def gaps(self) -> list[str]:
        return [f"{quota.label}差 {quota.missing} 个" for quota in self.quotas if quota.missing]

    @property
    def empty_days(self) -> int:
        return sum(not day.count for day in self.days)

    @property
    def weeks(self) -> list[list[Day]]:
        return [self.days[:7], self.days[7:]]

    @property
    def days_late(self) -> int:
        return self.today

    @property
    def days_left(self) -> int:
        return 1 - self.today

    @property
    def state_label(self) -> str:
        return str(self.state.label)


@dataclass(frozen=True)
class Gap:
    """Days between two fortnights that no issue covers."""

    starts_on: date
    ends_on: date

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """`coming` from the nearest on, `past` from the latest back; `older` is where the next page begins."""

    current: Fortnight | None
    coming: list[Fortnight]
    past: list[Fortnight]
    holes: list[Gap] = field(default_factory=list)
    older: date | None = None
    #: There have been issues, and none covers today.
    is_current_missing: bool = False


def calendar(now: datetime, *, before: date | None = None) -> Calendar:
    """The fortnights around today; with `before`, the page of the past that begins earlier than that day."""
    today = clock.day_of(now)
    past_rows = Issue.objects.filter(starts_on__lte=today - timedelta(days=DAYS))
    if before is not None:
        past_rows = past_rows.filter(starts_on__lt=before)
    past = _rows(past_rows.order_by("-starts_on")[: PAST + 1])
    older = past[PAST - 1].starts_on if len(past) > PAST else None
    near = (
        []
        if before is not None
        else _rows(
            Issue.objects.filter(starts_on__gt=today - timedelta(days=DAYS)).order_by("starts_on")[:PAST]
        )
    )
    found = fortnights([*near, *past[:PAST]], now)
    around = found[: len(near)]
    current = next((one for one in around if one.starts_on <= today), None)
    return Calendar(
        current=current,
        coming=[one for one in around if one.starts_on > today],
        past=found[len(near) :],
        holes=_holes([*past[:1], *near]),
        older=older,
        is_current_missing=before is None and current is None and bool(past),
    )


def _rows(issues: "QuerySet[Issue]") -> list[Issue]:
    return list(with_state(issues).select_related("owner", "latest_revision"))


def _holes(issues: list[Issue]) -> list[Gap]:
    """Where two neighbours (in order of time) do not meet."""
    return [
        Gap(one.ends_on, other.starts_on) for one, other in pairwise(issues) if one.ends_on < other.starts_on
    ]


@dataclass(frozen=True)
class _Content:
    theme: str
    number: int
    starts_on: date
    entries: list[tuple[int, int]]  # (material, day)
    quotas: list[tuple[str, int]]  # (kind, minimum)


def fortnights(issues: list[Issue], now: datetime, *, drafts: bool = False) -> list[Fortnight]:
    """These issues (with `state`, owner and latest revision) as the calendar shows them: three queries.

    `drafts`: by what lies on the desk, even where another version is outside.
    """
    plans: dict[int, list[tuple[int, int]]] = {issue.pk: [] for issue in issues}
    quotas: dict[int, list[tuple[str, int]]] = {issue.pk: [] for issue in issues}
    stored = [issue.pk for issue in issues if issue.latest_revision is None or (issue.live and not drafts)]
    for issue_id, material, day in IssueEntry.objects.filter(issue__in=stored).values_list(
        "issue_id", "material_id", "day"
    ):
        plans[issue_id].append((material, day))
    for issue_id, kind, minimum in IssueQuota.objects.filter(issue__in=stored).values_list(
        "issue_id", "kind", "minimum"
    ):
        quotas[issue_id].append((kind, minimum))
    contents = {
        issue.pk: _Content(issue.theme, issue.number, issue.starts_on, plans[issue.pk], quotas[issue.pk])
        if issue.pk in stored
        else _content(issue.latest_revision.content)
        for issue in issues
    }
    wanted = {material for content in contents.values() for material, _day in content.entries}
    materials = Material.objects.only("kind", "title", "live", "expire_at").in_bulk(wanted)
    return [_fortnight(issue, contents[issue.pk], materials, now) for issue in issues]


def _content(said: dict[str, Any]) -> _Content:
    """A revision's words."""
    return _Content(
        theme=said["theme"],
        number=said["number"],
        starts_on=date.fromisoformat(said["starts_on"]),
        entries=[(row["material"], row["day"]) for row in said.get("entries", [])],
        quotas=[(row["kind"], row["minimum"]) for row in said.get("quotas", [])],
    )


def _fortnight(issue: Issue, content: _Content, materials: dict[int, Material], now: datetime) -> Fortnight:
    state = State(issue.state)
    entries = [(materials[pk], day) for pk, day in content.entries if pk in materials]
    today = (clock.day_of(now) - content.starts_on).days + 1
    counts = Counter(day for _material, day in entries)
    kinds = Counter({material.pk: material.kind for material, _day in entries}.values())
    is_ready = issue.live or state is State.ARCHIVED
    return Fortnight(
        issue=issue,
        state=state,
        theme=content.theme,
        number=content.number,
        starts_on=content.starts_on,
        owner=issue.owner.name,
        planned=len(entries),
        days=[
            Day(
                number=number,
                date=day_of_plan(content.starts_on, number),
                count=counts[number],
                is_today=number == today,
                is_over=number < today,
            )
            for number in range(1, DAYS + 1)
        ],
        quotas=[Quota(str(Material.Kind(kind).label), kinds[kind], least) for kind, least in content.quotas],
        waiting=[]
        if state is State.ARCHIVED
        else _waiting(material for material, _day in entries if not material.is_open(now)),
        alarm="" if is_ready else alarm_of(content.starts_on, now),
        today=today,
        has_draft_changes=issue.live and issue.has_unpublished_changes,
    )


def _waiting(materials: Iterable[Material]) -> list[Material]:
    return list({material.pk: material for material in materials}.values())


def alarm_of(starts_on: date, now: datetime) -> str:
    """How late an unpublished issue of this window is."""
    starts_at = clock.start_of(starts_on)
    if now >= clock.start_of(starts_on + timedelta(days=DAYS)):
        return "missed"
    if now >= starts_at:
        return "late"
    return "due" if now >= starts_at - DUE_BEFORE else ""
