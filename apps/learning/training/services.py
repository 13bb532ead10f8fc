"""Learning: beginning a lesson, answering, handing in a proof, finishing, coming every day."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F

from apps.accounts.models import Host, User
from apps.accounts.services import two_people
from apps.learning.models import Answer, CheckIn, LearningChoice, Lesson, Practice, Progress
from apps.learning.models.training import Question, questions_in
from apps.learning.training import days
from apps.lib import clock
from apps.media import cleaning
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: How the ledger names a lesson: the id beside it is the lesson's.
SUBJECT = "lesson"


class NotYetError(Exception):
    """The lesson is not finished; the sentence says what is left."""


class NotPossibleError(Exception):
    """It can't be done now; the sentence says why and the mend."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What she learns at once when she answers."""

    question: Question
    choice: int
    is_right: bool


def begin(lesson: Lesson, host: Host, *, now: datetime) -> Progress:
    """She opened it: the first time starts her progress."""
    progress, is_new = Progress.objects.get_or_create(
        host=host, lesson=lesson, defaults={"started_at": now, "touched_at": now}
    )
    if is_new:
        _record(Fact.LESSON_STARTED, lesson, host, now)
    return progress


@transaction.atomic
def answer(lesson: Lesson, host: Host, *, question: str, choice: int, now: datetime) -> Verdict:
    """Answer one question; NotPossibleError for one that the lesson does not have. Right stays right."""
    asked = next((one for one in questions_in(lesson.body) if one.id == question), None)
    if asked is None or not 0 <= choice < len(asked.choices):
        raise NotPossibleError("这道题刚刚改过了，请刷新页面再答。")
    begin(lesson, host, now=now)
    is_right = choice == asked.right
    row, is_new = Answer.objects.select_for_update().get_or_create(
        host=host,
        lesson=lesson,
        question=question,
        defaults={"choice": choice, "right_at": now if is_right else None},
    )
    if not is_new and row.right_at is None:
        row.choice, row.tries = choice, F("tries") + 1
        row.right_at = now if is_right else None
        row.save()
    Progress.objects.filter(host=host, lesson=lesson).update(touched_at=now)
    if is_new or not is_right:
        props = {"question": question, "right": is_right}
        _record(Fact.LESSON_ANSWERED, lesson, host, now, props)
    return Verdict(asked, choice, is_right)


@transaction.atomic
def hand_in(
    lesson: Lesson, host: Host, *, upload: "File[bytes] | bytes", note: str = "", now: datetime
) -> Practice:
    """Hand in a proof for HQ to look at; media's UploadRefusedError, NotPossibleError while one is open."""
    if not lesson.task:
        raise NotPossibleError("这一课没有练习。")
    clean = cleaning.clean_picture(upload)
    begin(lesson, host, now=now)
    Progress.objects.select_for_update().get(host=host, lesson=lesson)  # two taps at once wait here
    if Practice.objects.filter(host=host, lesson=lesson).exclude(state=Practice.State.RETURNED).exists():
        raise NotPossibleError("这一课的练习已经交过了。")
    practice = Practice(host=host, lesson=lesson, note=note[:100], submitted_at=now)
    practice.file.save(f"proof.{clean.extension}", ContentFile(clean.content), save=False)
    try:
        practice.save()
    except Exception:
        default_storage.delete(str(practice.file.name))
        raise
    Progress.objects.filter(host=host, lesson=lesson).update(touched_at=now)
    _record(Fact.LESSON_PRACTISED, lesson, host, now)
    return practice


@transaction.atomic
def review(practice: Practice, *, passed: bool, reason: str, by: User, now: datetime) -> Practice:
    """HQ's verdict on a proof, once. Sent back, the lesson waits for another; NotPossibleError."""
    row = (
        Practice.objects.select_for_update(of=("self",))
        .select_related("lesson", "host__user")
        .get(pk=practice.pk)
    )
    if why := what_stops_review(row, by=by, now=now):
        raise NotPossibleError(why)
    if not passed and not reason.strip():
        raise NotPossibleError("退回时请写一句哪里要改。")
    row.state = Practice.State.PASSED if passed else Practice.State.RETURNED
    row.reason, row.reviewed_by, row.reviewed_at = reason.strip()[:100], by, now
    row.save()
    if not passed:
        Progress.objects.filter(host=row.host, lesson=row.lesson).update(finished_at=None)
    _record(
        Fact.LESSON_PRACTICE_PASSED if passed else Fact.LESSON_PRACTICE_RETURNED, row.lesson, row.host, now
    )
    return row


def what_stops_review(practice: Practice, *, by: User, now: datetime) -> str:
    """Why this person can't judge it now, in a sentence; empty when she can."""
    if practice.state != Practice.State.WAITING:
        return f"这份练习已经{practice.get_state_display()}了。"
    if two_people.is_for_oneself(practice.host.user, by, now=now):
        return "自己的练习要由别人来批。"
    return ""


@transaction.atomic
def finish(lesson: Lesson, host: Host, *, now: datetime) -> bool:
    """「学完了，打卡」: the lesson is done and today is checked in; whether today is new. NotYetError.

    However often she taps, and on however many phones, the day counts once.
    """
    begin(lesson, host, now=now)
    progress = Progress.objects.select_for_update().get(host=host, lesson=lesson)
    if left := what_is_left(lesson, host):
        raise NotYetError(left)
    if progress.finished_at is None:
        progress.finished_at = progress.touched_at = now
        progress.save(update_fields=["finished_at", "touched_at"])
        _record(Fact.LESSON_FINISHED, lesson, host, now)
    return _check_in(host, clock.day_of(now), lesson=lesson, now=now)


def what_is_left(lesson: Lesson, host: Host) -> str:
    """In a sentence, what she has to do before the lesson is finished; empty when nothing is left."""
    asked = {question.id for question in questions_in(lesson.body)}
    right = {
        str(pk)
        for pk in Answer.objects.filter(host=host, lesson=lesson, right_at__isnull=False).values_list(
            "question", flat=True
        )
    }
    if wrong := len(asked - right):
        return f"还有 {wrong} 道小测没答对。"
    if lesson.task:
        last = Practice.objects.filter(host=host, lesson=lesson).order_by("-submitted_at", "-pk").first()
        if last is None:
            return "还差练习：做一次，交一张截图。"
        if last.state == Practice.State.RETURNED:
            return f"练习退回来了：{last.reason} 改好再交一次。"
    return ""


@transaction.atomic
def make_up(host: Host, day: date, *, now: datetime) -> None:
    """补卡 for a day she missed; NotPossibleError says why not."""
    Host.objects.select_for_update(no_key=True).get(pk=host.pk)  # two taps must not use three
    today = clock.day_of(now)
    rows = list(CheckIn.objects.filter(host=host).values_list("day", "is_made_up"))
    known = [one for one, _made_up in rows]
    if day in known:
        return
    if day not in days.missed(known, today=today, since=clock.day_of(host.joined_at)):
        raise NotPossibleError("只能补最近 7 天里漏掉的。")
    if not days.left_in_month((one for one, made_up in rows if made_up), day):
        raise NotPossibleError(f"{day.month} 月的 {days.MAKE_UPS_A_MONTH} 次补卡已经用完了。")
    CheckIn.objects.create(host=host, day=day, is_made_up=True, at=now)
    tracking.record(
        Fact.STUDY_MADE_UP, at=now, host_id=host.pk, actor_id=host.user_id, props={"day": day.isoformat()}
    )


@transaction.atomic
def hide_name(host: Host, *, hides: bool, now: datetime) -> None:
    """Stand on the board without her name, or with it."""
    LearningChoice.objects.update_or_create(host=host, defaults={"hides_name": hides})
    tracking.record(
        Fact.STUDY_NAME_CHOSEN, at=now, host_id=host.pk, actor_id=host.user_id, props={"hides": hides}
    )


def _check_in(host: Host, day: date, *, lesson: Lesson, now: datetime) -> bool:
    """The day counts once: the table's constraint decides between two taps."""
    _row, is_new = CheckIn.objects.get_or_create(host=host, day=day, defaults={"lesson": lesson, "at": now})
    if is_new:
        _record(Fact.STUDY_CHECKED_IN, lesson, host, now)
    return is_new


def _record(
    fact: Fact, lesson: Lesson, host: Host, now: datetime, props: dict[str, object] | None = None
) -> None:
    tracking.record(
        fact,
        at=now,
        host_id=host.pk,
        actor_id=host.user_id,
        subject_kind=SUBJECT,
        subject_id=lesson.pk,
        props=props or {},
    )
