"""Reading cases: the month's, a host's list of steps, and where each month stands for HQ."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from apps.accounts.models import Host
from apps.learning.models import AdoptedStep, Adoption, Case
from apps.learning.models.cases import DUE, months_around
from apps.lib import clock
from apps.library.models.publishing import State
from apps.library.selectors import with_state


def live_cases(now: datetime) -> "QuerySet[Case]":
    """What hosts read, the newest month first. A case stays readable after its month."""
    return Case.objects.filter(live=True).select_related("cover", "host").order_by("-month")


def adoption_of(case: Case, host: Host) -> Adoption | None:
    return Adoption.objects.prefetch_related("steps__material").filter(case=case, host=host).first()


def lists_of(host: Host) -> list[Adoption]:
    """What she is doing as cases did, each with its steps, the latest first: two queries, or one for none.

    Written as SQL, since every host's page of today asks it and most have none. Of each case only its name
    and address come along.
    """
    found = list(Adoption.objects.raw(_LISTS, [host.pk]))
    one: Any
    for one in found:
        known = (one.case_id, one.case_public_id, one.case_title)
        one.case = Case.from_db(one._state.db, ("id", "public_id", "title"), known)
    steps = AdoptedStep.objects.select_related("material").order_by("position")
    prefetch_related_objects(found, Prefetch("steps", queryset=steps))
    return found


_LISTS = """
SELECT a.*, c.public_id AS case_public_id, c.title AS case_title
  FROM learning_adoption a JOIN learning_case c ON c.id = a.case_id
 WHERE a.host_id = %s AND a.finished_at IS NULL AND a.dropped_at IS NULL
 ORDER BY a.started_at DESC
"""


@dataclass(frozen=True, slots=True)
class Month:
    """Where one month's case stands; `case` is the live one, else the furthest draft, else None."""

    month: date
    case: Case | None
    state: State | None
    is_this_month: bool
    is_overdue: bool
    missing: list[str]

    @property
    def is_out(self) -> bool:
        return self.case is not None and self.case.live

    @property
    def needs_work(self) -> bool:
        return self.is_overdue or not self.case


def glance(now: datetime) -> list[Month]:
    """This month's case and the next one's, as HQ's home shows them."""
    found = []
    today = clock.day_of(now)
    for month in months_around(now):
        rows = list(with_state(Case.objects.filter(month=month)))
        rows.sort(
            key=lambda row: (
                not row.live,
                row.state not in {State.SCHEDULED, State.LATE},
                row.state != State.REVIEW,
                row.pk,
            )
        )
        case = rows[0] if rows else None
        draft = case.get_latest_revision_as_object() if case and not case.live else case
        found.append(
            Month(
                month=month,
                case=draft,
                state=State(rows[0].state) if rows else None,
                is_this_month=month <= today,
                is_overdue=not (case and case.live) and today >= month + DUE,
                missing=[] if draft is None or case is None or case.live else draft.problems(now),
            )
        )
    return found
