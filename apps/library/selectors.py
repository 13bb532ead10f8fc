"""Reading issues and materials."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    Case,
    CharField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils import timezone
from wagtail.models import Revision, WorkflowState

from apps.accounts.models import Host
from apps.catalog.models import Product
from apps.lib import clock
from apps.library.models import Favourite, Festival, HostVariant, Issue, IssueEntry, Material
from apps.library.models.issues import DAYS, gaps, planned
from apps.library.models.materials import MaterialQuerySet
from apps.library.models.publishing import Publishable, State
from apps.library.selling import Troubled, troubled

#: The clock goes round each minute: what is still planned so long after its time could not go live.
LATE_AFTER = timedelta(minutes=3)
#: What HQ does where nothing is missing: the fault is ours.
FAILED = (
    "内容没有问题，是系统没有办成，每分钟会再试一次。过几分钟还在这里，请告诉技术同事；"
    "要马上发，先下架变回草稿，再重新提交审核。"
)
#: HQ is asked to have an issue ready this long before it begins.
DUE_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class Wanted:
    """What a host looks for. Empty means whatever; `festival` is a name, `product` a product."""

    words: str = ""
    kind: str = ""
    occasion: str = ""
    festival: str = ""
    stage: str = ""
    scene: str = ""
    product: Product | None = None
    favourites: bool = False

    def __bool__(self) -> bool:
        return bool(
            self.words or self.kind or self.occasion or self.festival or self.stage or self.scene
        ) or bool(self.product or self.favourites)


def search(rows: MaterialQuerySet, wanted: Wanted, *, host: Host) -> MaterialQuerySet:
    """Those of `rows` (what she may share: `access.materials_for`) that she looks for, newest first.

    Words are looked up by an index of their character pairs: two Chinese characters, or pinyin initials, of
    title, text, product and labels find a material; several words must all be in it.
    """
    found = rows
    if wanted.words:
        found = found.matching(wanted.words)
    for name in ("kind", "occasion", "scene"):
        if value := getattr(wanted, name):
            found = found.filter(**{name: value})
    if wanted.festival:
        found = found.filter(festivals__name=wanted.festival)
    if wanted.stage:
        # What suits every stage suits this one too.
        found = found.filter(stage__in=[wanted.stage, ""])
    if wanted.product is not None:
        found = found.filter(product=wanted.product)
    if wanted.favourites:
        found = found.filter(Exists(Favourite.objects.filter(host=host, material=OuterRef("pk"))))
    return found.order_by("-first_published_at", "-pk")


def festivals_ahead(today: date) -> list[tuple[Festival, date]]:
    """The maintained list in the order in which its days come, with the days."""
    coming = [(festival, festival.next_on(today)) for festival in Festival.objects.filter(is_active=True)]
    return sorted(((one, on) for one, on in coming if on is not None), key=lambda pair: (pair[1], pair[0].pk))


def festivals_in_use(rows: MaterialQuerySet, *, now: datetime) -> list[tuple[Festival, date]]:
    """Those of the list for which `rows` hold something, the next one first."""
    hers = Material.festivals.through.objects.filter(material__in=rows)
    used = set(hers.values_list("festival", flat=True).distinct())
    return [pair for pair in festivals_ahead(clock.day_of(now)) if pair[0].pk in used] if used else []


def own_variant(host: Host, material: Material) -> str:
    """Her own variant of its text; empty when she keeps to HQ's."""
    found = HostVariant.objects.filter(host=host, material=material).values_list("text", flat=True).first()
    return found or ""


def favourites_among(host: Host, material_ids: list[int]) -> set[int]:
    """Which of these she has marked."""
    marked = Favourite.objects.filter(host=host, material__in=material_ids)
    return set(marked.values_list("material_id", flat=True))


def issues_at(now: datetime) -> "QuerySet[Issue]":
    """The issue whose fortnight it is, live or not: none or one."""
    day = clock.day_of(now)
    return Issue.objects.filter(starts_on__lte=day, starts_on__gt=day - timedelta(days=DAYS))


def current_issue(now: datetime) -> Issue | None:
    """The published issue whose fortnight it is."""
    return issues_at(now).filter(live=True).first()


def next_issue(now: datetime) -> Issue | None:
    """The first issue that begins after today, in whatever state."""
    return _issues_after(now).first()


def _issues_after(now: datetime) -> "QuerySet[Issue]":
    return Issue.objects.filter(starts_on__gt=clock.day_of(now)).order_by("starts_on")


def issue_day(issue: Issue, now: datetime) -> int:
    """Which day of the fortnight it is: 1 to 14; less before it, more after."""
    return (clock.day_of(now) - issue.starts_on).days + 1


def open_entries(issue: Issue, *, now: datetime, host: Host | None = None) -> "QuerySet[IssueEntry]":
    """The plan in order, only with what may be shared now; with `host`, only what is meant for her."""
    entries = IssueEntry.objects.filter(issue=issue).open_at(now)
    if host is not None:
        entries = entries.for_host(host)
    return entries.select_related("material").order_by("day", "best_time", "pk")


def plan_of(issue: Issue, *, now: datetime, host: Host | None = None) -> list[IssueEntry]:
    """The whole plan with its pictures, in a fixed number of queries."""
    return list(
        open_entries(issue, now=now, host=host)
        .select_related("material__cover", "material__video__cover", "material__product")
        .prefetch_related("material__pictures__image", "material__product__pictures__image")
    )


def plan_of_day(issue: Issue, day: int, *, now: datetime, host: Host | None = None) -> list[IssueEntry]:
    """One day of the plan."""
    return [entry for entry in plan_of(issue, now=now, host=host) if entry.day == day]


def with_state(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Annotate `state` (a `State`), so that a list shows and filters it without a query per row."""
    content_type = ContentType.objects.get_for_model(rows.model)
    pk = Cast(OuterRef("pk"), CharField())
    revisions = Revision.objects.filter(base_content_type=content_type, object_id=pk)

    def in_workflow(status: str) -> Exists:
        return Exists(
            WorkflowState.objects.filter(base_content_type=content_type, object_id=pk, status=status)
        )

    return rows.annotate(
        state=Case(
            When(in_workflow("in_progress"), then=Value(State.REVIEW)),
            When(Exists(revisions.filter(_late_at(timezone.now()))), then=Value(State.LATE)),
            When(Exists(revisions.filter(approved_go_live_at__isnull=False)), then=Value(State.SCHEDULED)),
            When(in_workflow("needs_changes"), then=Value(State.REJECTED)),
            When(live=True, then=Value(State.PUBLISHED)),
            When(expired=True, then=Value(State.ARCHIVED)),
            default=Value(State.DRAFT),
            output_field=CharField(),
        )
    )


def _late_at(now: datetime) -> Q:
    return Q(approved_go_live_at__lte=now - LATE_AFTER)


@dataclass(frozen=True)
class Late:
    """An approved version whose time came without its going live, and what is to be done about it."""

    row: Publishable
    planned_at: datetime
    reasons: list[str]


def late(models: Sequence[type[Publishable]], now: datetime) -> list[Late]:
    """What of these kinds should be out and is not, the longest first: one query when all is well."""
    kinds = ContentType.objects.get_for_models(*models).values()
    due = Revision.objects.filter(_late_at(now), base_content_type__in=kinds)
    found = []
    for revision in due.order_by("approved_go_live_at", "pk"):
        row = revision.as_object()
        found.append(Late(row, revision.approved_go_live_at, row.problems(now) or [FAILED]))
    return found


@dataclass(frozen=True)
class Glance:
    """One issue as HQ's home shows it."""

    issue: Issue
    state: State
    planned: int
    missing: dict[str, int] = field(default_factory=dict)
    waiting: list[Material] = field(default_factory=list)
    #: Posts from today on that would lead people to nothing.
    troubled: list[Troubled] = field(default_factory=list)
    #: Which day of it is today; less than 1 before it begins.
    day: int = 0
    is_overdue: bool = False
    is_due: bool = False

    @property
    def missing_words(self) -> list[str]:
        return [f"{Material.Kind(kind).label}差 {count} 个" for kind, count in self.missing.items()]

    @property
    def starts_later(self) -> bool:
        return self.day < 1

    @property
    def days_left(self) -> int:
        return 1 - self.day

    @property
    def days_late(self) -> int:
        return self.day

    @property
    def needs_work(self) -> bool:
        """Somebody should open it now."""
        return bool(self.missing or self.waiting or self.troubled or self.is_overdue or self.is_due)

    @property
    def state_label(self) -> str:
        return str(self.state.label)


def fortnight_glance(now: datetime) -> list[Glance]:
    """This issue and the next, with what is missing. Unpublished once its Monday has come is overdue."""
    found = [*with_state(issues_at(now))[:1], *with_state(_issues_after(now))[:1]]
    return [_glance(issue, State(issue.state), now) for issue in found]


def _glance(issue: Issue, state: State, now: datetime) -> Glance:
    draft: Any = issue.get_latest_revision_as_object() if not issue.live else issue
    plan = planned(draft.entries.all())
    waiting = {entry.material.pk: entry.material for entry in plan if not entry.material.is_open(now)}
    is_ready = issue.live or state is State.ARCHIVED
    return Glance(
        issue=draft,
        state=state,
        planned=len(plan),
        missing=gaps(plan, {quota.kind: quota.minimum for quota in draft.quotas.all()}),
        waiting=list(waiting.values()),
        troubled=[] if state is State.ARCHIVED else troubled(plan, starts_on=draft.starts_on, now=now),
        day=issue_day(draft, now),
        is_overdue=not is_ready and now >= draft.starts_at,
        is_due=not is_ready and draft.starts_at - DUE_BEFORE <= now < draft.starts_at,
    )


def is_current_issue_missing(now: datetime) -> bool:
    """No issue at all is planned for today: worth a warning once there has been one."""
    return not issues_at(now).exists() and Issue.objects.filter(starts_on__lt=clock.day_of(now)).exists()
