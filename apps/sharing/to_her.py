"""Sharing with one customer by name: the gate is asked, the words call her as her host does."""

from datetime import datetime

from django.db import connection, transaction

from apps.accounts.models import User
from apps.customers import services as customers
from apps.customers.calling import greeted
from apps.customers.models import Relation
from apps.lib import clock
from apps.reach import gate, touches
from apps.reach.gate import Decision
from apps.reach.models import Purpose, Reason, Way
from apps.sharing import services
from apps.sharing.services import Shared
from apps.sharing.subjects import Shareable
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Channel, Event

#: By which the touches are found; the number beside it is the link's.
CAUSE = "share"


class HeldError(Exception):
    """The gate holds it back; `reason` completes 「她……」."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason.label))
        self.reason = reason


def may_send(relations: list[Relation], now: datetime) -> Decision:
    """Who of them may be sent what is new or on offer, and for the others why not."""
    return gate.may_reach([one.pk for one in relations], Purpose.OFFERS, Way.LINK, now=now)


def words_for(relation: Relation, subject: Shareable, now: datetime, *, text: str = "") -> Shared:
    """What she would be sent, beginning with what she is called; nothing is written but the link.

    Raises NotNowError and NoSuchWayError.
    """
    plain = services.prepare(relation.host, subject, Channel.SINGLE, now, text=text)
    return Shared(plain.channel, plain.title, greeted(relation, plain.text), plain.link, plain.poster)


@transaction.atomic
def note_sent(relation: Relation, subject: Shareable, *, by: User, now: datetime) -> Event | None:
    """Write down that she was sent it, and with what leave; None when that stands for this day already.

    HeldError when she may not be sent it now; raises NotNowError and NoSuchWayError.
    """
    decision = may_send([relation], now)
    if (reason := decision.reasons.get(relation.pk)) is not None:
        raise HeldError(reason)
    shared = words_for(relation, subject, now)
    with connection.cursor() as cursor:  # two taps at once are one
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 18))", [f"sent:{relation.pk}"])
    start, end = clock.day_range(clock.day_of(now))
    fact = Fact.sent(subject.kind)
    known = Event.objects.filter(
        relation_id=relation.pk, name=fact, subject_id=subject.id, occurred_at__gte=start, occurred_at__lt=end
    )
    if known.exists():
        return None
    services.note_share(relation.host, subject, Channel.SINGLE, shared.link, now)
    event = tracking.record(
        fact,
        at=now,
        host_id=relation.host_id,
        relation_id=relation.pk,
        actor_id=by.pk,
        link_id=shared.link.pk if shared.link is not None else None,
        subject_kind=subject.kind,
        subject_id=subject.id,
    )
    touches.note(decision, cause=CAUSE, cause_id=None)
    customers.talked_to(relation, now=now)
    return event
