"""Reading training: a host's paths and days, the board of her organisation, and who is stuck where."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Host
from apps.accounts.scope import Hosts, within
from apps.learning.models import (
    Answer,
    CheckIn,
    LearningChoice,
    Lesson,
    Path,
    PathLesson,
    Practice,
    Progress,
)
from apps.learning.models.training import questions_in
from apps.learning.training import days
from apps.learning.training.access import paths_for
from apps.lib import clock

#: Left alone for so long, a lesson that was begun counts as stuck.
STUCK_AFTER = timedelta(days=3)
_STUCK_SHOWN = 200
BOARD = 20


@dataclass(frozen=True, slots=True)
class LessonShown:
    """A lesson on her path: new, begun, waiting for HQ's look at the proof, sent back, or done."""

    lesson: Lesson
    state: str

    @property
    def word(self) -> str:
        return {
            "new": f"{self.lesson.minutes} 分钟",
            "begun": "学到一半",
            "waiting": "练习等批改",
            "returned": "练习退回了",
            "done": "学完了",
        }[self.state]

    @property
    def is_done(self) -> bool:
        return self.state in {"done", "waiting"}


@dataclass(frozen=True, slots=True)
class PathShown:
    path: Path
    lessons: list[LessonShown]

    @property
    def done(self) -> int:
        return sum(one.is_done for one in self.lessons)

    @property
    def is_finished(self) -> bool:
        return bool(self.lessons) and self.done == len(self.lessons)


def paths_of(host: Host) -> list[PathShown]:
    """Her paths with how far she is: four queries."""
    paths = list(paths_for(host))
    rows = PathLesson.objects.filter(path__in=paths, lesson__live=True).select_related("lesson")
    by_path: dict[int, list[Lesson]] = defaultdict(list)
    for row in rows.order_by("sort_order", "pk"):
        by_path[row.path_id].append(row.lesson)
    states = _states(host, {lesson.pk for lessons in by_path.values() for lesson in lessons})
    return [
        PathShown(path, [LessonShown(lesson, states.get(lesson.pk, "new")) for lesson in by_path[path.pk]])
        for path in paths
    ]


def _states(host: Host, lessons: set[int]) -> dict[int, str]:
    progress = Progress.objects.filter(host=host, lesson__in=lessons).values_list("lesson_id", "finished_at")
    found = {pk: "done" if finished_at else "begun" for pk, finished_at in progress}
    practices = Practice.objects.filter(host=host, lesson__in=lessons).order_by("submitted_at", "pk")
    for pk, state in practices.values_list("lesson_id", "state"):
        if state == Practice.State.RETURNED:
            found[pk] = "returned"
        elif state == Practice.State.WAITING:
            found[pk] = "waiting"
        elif found.get(pk) == "returned":
            found[pk] = "done"
    return found


def next_lesson(paths: list[PathShown]) -> LessonShown | None:
    """What she would learn next: what was sent back first, then the first that is not done."""
    rows = [one for path in paths for one in path.lessons]
    returned = [one for one in rows if one.state == "returned"]
    return next(iter([*returned, *(one for one in rows if not one.is_done)]), None)


# --- days -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """One day of the last week, as a dot."""

    day: date
    is_in: bool
    is_made_up: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Days:
    """Her 打卡 as of today."""

    streak: int
    longest: int
    total: int
    is_in_today: bool
    week: list[Mark]
    #: What she may make up for now.
    missed: list[date]


def days_of(host: Host, now: datetime) -> Days:
    """In one query."""
    today = clock.day_of(now)
    made_up = dict(CheckIn.objects.filter(host=host).values_list("day", "is_made_up"))
    week = [today - timedelta(days=back) for back in range(6, -1, -1)]
    used = [day for day, was in made_up.items() if was]
    missed = days.missed(made_up, today=today, since=clock.day_of(host.joined_at))
    return Days(
        streak=days.streak(made_up, today),
        longest=days.longest(made_up),
        total=len(made_up),
        is_in_today=today in made_up,
        week=[Mark(day, day in made_up, made_up.get(day, False), day == today) for day in week],
        missed=[day for day in missed if days.left_in_month(used, day)],
    )


# --- the board --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the board. `name` is empty for a colleague who does not want to be named."""

    rank: int
    name: str
    is_me: bool
    days: int
    streak: int


def board_of(host: Host, now: datetime) -> list[Place]:
    """Her organisation's hosts by days checked in this month: the first ones, and herself. One query."""
    today = clock.day_of(now)
    with connection.cursor() as cursor:
        cursor.execute(
            _BOARD,
            {
                "node": host.organisation_id,
                "me": host.pk,
                "first": clock.first_of_month(today),
                "today": today,
                "shown": BOARD,
            },
        )
        rows = cursor.fetchall()
    return [
        Place(rank, "" if hides and pk != host.pk else name, pk == host.pk, count, run)
        for pk, name, hides, count, run, rank in rows
    ]


_BOARD = """
WITH hers AS (
    SELECT h.id, h.name, coalesce(c.hides_name, false) AS hides
      FROM accounts_host h LEFT JOIN learning_learningchoice c ON c.host_id = h.id
     WHERE h.organisation_id = %(node)s AND h.status = 'active'
), ins AS (
    SELECT i.host_id, i.day,
           -- Days in a row share this date.
           i.day - (row_number() OVER (PARTITION BY i.host_id ORDER BY i.day))::int AS run
      FROM learning_checkin i JOIN hers ON hers.id = i.host_id
     WHERE i.day <= %(today)s
), runs AS (
    SELECT host_id, count(*)::int AS days
      FROM ins GROUP BY host_id, run HAVING max(day) >= %(today)s - 1
), counted AS (
    SELECT hers.id, hers.name, hers.hides,
           (SELECT count(*)::int FROM ins
             WHERE ins.host_id = hers.id AND ins.day >= %(first)s) AS days,
           coalesce((SELECT runs.days FROM runs WHERE runs.host_id = hers.id), 0) AS run
      FROM hers
), ranked AS (
    SELECT *, rank() OVER (ORDER BY days DESC, run DESC) AS place FROM counted WHERE days > 0 OR id = %(me)s
)
SELECT id, name, hides, days, run, place
  FROM ranked
 WHERE place <= %(shown)s OR id = %(me)s
 ORDER BY place, id
"""


def hides_name(host: Host) -> bool:
    return LearningChoice.objects.filter(host=host, hides_name=True).exists()


# --- one lesson -------------------------------------------------------------------------------------------


def answers_of(lesson: Lesson, host: Host) -> dict[str, Answer]:
    return {str(row.question): row for row in Answer.objects.filter(host=host, lesson=lesson)}


def practices_of(lesson: Lesson, host: Host) -> list[Practice]:
    """Her proofs, the latest first."""
    return list(Practice.objects.filter(host=host, lesson=lesson).order_by("-submitted_at", "-pk"))


# --- HQ's side --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stuck:
    """A host who stopped within a lesson: where, in words, and since when."""

    host: Host
    lesson: Lesson
    where: str
    since: datetime


def stuck(now: datetime, *, hosts: Hosts) -> list[Stuck]:
    """Active hosts who left a lesson unfinished for days, the longest first: three queries."""
    rows = within(
        Progress.objects.filter(
            finished_at=None,
            touched_at__lte=now - STUCK_AFTER,
            host__status=Host.Status.ACTIVE,
            lesson__live=True,
        ),
        hosts,
    )
    progress = list(
        rows.select_related("host__organisation", "lesson").order_by("touched_at", "pk")[:_STUCK_SHOWN]
    )
    pairs = Q(host__in={row.host_id for row in progress}, lesson__in={row.lesson_id for row in progress})
    answers: dict[tuple[int, int], dict[str, Answer]] = defaultdict(dict)
    for answer in Answer.objects.filter(pairs):
        answers[answer.host_id, answer.lesson_id][str(answer.question)] = answer
    proofs: dict[tuple[int, int], Practice] = {}
    for practice in Practice.objects.filter(pairs).order_by("submitted_at", "pk"):
        proofs[practice.host_id, practice.lesson_id] = practice
    return [
        Stuck(
            row.host,
            row.lesson,
            _where(row.lesson, answers[row.host_id, row.lesson_id], proofs.get((row.host_id, row.lesson_id))),
            row.touched_at,
        )
        for row in progress
    ]


def _where(lesson: Lesson, answers: dict[str, Answer], proof: Practice | None) -> str:
    if proof is not None and proof.state == Practice.State.RETURNED:
        return f"练习退回后没再交：{proof.reason}"
    questions = questions_in(lesson.body)
    for number, question in enumerate(questions, start=1):
        given = answers.get(question.id)
        if given is not None and given.right_at is None:
            return f"第 {number} 题答错 {given.tries} 次：{question.text}"
    for number, question in enumerate(questions, start=1):
        if question.id not in answers:
            return f"停在第 {number} 题" if answers else "打开了，还没做小测"
    if lesson.task and proof is None:
        return "小测都对了，练习还没交"
    return "学完没点打卡"


@dataclass(frozen=True, slots=True)
class LessonProgress:
    """How one lesson goes: hosts who began it, finished it, and left it lying."""

    lesson: Lesson
    started: int
    finished: int
    stuck: int


def lesson_progress(now: datetime, *, hosts: Hosts) -> list[LessonProgress]:
    """Published lessons in the order of their paths: one query for each list."""
    still = Q(finished_at=None, touched_at__lte=now - STUCK_AFTER)
    counted: Any = (
        within(Progress.objects.filter(host__status=Host.Status.ACTIVE), hosts)
        .values("lesson_id")
        .annotate(began=Count("pk"), ended=Count("finished_at"), left=Count("pk", filter=still))
    )
    found = {row["lesson_id"]: row for row in counted}
    nothing = {"began": 0, "ended": 0, "left": 0}
    lessons = Lesson.objects.filter(live=True, paths__path__live=True)
    ordered = lessons.order_by("paths__path__position", "paths__path_id", "paths__sort_order")
    rows = [(lesson, found.get(lesson.pk, nothing)) for lesson in dict.fromkeys(ordered)]
    return [LessonProgress(lesson, row["began"], row["ended"], row["left"]) for lesson, row in rows]


def waiting_practices(rows: "QuerySet[Practice]") -> "QuerySet[Practice]":
    """Proofs that wait for HQ, the oldest first."""
    return rows.filter(state=Practice.State.WAITING).order_by("submitted_at", "pk")
