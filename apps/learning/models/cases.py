"""The monthly case: what one host did, what it brought by the data, and how another can do the same."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable, Revision

from apps.accounts.models import Host, User
from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.learning.figures import UNITS, Metric, Question, answers
from apps.lib import clock, given, money
from apps.lib.pii import Pii
from apps.library.models.materials import Material
from apps.library.models.publishing import NO_TITLE, Publishable
from apps.media.models import Image

LEAST_STEPS, MOST_STEPS = 2, 12
_MONTH_LOCK = 0x63617365  # "case": who publishes for one month waits for another


class Case(Publishable):  # type: ignore[django-manager-missing]
    """One teaching case, of one month. A month has one that is live."""

    CONTENT = ("summary", "background", "actions", "host_id", "cover_id")

    month = models.DateField(
        "月份", help_text="填这个月的 1 号；一个月发布一个案例。", validators=[given.check_day]
    )
    title = PlainCharField("标题", max_length=40)
    summary = PlainCharField("一句话", max_length=120, blank=True)
    cover = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, verbose_name="封面", related_name="+"
    )
    host = models.ForeignKey(
        Host, models.PROTECT, null=True, blank=True, verbose_name="谁的做法", related_name="cases"
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, verbose_name="负责人", related_name="cases"
    )
    background = models.TextField("背景", max_length=1000, blank=True, help_text="当时是什么情况。")
    actions = models.TextField("动作", max_length=2000, blank=True, help_text="她做了什么，按先后写。")

    preview_modes: ClassVar[list[tuple[str, Any]]] = [("host", "大C看到的")]
    PII: ClassVar[dict[str, Pii]] = {
        "title": Pii.NONE,
        "summary": Pii.NONE,
        "background": Pii.NONE,
        "actions": Pii.NONE,
    }

    class Meta:
        verbose_name = "案例"
        verbose_name_plural = "案例"
        permissions = [("withdraw_case", "可以下架案例")]
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                condition=models.Q(live=True),
                name="case_once_a_month",
                violation_error_message="这个月已经发布过一个案例。",
            ),
            models.CheckConstraint(condition=models.Q(month__day=1), name="case_month_is_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y年%-m月}案例《{self.title or NO_TITLE}》"

    def clean(self) -> None:
        super().clean()
        if self.month and self.month.day != 1:
            raise ValidationError({"month": "填这个月的 1 号，例如 2026-03-01。"})

    @property
    def ends_on(self) -> date:
        """The first day of the month after."""
        return clock.next_month(self.month)

    def problems(self, now: datetime) -> list[str]:
        other = Case.objects.filter(month=self.month, live=True).exclude(pk=self.pk).first()
        return what_is_missing(
            background=self.background,
            actions=self.actions,
            figures=[(row.first, row.last) for row in self.figures.all()],
            lines=self.lines.count(),
            steps=self.steps.count(),
            other=other,
            today=clock.day_of(now),
        )

    def publish(
        self, revision: Revision, user: User | None = None, *, as_of: datetime | None = None, **kwargs: Any
    ) -> None:
        with transaction.atomic():
            month = date.fromisoformat(str(revision.content["month"]))
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_MONTH_LOCK, month.toordinal()])
            super().publish(revision, user=user, as_of=as_of, **kwargs)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "learning/preview_case.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        shown = figures_of(self, timezone.now())
        return {"case": self, "figures": shown, "is_preview": True, "mode": mode_name}


class CaseFigure(Orderable):
    """One number of the case: what is counted, whose, from when to when. Its value is read, never typed."""

    case = ParentalKey(Case, on_delete=models.CASCADE, related_name="figures")
    label = PlainCharField("怎么说", max_length=20, help_text="例如「之后两周的成交」。")
    metric = models.CharField("数字", max_length=16, choices=Metric)
    host = models.ForeignKey(Host, models.PROTECT, verbose_name="谁的", related_name="+")
    first = models.DateField("从哪天", validators=[given.check_day])
    last = models.DateField("到哪天", validators=[given.check_day])

    PII: ClassVar[dict[str, Pii]] = {"label": Pii.NONE, "metric": Pii.NONE}

    class Meta(Orderable.Meta):
        verbose_name = "数字"
        verbose_name_plural = "数据"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="case_figure_days",
                violation_error_message="结束那天不能早于开始那天。",
            )
        ]

    def say(self, value: int) -> str:
        """`¥1,234.50`, `38 单`."""
        metric = Metric(self.metric)
        return money.show_yuan(value) if metric is Metric.GMV else f"{value:,} {UNITS[metric]}"


class CaseLine(Orderable):
    """Words that worked, ready to be copied."""

    case = ParentalKey(Case, on_delete=models.CASCADE, related_name="lines")
    when = models.CharField("什么时候说", max_length=30, blank=True)
    text = models.TextField("原话", max_length=500)

    PII: ClassVar[dict[str, Pii]] = {"when": Pii.NONE, "text": Pii.NONE}

    class Meta(Orderable.Meta):
        verbose_name = "话术"
        verbose_name_plural = "话术"


class CaseStep(Orderable):
    """One step that another host can take; it may name the material to use."""

    case = ParentalKey(Case, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField("做什么", max_length=80)
    hint = models.CharField("怎么做", max_length=160, blank=True)
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, verbose_name="用哪个素材", related_name="+"
    )

    PII: ClassVar[dict[str, Pii]] = {"text": Pii.NONE, "hint": Pii.NONE}

    class Meta(Orderable.Meta):
        verbose_name = "步骤"
        verbose_name_plural = "可复制步骤"


class Adoption(PublicIdModel):
    """A host does as the case did. The steps are hers from then on, whatever becomes of the case."""

    host = models.ForeignKey(Host, models.PROTECT, related_name="adoptions")
    case = models.ForeignKey(Case, models.PROTECT, related_name="adoptions")
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("做完", null=True)
    dropped_at = models.DateTimeField("放下", null=True)

    PII: ClassVar[dict[str, Pii]] = {}

    class Meta:
        verbose_name = "照着做"
        verbose_name_plural = "照着做"
        constraints = [
            models.UniqueConstraint(fields=["host", "case"], name="adoption_once"),
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(dropped_at=None), name="adoption_one_end"
            ),
        ]
        indexes = [models.Index(fields=["case", "started_at"], name="adoption_of_case")]

    @property
    def is_open(self) -> bool:
        return self.finished_at is None and self.dropped_at is None


class AdoptedStep(PublicIdModel):
    """One step on her own list."""

    adoption = models.ForeignKey(Adoption, models.CASCADE, related_name="steps")
    #: The same as the adoption's, so that the database can show each host her own alone.
    host = models.ForeignKey(Host, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=80)
    hint = models.CharField(max_length=160, blank=True)
    material = models.ForeignKey(Material, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"text": Pii.NONE, "hint": Pii.NONE}

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["adoption", "position"], name="adopted_step_once")]


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of a case with its value as it stands `as_of`."""

    figure: CaseFigure
    value: int
    as_of: datetime

    @property
    def said(self) -> str:
        return self.figure.say(self.value)

    @property
    def is_running(self) -> bool:
        """Its last day has not ended: it may still grow."""
        return self.figure.last >= clock.day_of(self.as_of)


def figures_of(case: Case, now: datetime) -> list[Shown]:
    """The case's numbers, read now. One question to the data, however many they are."""
    rows = [row for row in case.figures.all() if row.host_id and row.metric and row.first and row.last]
    values = answers([Question(row.metric, row.host_id, row.first, row.last) for row in rows], now)
    return [Shown(row, value, now) for row, value in zip(rows, values, strict=True)]


def what_is_missing(
    *,
    background: str,
    actions: str,
    figures: list[tuple[date, date]],
    lines: int,
    steps: int,
    other: Case | None,
    today: date,
) -> list[str]:
    """What a case still needs, in sentences: asked of forms, drafts and live rows alike."""
    found = []
    if other is not None:
        found.append(
            f"{other.month:%Y年%-m月}已经发布了《{other.title}》，一个月一个案例。请换一个月份，或先下架那一个。"
        )
    if not background.strip():
        found.append("还没写「背景」：当时是什么情况。")
    if not actions.strip():
        found.append("还没写「动作」：她做了什么。")
    if not figures:
        found.append("「数据」里还没有数字，请至少放一个。")
    if any(first > last for first, last in figures):
        found.append("「数据」里有一个数字的结束早于开始，请改日期。")
    if any(first > today for first, _last in figures):
        found.append("「数据」里有一个数字从将来开始，现在还没有可看的，请改日期。")
    if not lines:
        found.append("「话术」里还没有原话，请至少写一句。")
    if not LEAST_STEPS <= steps <= MOST_STEPS:
        found.append(f"「可复制步骤」有 {steps} 步，请写 {LEAST_STEPS} 到 {MOST_STEPS} 步。")
    return found


def months_around(now: datetime) -> tuple[date, date]:
    """The first day of this month, and that of the next."""
    this = clock.first_of_month(clock.day_of(now))
    return this, clock.next_month(this)


#: HQ is asked to have the month's case out by its tenth.
DUE = timedelta(days=9)
