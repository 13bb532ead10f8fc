"""Doing as a case did: taking its steps over, ticking, finishing, putting down. And the month's draft."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Host
from apps.learning.models import AdoptedStep, Adoption, Case, CaseFigure, CaseLine, CaseStep
from apps.learning.models.cases import months_around
from apps.lib import addresses, clock
from apps.library.announcing import News, corrected
from apps.outbox.letters import Card
from apps.outbox.registry import Cause
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: How the ledger names a case: the id beside it is the case's.
SUBJECT = "case"


class ClosedError(Exception):
    """The list was finished or put down meanwhile."""


@transaction.atomic
def adopt(case: Case, host: Host, *, now: datetime) -> Adoption:
    """Put the case's steps on her list, once however often she taps; what she put down begins anew."""
    Host.objects.select_for_update(no_key=True).get(pk=host.pk)  # two taps at once wait here
    adoption = Adoption.objects.filter(host=host, case=case).first()
    if adoption is not None and adoption.dropped_at is None:
        return adoption
    if adoption is None:
        adoption = Adoption.objects.create(host=host, case=case, started_at=now)
    else:
        adoption.started_at, adoption.dropped_at = now, None
        adoption.save(update_fields=["started_at", "dropped_at"])
        adoption.steps.all().delete()
    AdoptedStep.objects.bulk_create(
        AdoptedStep(
            adoption=adoption,
            host=host,
            position=position,
            text=step.text,
            hint=step.hint,
            material_id=step.material_id,
        )
        for position, step in enumerate(case.steps.all(), start=1)
    )
    _record(Fact.CASE_ADOPTED, adoption, now)
    return adoption


@transaction.atomic
def tick(step: AdoptedStep, *, is_done: bool, now: datetime) -> Adoption:
    """Mark a step done or not. The last one finishes the list, taking one back reopens it. ClosedError."""
    adoption = Adoption.objects.select_for_update().get(pk=step.adoption_id)
    if adoption.dropped_at is not None:
        raise ClosedError
    changed = AdoptedStep.objects.filter(pk=step.pk, done_at__isnull=is_done).update(
        done_at=now if is_done else None
    )
    if not changed:
        return adoption
    _record(Fact.CASE_STEP_DONE if is_done else Fact.CASE_STEP_UNDONE, adoption, now)
    is_finished = not adoption.steps.filter(done_at=None).exists()
    if is_finished and adoption.finished_at is None:
        adoption.finished_at = now
        adoption.save(update_fields=["finished_at"])
        _record(Fact.CASE_FINISHED, adoption, now)
    elif not is_finished and adoption.finished_at is not None:
        adoption.finished_at = None
        adoption.save(update_fields=["finished_at"])
    return adoption


@transaction.atomic
def drop(adoption: Adoption, *, now: datetime) -> None:
    """Take the list out of her day. What she did stays; a finished one stays finished."""
    changed = Adoption.objects.filter(pk=adoption.pk, finished_at=None, dropped_at=None).update(
        dropped_at=now
    )
    if changed:
        _record(Fact.CASE_DROPPED, adoption, now)


def _record(fact: Fact, adoption: Adoption, now: datetime) -> None:
    tracking.record(
        fact,
        at=now,
        host_id=adoption.host_id,
        actor_id=adoption.host.user_id,
        subject_kind=SUBJECT,
        subject_id=adoption.case_id,
    )


# --- HQ's side --------------------------------------------------------------------------------------------


def news_of(case: Case, now: datetime) -> News:
    """That a case is out, for every active host, as long as its month lasts."""
    return News(
        kind=SUBJECT,
        id=case.pk,
        card=card_of(case),
        correction=corrected(f"{case.month:%-m}月案例「{case.title}」", card_of(case), now),
        hosts=Host.objects.active(),
        until=clock.start_of(case.ends_on),
    )


def _unwanted(pk: int, recipients: list[int | None], now: datetime) -> dict[int | None, str]:
    """A case must be live, and its month not over, when its message leaves."""
    case = Case.objects.filter(pk=pk, live=True).first()
    if case is None:
        return dict.fromkeys(recipients, "这个案例下架了，没有再发")
    if now >= clock.start_of(case.ends_on):
        return dict.fromkeys(recipients, "这个案例的月份已经过去，没有再发")
    return {}


CAUSE = Cause(SUBJECT, _unwanted)


def card_of(case: Case) -> Card:
    words = case.summary or "别人怎么做成的，照着做就行。"
    return Card(
        title=f"{case.month:%-m}月案例「{case.title}」",
        description=words,
        url=addresses.page("workbench:case", case.public_id),
        button="看案例",
    )


def ensure_next_case(*, now: datetime) -> Case | None:
    """Have a draft for this month and the next, once there has ever been a case; the last one made."""
    last = Case.objects.order_by("-month").first()
    if last is None:
        return None
    made = None
    for month in months_around(now):
        if not Case.objects.filter(month=month).exists():
            made = Case(month=month, title="标题待定", owner=last.owner, live=False)
            with transaction.atomic():
                made.save()
                made.save_revision(user=None, clean=False)
    return made


def add_case(
    case: Case,
    *,
    figures: list[CaseFigure],
    lines: list[CaseLine],
    steps: list[CaseStep],
) -> Case:
    """Save a draft with its parts, for code that writes whole cases (demo data)."""
    case.figures, case.lines, case.steps = figures, lines, steps  # type: ignore[misc]
    case.live = False
    case.full_clean(exclude=["content_type"])
    case.save()
    return case
