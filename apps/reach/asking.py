"""Asking a person whether she wants offers, and her answer: the way from no consent to consent.

What counts as hers: a private link that her host sends in the chat where they know each other, opened on a
phone where nobody of the platform is signed in; a code read out on her own phone; or her host's word that the
tick on an order was hers. Being a WeCom friend is none (docs/privacy.md).
"""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Least, Now

from apps.accounts.models import User
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.database import crypto, db_role
from apps.lib.ids import private_token
from apps.reach import gate, touches
from apps.reach.models import Asking, Purpose, Reason, Way
from apps.reach.notices import MARKETING
from apps.records.models import Consent, Notice
from apps.records.services import consents
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

CHANNEL = "offer-link"


class NotNowError(Exception):
    """She is not to be asked at the moment, or has nothing to answer."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason.label))
        self.reason = reason


class NotSeenError(Exception):
    """What she would agree to is not what stood on her page."""


def refusal(relation: Relation, *, now: datetime) -> Reason | None:
    """Why this person gets no offers, None when she agreed to them; for her host's page."""
    decision = gate.may_reach([relation.pk], Purpose.OFFERS, Way.LINK, now=now)
    return decision.reasons.get(relation.pk)


def may_ask(relation: Relation, *, now: datetime) -> Reason | None:
    """Why she is not to be asked now; None when she may be."""
    decision = gate.may_reach([relation.pk], Purpose.ASKING, Way.LINK, now=now)
    return decision.reasons.get(relation.pk)


@transaction.atomic
def ask(relation: Relation, *, by: User, now: datetime) -> str:
    """The secret of a private link on which she answers; her earlier unanswered ones end. NotNowError."""
    Relation.objects.select_for_update(no_key=True).get(pk=relation.pk)
    decision = gate.may_reach([relation.pk], Purpose.ASKING, Way.LINK, now=now)
    reason = decision.reasons.get(relation.pk)
    if reason is not None and reason != Reason.ASKED_LATELY:
        raise NotNowError(reason)
    Asking.objects.filter(relation=relation, answer="", open_until__gt=now).update(open_until=now)
    customers.take_on(relation, now=now)
    secret = private_token()
    made = Asking.objects.create(
        relation=relation,
        asked_by=by,
        asked_at=now,
        digest=crypto.digest(secret),
        open_until=now + gate.ANSWER_WITHIN,
    )
    if reason is None:
        touches.note(decision, cause="asking", cause_id=made.pk)
    tracking.record(
        Fact.CONSENT_ASKED,
        at=now,
        host_id=relation.host_id,
        relation_id=relation.pk,
        actor_id=by.pk,
        subject_kind=Subject.RELATION,
        subject_id=relation.pk,
    )
    return secret


@db_role.as_worker()
def behind(secret: str) -> Asking | None:
    """What this private link asks; the yes it brought can be taken back by it as long as she is known."""
    if not secret or len(secret) > 64:
        return None
    found = Asking.objects.select_related("relation__host__organisation")
    return found.filter(digest=crypto.digest(secret), relation__blocked_at=None).first()


def notice(*, now: datetime) -> Notice:
    return consents.notice_for(Notice.Purpose.MARKETING, MARKETING, now=now)


def recipient_of(relation: Relation) -> str:
    return f"{relation.host.name}、{relation.host.organisation.get_root().name}"[:80]


def mark_of(relation: Relation, *, now: datetime) -> str:
    """What her page says: the notice, and who would write to her."""
    return consents.mark_of(notice(now=now), recipient=recipient_of(relation))


@db_role.as_worker()
@transaction.atomic
def answer(asking: Asking, *, is_yes: bool, evidence: dict[str, str], now: datetime, seen: str = "") -> None:
    """Her answer; a no takes back whatever she had agreed to. The same again changes nothing.

    A yes is to exactly what she saw (`seen`: its mark). NotSeenError when that has changed, or when she was
    handed over or the question ended meanwhile.
    """
    rows = Asking.objects.select_for_update(of=("self",)).select_related("relation__host__organisation")
    asking, shown = rows.get(pk=asking.pk), asking
    host_id = asking.relation.host_id
    agreed = consents.is_agreed(asking.relation_id, Notice.Purpose.MARKETING, host_id=host_id)
    if is_yes and not agreed:
        is_open = now < asking.open_until and host_id == shown.relation.host_id
        if not is_open or not asking.relation.host.is_active or seen != mark_of(asking.relation, now=now):
            raise NotSeenError
        consents.give_consent(
            notice=notice(now=now),
            recipient=recipient_of(asking.relation),
            host_id=host_id,
            channel=CHANNEL,
            proof=Consent.Proof.LINK,
            relation_id=asking.relation_id,
            evidence=evidence,
            now=now,
        )
    elif not is_yes:
        consents.withdraw_purpose([asking.relation_id], Notice.Purpose.MARKETING, now=now)
    asking.answer = Asking.Answer.YES if is_yes else Asking.Answer.NO
    asking.answered_at = now
    asking.save(update_fields=["answer", "answered_at"])


def askings_end(relation_ids: list[int], host_id: int) -> None:
    """A yes to the host before is none to the one who takes over; a no is taken by the old links for ever."""
    Asking.objects.filter(relation__in=relation_ids).update(open_until=Least("open_until", Now()))


@transaction.atomic
def confirm_by_host(relation: Relation, *, by: User, now: datetime) -> None:
    """Her host knows that it was she who ticked it on the order. NotNowError when nothing waits for that."""
    reason = refusal(relation, now=now)
    if reason != Reason.CLAIM:
        raise NotNowError(reason or Reason.ASKED_LATELY)
    customers.take_on(relation, now=now)
    consents.confirm(
        [relation.pk],
        Notice.Purpose.MARKETING,
        host_id=relation.host_id,
        proof=Consent.Proof.HOST,
        by=by,
        now=now,
    )
