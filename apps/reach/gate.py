"""The one gate to a person: whether she may be contacted, for what, by which way, now.

Whatever contacts a consumer takes an `Allowed`, and only this module makes one. It is asked for where a
contact is prepared, and again at the moment of sending: an `Allowed` is good for minutes (docs/privacy.md).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone

from apps.customers.models import Relation, RelationQuerySet
from apps.lib.clock import SHANGHAI
from apps.reach.models import Asking, Purpose, Reason, Way
from apps.records.models import Consent, Notice

#: Longer than the longest call with its uploads, and too short to keep one in a drawer.
GOOD_FOR = timedelta(minutes=10)
#: Who said no, or has a link she has not answered, is left in peace for so long.
NOT_AGAIN_FOR = timedelta(days=90)
ANSWER_WITHIN = timedelta(days=7)


class NotAllowedError(Exception):
    """Something would contact a person without the gate's word for it."""


@dataclass(frozen=True)
class _Rule:
    """What one purpose asks for."""

    #: The notice to which she must have agreed; None: none is needed.
    consent: str | None = None
    #: The platform sends it by itself only in waking hours.
    heeds_quiet_hours: bool = False


RULES: Mapping[Purpose, _Rule] = {
    Purpose.OFFERS: _Rule(consent=Notice.Purpose.MARKETING, heeds_quiet_hours=True),
    Purpose.GREETING: _Rule(),
    Purpose.ORDER: _Rule(),
    Purpose.HAND_OVER: _Rule(),
    Purpose.STORY: _Rule(),
    Purpose.ASKING: _Rule(),
}
#: Ways that reach WeCom friends alone; of them, those that the platform takes without a host's tap.
AMONG_FRIENDS = frozenset({Way.MASS, Way.MOMENT, Way.WELCOME})
BY_ITSELF = frozenset({Way.WELCOME})

_MINT = object()


@dataclass(frozen=True)
class Allowed:
    """The gate's word that these people may be contacted. Nobody else can make one."""

    relation_ids: frozenset[int]
    purpose: Purpose
    way: Way
    at: datetime
    mint: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.mint is not _MINT:
            raise NotAllowedError("only the gate says who may be contacted")


@dataclass(frozen=True)
class Decision:
    """Who may be contacted, and for everybody else why not."""

    allowed: Allowed
    reasons: Mapping[int, Reason]

    @property
    def total(self) -> int:
        return len(self.allowed.relation_ids) + len(self.reasons)

    def counts(self) -> list[tuple[Reason, int]]:
        """How many stay out for which reason, most first."""
        return Counter(self.reasons.values()).most_common()


def may_reach(
    relations: RelationQuerySet | Iterable[int], purpose: Purpose, way: Way, *, now: datetime
) -> Decision:
    """Decide for all of `relations` (a query, or ids) by the same few queries, however many they are."""
    rows = relations if isinstance(relations, RelationQuerySet) else Relation.objects.filter(pk__in=relations)
    reasons: dict[int, Reason] = {}
    ids: dict[int, int] = {}
    friends = way in AMONG_FRIENDS
    quiet = RULES[purpose].heeds_quiet_hours and way in BY_ITSELF and is_quiet(now)
    columns = ("pk", "blocked_at", "ended_at", "external_index", "of_other_company", "host_id")
    for pk, blocked_at, ended_at, external, other, host_id in rows.order_by().values_list(*columns):
        if blocked_at is not None:
            reasons[pk] = Reason.ERASED
        elif friends and ended_at is not None:
            reasons[pk] = Reason.ENDED
        elif friends and external is None:
            reasons[pk] = Reason.NOT_FRIEND
        elif friends and other and purpose == Purpose.OFFERS:
            reasons[pk] = Reason.OTHER_COMPANY
        else:
            ids[pk] = host_id
    if RULES[purpose].consent is not None:
        reasons |= _without_consent(ids, str(RULES[purpose].consent))
    if purpose == Purpose.ASKING:
        reasons |= _not_to_be_asked(list(ids), now)
    if quiet:
        reasons |= {pk: Reason.QUIET for pk in ids if pk not in reasons}
    passed = frozenset(pk for pk in ids if pk not in reasons)
    return Decision(Allowed(passed, purpose, way, now, _MINT), reasons)


def _without_consent(hosts: Mapping[int, int], purpose: str) -> dict[int, Reason]:
    """Of these relations with their hosts those who have not agreed, and how that came.

    A tick nobody has confirmed is no consent yet, and a yes to the host before is none to the present one.
    Taking back, and a no, hold whoever serves her.
    """
    proved = Q(confirmed_at__isnull=False)
    asked = Consent.objects.filter(
        relation_id__in=list(hosts), notice__purpose=purpose, basis=Consent.Basis.CONSENT
    ).values("relation_id", "host_id")
    states = asked.annotate(
        given=Count("pk", filter=proved & Q(withdrawn_at=None)),
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        claimed=Count("pk", filter=~proved & Q(withdrawn_at=None)),
    )
    given, claimed, withdrawn, to_another = set(), set(), set(), set()
    for row in states:
        pk = row["relation_id"]
        assert pk is not None  # asked by relation
        if row["withdrawn"]:
            withdrawn.add(pk)
        if row["host_id"] not in (None, hosts[pk]):
            # A tick for another that nobody confirmed says nothing to this one.
            to_another |= {pk} if row["given"] else set()
            continue
        given |= {pk} if row["given"] else set()
        claimed |= {pk} if row["claimed"] else set()
    declined = set(
        Asking.objects.filter(relation__in=list(hosts), answer=Asking.Answer.NO).values_list(
            "relation", flat=True
        )
    )
    reasons = {}
    for pk in hosts:
        if pk in given:
            continue
        if pk in withdrawn:
            reasons[pk] = Reason.WITHDRAWN
        elif pk in declined:
            reasons[pk] = Reason.DECLINED
        elif pk in claimed:
            reasons[pk] = Reason.CLAIM
        elif pk in to_another:
            reasons[pk] = Reason.TO_ANOTHER
        else:
            reasons[pk] = Reason.NEVER_ASKED
    return reasons


def _not_to_be_asked(ids: list[int], now: datetime) -> dict[int, Reason]:
    """Who has said no lately, in whatever form, or has a fresh link in her chat, is not asked again."""
    reasons: dict[int, Reason] = {}
    no = Asking.Answer.NO
    askings = (
        Asking.objects.filter(relation__in=ids)
        .values("relation")
        .annotate(
            asked=Max("asked_at", filter=Q(answer="", open_until__gt=now)),
            declined=Max("answered_at", filter=Q(answer=no)),
        )
    )
    for row in askings:
        if row["declined"] and row["declined"] > now - NOT_AGAIN_FOR:
            reasons[row["relation"]] = Reason.DECLINED
        elif row["asked"]:
            reasons[row["relation"]] = Reason.ASKED_LATELY
    withdrawn = Consent.objects.filter(
        relation_id__in=ids,
        notice__purpose=Notice.Purpose.MARKETING,
        basis=Consent.Basis.CONSENT,
        withdrawn_at__gt=now - NOT_AGAIN_FOR,
    )
    return reasons | dict.fromkeys(
        (pk for pk in withdrawn.values_list("relation_id", flat=True) if pk is not None), Reason.WITHDRAWN
    )


def may_greet(host_id: int, external_index: bytes, *, now: datetime) -> Decision:
    """The greeting to who has just added a host: hers to receive by her own act, known or not."""
    known = Relation.objects.filter(host=host_id, external_index=external_index)
    # Added again: that the friendship had ended before does not count.
    ids = list(known.filter(blocked_at=None).values_list("pk", flat=True))
    blocked = known.filter(blocked_at__isnull=False).values_list("pk", flat=True)
    allowed = Allowed(frozenset(ids), Purpose.GREETING, Way.WELCOME, now, _MINT)
    return Decision(allowed, dict.fromkeys(blocked, Reason.ERASED))


def may_post_to_groups(*, now: datetime) -> Decision:
    """A message into customer groups: for whoever chose to be in one, and none can be left out of it."""
    return Decision(Allowed(frozenset(), Purpose.OFFERS, Way.GROUP, now, _MINT), {})


def demand(allowed: Allowed, *ways: Way) -> None:
    """Refuse to contact anybody without the gate's fresh word for this way. NotAllowedError."""
    if not isinstance(allowed, Allowed):
        raise NotAllowedError("nobody asked the gate")
    if allowed.way not in ways:
        raise NotAllowedError(f"allowed by {allowed.way}, not by {' or '.join(ways)}")
    if timezone.now() - allowed.at > GOOD_FOR:
        raise NotAllowedError("the gate was asked too long ago")


def is_quiet(now: datetime) -> bool:
    """Whether consumers sleep: `settings.REACH_QUIET_HOURS`, Shanghai's clock, over midnight or not."""
    start, end = settings.REACH_QUIET_HOURS
    clock = now.astimezone(SHANGHAI).time()
    return start <= clock < end if start <= end else clock >= start or clock < end
