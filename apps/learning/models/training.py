"""What hosts learn: paths of lessons for their level, answers, proofs of practice, and the days they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import HttpRequest
from modelcluster.fields import ParentalKey
from wagtail.blocks import BooleanBlock, CharBlock, ListBlock, StructBlock
from wagtail.fields import StreamField
from wagtail.models import Orderable

from apps.accounts.models import Host, User
from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.ids import uuid7
from apps.lib.pii import Kept, Pii, Use
from apps.library.models.materials import BODY_BLOCKS
from apps.library.models.publishing import NO_TITLE, Publishable
from apps.media.models import Video


class ChoiceBlock(StructBlock):
    text = CharBlock(label="选项", max_length=80)
    is_right = BooleanBlock(label="这个对", required=False)

    class Meta:
        icon = "list-ul"
        label = "选项"


class QuestionBlock(StructBlock):
    """One check question. Its block id is what answers hang on, so that rewording it keeps them."""

    text = CharBlock(label="问题", max_length=120)
    choices = ListBlock(ChoiceBlock(), label="选项（2 到 4 个，一个对）", min_num=2, max_num=4)
    why = CharBlock(label="为什么", max_length=160, help_text="答完马上看到，对错都看到。")

    class Meta:
        icon = "help"
        label = "小测"


class Lesson(Publishable):  # type: ignore[django-manager-missing]
    """One short lesson: words, pictures, at most one film, questions, and perhaps something to try."""

    CONTENT = ("video_id", "body", "task")

    title = PlainCharField("标题", max_length=40)
    minutes = models.PositiveSmallIntegerField(
        "几分钟", default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    video = models.ForeignKey(
        Video, models.PROTECT, null=True, blank=True, verbose_name="视频", related_name="+"
    )
    body = StreamField([*BODY_BLOCKS, ("question", QuestionBlock())], verbose_name="内容和小测", blank=True)
    task = models.CharField(
        "练习",
        max_length=200,
        blank=True,
        help_text="在自己的群里做一次，交一张截图。不填就没有练习。",
    )

    preview_modes: ClassVar[list[tuple[str, Any]]] = [("host", "大C看到的")]
    PII: ClassVar[dict[str, Pii]] = {"title": Pii.NONE, "body": Pii.NONE, "task": Pii.NONE}

    class Meta:
        verbose_name = "课"
        verbose_name_plural = "课"
        permissions = [("withdraw_lesson", "可以下架课"), ("review_practice", "可以批改练习")]

    def __str__(self) -> str:
        return self.title or NO_TITLE

    def problems(self, now: datetime) -> list[str]:
        return lesson_problems(has_video=self.video_id is not None, body=self.body)

    @property
    def questions(self) -> "list[Question]":
        return questions_in(self.body)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "learning/preview_lesson.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"lesson": self, "parts": parts_of(self.body), "is_preview": True, "mode": mode_name}


class Path(Publishable):  # type: ignore[django-manager-missing]
    """Lessons in order, for hosts of some levels."""

    goes_live_after: ClassVar[int] = 1  # its lessons

    CONTENT = ("intro",)

    title = PlainCharField("标题", max_length=30)
    intro = models.CharField("学完能做什么", max_length=100, blank=True)
    min_level = models.PositiveSmallIntegerField("等级从", default=1)
    max_level = models.PositiveSmallIntegerField(
        "等级到", null=True, blank=True, help_text="不填就是往上都适合。"
    )
    position = models.PositiveSmallIntegerField("顺序", default=1)

    preview_modes: ClassVar[list[tuple[str, Any]]] = [("host", "大C看到的")]
    PII: ClassVar[dict[str, Pii]] = {"title": Pii.NONE, "intro": Pii.NONE}

    class Meta:
        verbose_name = "学习路径"
        verbose_name_plural = "学习路径"
        permissions = [("withdraw_path", "可以下架学习路径")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_level=None) | models.Q(max_level__gte=models.F("min_level")),
                name="path_levels",
                violation_error_message="「等级到」不能小于「等级从」。",
            )
        ]

    def __str__(self) -> str:
        return self.title or NO_TITLE

    def problems(self, now: datetime) -> list[str]:
        return path_problems([row.lesson for row in self.lessons.select_related("lesson")], now)

    @property
    def levels(self) -> str:
        """`1 级以上`, `1—2 级`, `2 级`."""
        if self.max_level is None:
            return f"{self.min_level} 级以上"
        if self.max_level == self.min_level:
            return f"{self.min_level} 级"
        return f"{self.min_level}—{self.max_level} 级"

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "learning/preview_path.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return {"path": self, "is_preview": True, "mode": mode_name}


class PathLesson(Orderable):
    path = ParentalKey(Path, on_delete=models.CASCADE, related_name="lessons")
    lesson = models.ForeignKey(Lesson, models.PROTECT, verbose_name="课", related_name="paths")

    PII: ClassVar[dict[str, Pii]] = {}

    class Meta(Orderable.Meta):
        verbose_name = "课"
        verbose_name_plural = "课"
        constraints = [
            models.UniqueConstraint(
                fields=["path", "lesson"],
                name="path_lesson_once",
                violation_error_message="同一课排了两次。",
            )
        ]


class Progress(models.Model):
    """How far one host is with one lesson. `finished_at`: every question right, and the proof handed in."""

    host = models.ForeignKey(Host, models.PROTECT, related_name="lesson_progress")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="progress")
    started_at = models.DateTimeField("开始")
    touched_at = models.DateTimeField("最近一次")
    finished_at = models.DateTimeField("学完", null=True)

    PII: ClassVar[dict[str, Pii]] = {}

    class Meta:
        verbose_name = "学习进度"
        verbose_name_plural = "学习进度"
        constraints = [models.UniqueConstraint(fields=["host", "lesson"], name="progress_once")]
        indexes = [models.Index(fields=["lesson", "finished_at"], name="progress_of_lesson")]


class Answer(models.Model):
    """What a host answered to one question: how often she tried, and when she had it right."""

    host = models.ForeignKey(Host, models.PROTECT, related_name="lesson_answers")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    question = models.UUIDField()
    choice = models.PositiveSmallIntegerField()
    tries = models.PositiveSmallIntegerField(default=1)
    right_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "lesson", "question"], name="answer_once")]


def proof_path(instance: "Practice", filename: str) -> str:
    """A folder that no public address reaches: a screenshot of a group shows people."""
    return f"proofs/{uuid7().hex}.{filename.rsplit('.', 1)[-1]}"


class Practice(PublicIdModel):
    """A proof of practice: one picture, waiting for HQ, then good or sent back with the reason."""

    class State(models.TextChoices):
        WAITING = "waiting", "等批改"
        PASSED = "passed", "通过"
        RETURNED = "returned", "退回重做"

    host = models.ForeignKey(Host, models.PROTECT, verbose_name="大C", related_name="practices")
    lesson = models.ForeignKey(Lesson, models.PROTECT, verbose_name="课", related_name="practices")
    file = models.FileField("截图", upload_to=proof_path)
    note = models.CharField("想说的话", max_length=100, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    submitted_at = models.DateTimeField("交的时间")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, verbose_name="批改人", related_name="+")
    reviewed_at = models.DateTimeField("批改时间", null=True)
    reason = models.CharField("评语", max_length=100, blank=True)

    PII: ClassVar[dict[str, Pii]] = {
        "file": Pii.IDENTIFIER,
        "note": Pii.STAFF,
        "state": Pii.NONE,
        "reason": Pii.STAFF,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("批改培训里的练习", Kept.STAFF)

    class Meta:
        verbose_name = "练习"
        verbose_name_plural = "练习"
        constraints = [
            # One at a time: a second tap, or a second phone, hands in nothing twice.
            models.UniqueConstraint(
                fields=["host", "lesson"],
                condition=models.Q(state__in=["waiting", "passed"]),
                name="practice_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", reviewed_at=None)
                | ~models.Q(state="waiting") & models.Q(reviewed_at__isnull=False),
                name="practice_reviewed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="practice_waiting")]

    def __str__(self) -> str:
        return f"{self.host} · {self.lesson}"


class CheckIn(models.Model):
    """One Shanghai day on which a host learned, or that she made up for."""

    host = models.ForeignKey(Host, models.PROTECT, related_name="check_ins")
    day = models.DateField("日期")
    is_made_up = models.BooleanField("补卡", default=False)
    lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    PII: ClassVar[dict[str, Pii]] = {}

    class Meta:
        verbose_name = "打卡"
        verbose_name_plural = "打卡"
        constraints = [models.UniqueConstraint(fields=["host", "day"], name="check_in_once_a_day")]
        indexes = [models.Index(fields=["day", "host"], name="check_in_of_day")]


class LearningChoice(models.Model):
    """What a host chose about the board: to stand on it without her name."""

    host = models.OneToOneField(Host, models.CASCADE, related_name="learning_choice")
    hides_name = models.BooleanField("榜上不显示我的名字", default=False)

    PII: ClassVar[dict[str, Pii]] = {}


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a lesson; `right` is the place of the right choice, counted from 0."""

    id: str
    text: str
    choices: list[str]
    right: int
    why: str


def parts_of(body: Any) -> "list[tuple[str, Any]]":
    """A lesson's body in order: ("block", block) or ("question", Question)."""
    return [
        ("question", _question(child)) if child.block_type == "question" else ("block", child)
        for child in body or []
    ]


def questions_in(body: Any) -> list[Question]:
    return [_question(child) for child in body or [] if child.block_type == "question"]


def _question(child: Any) -> Question:
    choices = list(child.value["choices"])
    right = [place for place, choice in enumerate(choices) if choice["is_right"]]
    return Question(
        id=str(child.id),
        text=child.value["text"],
        choices=[choice["text"] for choice in choices],
        right=right[0] if len(right) == 1 else -1,
        why=child.value["why"],
    )


def lesson_problems(*, has_video: bool, body: Any) -> list[str]:
    """What a lesson still needs, in sentences."""
    found = []
    parts = parts_of(body)
    if not has_video and not any(kind == "block" for kind, _part in parts):
        found.append("这一课还没有内容，请写一段或放一个视频。")
    for number, question in enumerate(questions_in(body), start=1):
        if question.right < 0:
            found.append(f"第 {number} 道小测要正好有一个对的选项。")
        if len(set(question.choices)) < len(question.choices):
            found.append(f"第 {number} 道小测有两个一样的选项。")
    return found


def path_problems(lessons: Iterable[Lesson], now: datetime) -> list[str]:
    lessons = list(lessons)
    if not lessons:
        return ["路径里还没有课，请至少放一课。"]
    waiting = [f"「{lesson.title}」" for lesson in lessons if not lesson.live]
    return [f"这些课还没有发布：{'、'.join(waiting)}。请先提交审核，或从路径里去掉。"] if waiting else []
