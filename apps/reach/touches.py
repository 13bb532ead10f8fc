"""Writing down each contact: what the gate said, and what came of it."""

from collections.abc import Iterable
from datetime import datetime

from apps.reach.gate import Decision
from apps.reach.models import Purpose, Touch, Way

_AT_ONCE = 2_000


def note(decision: Decision, *, cause: str, cause_id: int | None) -> None:
    """What the gate decided of one cause, each answer once: a repeated call adds nothing new."""
    allowed = decision.allowed
    wanted = dict.fromkeys(allowed.relation_ids, (Touch.State.ALLOWED, ""))
    wanted |= {pk: (Touch.State.HELD, str(reason)) for pk, reason in decision.reasons.items()}
    known = Touch.objects.filter(cause=cause, cause_id=cause_id, relation__in=wanted)
    said = set(known.values_list("relation", "state", "reason")) if cause_id is not None else set()
    Touch.objects.bulk_create(
        (
            Touch(
                relation_id=pk,
                purpose=allowed.purpose,
                way=allowed.way,
                state=state,
                reason=reason,
                cause=cause,
                cause_id=cause_id,
                at=allowed.at,
            )
            for pk, (state, reason) in sorted(wanted.items())
            if (pk, state, reason) not in said
        ),
        batch_size=_AT_ONCE,
    )


def settle(
    relation_ids: Iterable[int],
    *,
    state: str,
    purpose: Purpose,
    way: Way,
    cause: str,
    cause_id: int,
    at: datetime,
) -> None:
    """What came of it, by the other side's own word; once for each."""
    wanted = set(relation_ids)
    known = Touch.objects.filter(cause=cause, cause_id=cause_id, state=state, relation__in=wanted)
    wanted -= set(known.values_list("relation", flat=True))
    Touch.objects.bulk_create(
        (
            Touch(
                relation_id=pk, purpose=purpose, way=way, state=state, cause=cause, cause_id=cause_id, at=at
            )
            for pk in sorted(wanted)
        ),
        batch_size=_AT_ONCE,
    )
