"""The numbered fortnight: what to post on which day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.models import Revision

from apps.accounts.models import Host, Organisation, User
from apps.database.fields import PlainCharField
from apps.lib import clock, given, humanize
from apps.lib.pii import Pii
from apps.library.models.materials import Material
from apps.library.models.publishing import NO_TITLE, Publishable

DAYS = 14
#: Nobody plans further ahead: a later day is a slip of the finger.
AHEAD = timedelta(days=366)


class Fortnight(models.Func):
    """`[starts_on, starts_on + 14 days)` as PostgreSQL's range."""

    template = f"daterange(%(expressions)s + {DAYS})"
    output_field = DateRangeField()

    def __init__(self, starts_on: Any) -> None:
        # Twice, so that a value in its place brings its parameter twice as well.
        super().__init__(starts_on, starts_on)


class Issue(Publishable):
    """One fortnight: Monday 00:00 in Shanghai and the 14 days from there. Windows never overlap."""

    goes_live_after: ClassVar[int] = 1  # its materials

    CALLED_BY, CONTENT, BROUGHT = "theme", ("intro",), ("quotas",)

    number = models.PositiveIntegerField("期号", unique=True)
    theme = PlainCharField("主题", max_length=30)
    intro = models.CharField("给大C的一句话", max_length=120, blank=True)
    starts_on = models.DateField("开始日期", help_text="星期一；一期 14 天。", validators=[given.check_day])
    owner = models.ForeignKey(User, models.PROTECT, verbose_name="负责人", related_name="issues")

    preview_modes: ClassVar[list[tuple[str, Any]]] = [("host", "大C看到的")]
    PII: ClassVar[dict[str, Pii]] = {"theme": Pii.NONE, "intro": Pii.NONE}

    class Meta:
        verbose_name = "双周主题"
        verbose_name_plural = "双周主题"
        permissions = [("withdraw_issue", "可以下架双周主题")]
        constraints = [
            ExclusionConstraint(
                name="issue_windows_apart",
                expressions=[(Fortnight("starts_on"), "&&")],
                violation_error_message="这 14 天和另一期重叠了。请换一个开始日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__week_day=2),
                name="issue_starts_on_monday",
                violation_error_message="一期从星期一开始。请选一个星期一。",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 期《{self.theme or NO_TITLE}》"

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.starts_on.weekday() != 0:
            raise ValidationError({"starts_on": "一期从星期一开始。请选一个星期一。"})
        if self.starts_on and self.starts_on > (latest := clock.day_of(timezone.now()) + AHEAD):
            words = f"开始日期最晚到 {latest:%Y年%-m月%-d日}。请看看年份有没有写错。"
            raise ValidationError({"starts_on": words})

    @property
    def ends_on(self) -> date:
        """The day after the last one."""
        return self.starts_on + timedelta(days=DAYS)

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        return clock.start_of(self.starts_on)

    @property
    def ends_at(self) -> datetime:
        return clock.start_of(self.ends_on)

    def problems(self, now: datetime) -> list[str]:
        entries = planned(self.entries.all())
        quotas = {quota.kind: quota.minimum for quota in self.quotas.all()}
        missing = what_is_missing(
            entries=entries, quotas=quotas, starts_on=self.starts_on, go_live_at=self.go_live_at, now=now
        )
        return [
            *out_of_time(starts_on=self.starts_on, go_live_at=self.go_live_at, now=now).values(),
            *missing,
        ]

    def goes_live_at(self, now: datetime) -> datetime | None:
        """With its window, where nobody says otherwise; a change to a live one is seen at once."""
        if self.go_live_at is None and not self.live and self.starts_at > now:
            return self.starts_at
        return super().goes_live_at(now)

    def publish(
        self, revision: Revision, user: User | None = None, *, as_of: datetime | None = None, **kwargs: Any
    ) -> None:
        # An issue ends with its window: the clock archives it on the day after the last one.
        content = revision.content
        # A revision made this moment holds a date, one that was read holds its text.
        starts_on = date.fromisoformat(str(content["starts_on"]))
        ends = clock.start_of(starts_on + timedelta(days=DAYS)).isoformat()
        if content.get("expire_at") != ends:
            content["expire_at"] = ends
            revision.save(update_fields=["content"])
        super().publish(revision, user=user, as_of=as_of, **kwargs)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "library/preview_issue.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"issue": self, "is_preview": True, "mode": mode_name}


class IssueEntryQuerySet(models.QuerySet["IssueEntry"]):
    def open_at(self, now: datetime) -> "IssueEntryQuerySet":
        """Entries whose material may be shared now."""
        return self.filter(material__live=True).filter(
            models.Q(material__expire_at=None) | models.Q(material__expire_at__gt=now)
        )

    def for_host(self, host: Host) -> "IssueEntryQuerySet":
        """Entries meant for her: her branch of the organisation, her kind, her level."""
        above = [
            host.organisation.path[:end]
            for end in range(Organisation.steplen, len(host.organisation.path) + 1, Organisation.steplen)
        ]
        return self.filter(
            models.Q(organisation=None) | models.Q(organisation__path__in=above),
            models.Q(host_kind="") | models.Q(host_kind=host.kind),
            min_level__lte=host.level,
        )


class IssueEntry(models.Model):
    """One material on one day of the plan, for all hosts or for some."""

    issue = ParentalKey(Issue, on_delete=models.CASCADE, related_name="entries")
    material = models.ForeignKey(Material, models.PROTECT, verbose_name="素材", related_name="issue_entries")
    day = models.PositiveSmallIntegerField(
        "第几天", validators=[MinValueValidator(1), MaxValueValidator(DAYS)]
    )
    best_time = models.TimeField("最佳时间", default="09:00")
    tip = models.CharField("小提示", max_length=60, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="只给这个组织",
        related_name="+",
    )
    host_kind = models.CharField("只给", max_length=10, choices=Host.Kind, blank=True, default="")
    min_level = models.PositiveSmallIntegerField("等级不低于", default=0)

    objects = IssueEntryQuerySet.as_manager()
    PII: ClassVar[dict[str, Pii]] = {"tip": Pii.NONE, "host_kind": Pii.NONE}

    class Meta:
        verbose_name = "排期"
        verbose_name_plural = "排期"
        ordering = ["day", "best_time", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(day__range=(1, DAYS)), name="entry_day_in_window"),
            models.UniqueConstraint(
                fields=["issue", "day", "material"],
                name="entry_once_a_day",
                violation_error_message="同一天里这个素材排了两次。",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.day} 天 {self.material}"


class IssueQuota(models.Model):
    """How many materials of one kind an issue needs at least."""

    issue = ParentalKey(Issue, on_delete=models.CASCADE, related_name="quotas")
    kind = models.CharField("类型", max_length=12, choices=Material.Kind)
    minimum = models.PositiveSmallIntegerField("至少几个", validators=[MinValueValidator(1)])

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE}

    class Meta:
        verbose_name = "配额"
        verbose_name_plural = "配额"
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "kind"],
                name="quota_once_a_kind",
                violation_error_message="同一类型的配额写了两次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≥ {self.minimum}"


@dataclass(frozen=True)
class Planned:
    """A material and the day it is planned for."""

    material: Material
    day: int


def planned(entries: Iterable[IssueEntry]) -> list[Planned]:
    """The plan with its materials, read in one query."""
    entries = list(entries)
    materials = Material.objects.in_bulk({entry.material_id for entry in entries})
    return [Planned(materials[entry.material_id], entry.day) for entry in entries]


def day_of_plan(starts_on: date, number: int) -> date:
    """The day that a plan's day 1 to 14 falls on."""
    return starts_on + timedelta(days=number - 1)


def what_is_missing(
    *,
    entries: Iterable[Planned],
    quotas: dict[str, int],
    starts_on: date,
    go_live_at: datetime | None,
    now: datetime,
) -> list[str]:
    """Why an issue with this plan can't go live (at `go_live_at`, or now), in sentences.

    Its materials are not published along with it: each has been approved for itself, or the issue waits.
    """
    entries = list(entries)
    found = []
    short = gaps(entries, quotas)
    if short:
        named = "、".join(f"{Material.Kind(kind).label}还差 {count} 个" for kind, count in short.items())
        found.append(f"配额还没满：{named}。")
    if not entries:
        found.append("排期还是空的，请至少排一个素材。")
    moment = go_live_at if go_live_at is not None and go_live_at > now else now
    waiting = _not_live(entries, moment, now)
    if waiting:
        found.append(f"这些素材还没有发布：{_titles(waiting)}。请先提交审核，或从排期里去掉。")
    ending = [
        entry.material
        for entry in entries
        if entry.material.expire_at is not None
        and entry.material.expire_at < clock.day_range(day_of_plan(starts_on, entry.day))[1]
        and entry.material not in waiting
    ]
    if ending:
        found.append(f"这些素材在排到的那天之前就到期了：{_titles(ending)}。请改到期时间或换一天。")
    return found


def out_of_time(*, starts_on: date, go_live_at: datetime | None, now: datetime) -> dict[str, str]:
    """Why nobody would ever see an issue with this window, by the field that is wrong."""
    today = clock.day_of(now)
    last_day = starts_on + timedelta(days=DAYS - 1)
    last = humanize.name_day(last_day, today=today)
    if last_day < today:
        words = f"这一期的 14 天到 {last} 已经过完了，发布了谁也看不到。请改「开始日期」。"
        return {"starts_on": words}
    if go_live_at is not None and go_live_at > now and clock.day_of(go_live_at) > last_day:
        at = humanize.name_moment(go_live_at, now=now)
        words = f"发布时间 {at} 在这一期结束（{last}）以后，谁也看不到。请改「发布时间」或「开始日期」。"
        return {"go_live_at": words}
    return {}


def gaps(entries: Iterable[Planned], quotas: dict[str, int]) -> dict[str, int]:
    """How many materials of which kind are missing. A material planned twice counts once."""
    have = Counter({entry.material.pk: entry.material.kind for entry in entries}.values())
    return {kind: minimum - have[kind] for kind, minimum in quotas.items() if have[kind] < minimum}


def _not_live(entries: list[Planned], moment: datetime, now: datetime) -> list[Material]:
    """Materials that will not be live at `moment`: those neither live nor approved for an earlier time."""
    absent = {entry.material.pk: entry.material for entry in entries if not entry.material.is_open(now)}
    if absent and moment > now:
        scheduled = Revision.objects.filter(
            base_content_type=next(iter(absent.values())).get_base_content_type(),
            object_id__in=[str(pk) for pk in absent],
            approved_go_live_at__lte=moment,
        ).values_list("object_id", flat=True)
        for pk in scheduled:
            absent.pop(int(pk), None)
    return list(absent.values())


def _titles(materials: Iterable[Material]) -> str:
    names = list(dict.fromkeys(f"「{material.title}」" for material in materials))
    return "、".join(names[:5]) + (f"等 {len(names)} 个" if len(names) > 5 else "")
