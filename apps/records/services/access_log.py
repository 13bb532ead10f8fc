"""Looks at personal data: written down, counted, and for some people limited."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from apps.accounts import access as accounts
from apps.accounts.models import User
from apps.lib import clock
from apps.records.models import AccessLog, Alert
from apps.records.signals import revealed

#: A host who reveals more of her own customers' phones in 24 hours raises an alert; she is not stopped.
REVEALS_A_DAY = 50
#: What a host's own reading is called, and for how long one line of it stands when there is no session.
OWN_READING = "客户资料"
_READING_LIFE = timedelta(hours=12)
_WINDOW = timedelta(days=1)
_DIGITS = re.compile(r"\d{7,}")
MIN_REASON = 4
MAX_REASON = 100


class QuotaSpentError(Exception):
    """This person has revealed as many customers as the role may in 24 hours; `quota` says how many."""

    def __init__(self, quota: int) -> None:
        super().__init__(quota)
        self.quota = quota

    @property
    def sentence(self) -> str:
        if not self.quota:
            return "你的角色只看打码的信息，不能显示完整内容，也不能按手机号找人。"
        return (
            f"24 小时里最多显示 {self.quota} 次完整信息（按手机号找人也算），"
            "你已经用完了：请明天再来，或请同事帮忙。"
        )


class ReasonError(ValueError):
    """The reason says nothing, or says something that must not stand in a log. The message is for people."""


def record_access(
    *,
    actor: User,
    action: str,
    fields: str,
    at: datetime,
    host_id: int | None = None,
    relation_id: int | None = None,
    is_hq: bool,
    purpose: str = "",
    count: int = 1,
    request_id: str = "",
) -> AccessLog:
    """Write one look; `fields` names what was shown, never the values."""
    entry = AccessLog.objects.create(
        actor_id=actor.pk,
        actor_name=actor.name,
        host_id=host_id,
        relation_id=relation_id,
        is_hq=is_hq,
        action=action,
        fields=fields,
        purpose=purpose,
        count=count,
        request_id=request_id,
        at=at,
    )
    if action == AccessLog.Action.REVEAL:
        revealed.send(AccessLog, entry=entry)
    return entry


def reveals_since(actor: User, *, now: datetime, window: timedelta = _WINDOW) -> int:
    """Reveals, and searches by a whole number: each of them says whose a number is."""
    counted = (AccessLog.Action.REVEAL, AccessLog.Action.SEARCH)
    return AccessLog.objects.filter(actor_id=actor.pk, action__in=counted, at__gt=now - window).count()


@transaction.atomic
def reveal_own(
    actor: User, *, host_id: int, relation_id: int, fields: str, now: datetime, request_id: str = ""
) -> None:
    """A host makes a masked value of her own customer show, by page or API.

    Never refused, since they are her customers; beyond REVEALS_A_DAY HQ gets an alert for the day.
    """
    record_access(
        actor=actor,
        action=AccessLog.Action.REVEAL,
        fields=fields,
        at=now,
        host_id=host_id,
        relation_id=relation_id,
        is_hq=False,
        request_id=request_id,
    )
    count = reveals_since(actor, now=now)
    if count <= REVEALS_A_DAY:
        return
    Alert.objects.bulk_create(
        [
            Alert(
                kind=Alert.Kind.MANY_REVEALS,
                actor_id=actor.pk,
                actor_name=actor.name,
                host_id=host_id,
                day=clock.day_of(now),
                count=count,
                raised_at=now,
            )
        ],
        update_conflicts=True,
        unique_fields=["kind", "actor_id", "day"],
        update_fields=["count"],
    )


def quota_of(user: User) -> int:
    """How many customers this person may reveal in 24 hours: the most of any of the person's roles."""
    quotas: Mapping[str, int] = settings.REVEALS_A_DAY
    return max((quotas.get(name, 0) for name in accounts.role_names(user)), default=0)


def left_of_quota(user: User, *, now: datetime) -> int:
    return max(0, quota_of(user) - reveals_since(user, now=now))


@transaction.atomic
def reveal_at_hq(
    actor: User,
    *,
    of: Sequence[tuple[int, int | None]],
    fields: str,
    reason: str,
    now: datetime,
    request_id: str = "",
) -> None:
    """Someone at HQ makes masked values show, for a reason. ReasonError, QuotaSpentError.

    `of` are the (host, relation) whose values they are: a line for each, one line where nobody knows them.
    Without a relation it is the host's own number.
    Two requests at once can't share the last of the quota: they wait for each other here.
    """
    reason = sound_reason(reason)
    _spend(actor, now=now)
    lines: list[tuple[int | None, int | None]] = [*of] or [(None, None)]
    for host_id, relation_id in lines:
        record_access(
            actor=actor,
            action=AccessLog.Action.REVEAL,
            fields=fields,
            at=now,
            host_id=host_id,
            relation_id=relation_id,
            is_hq=True,
            purpose=reason,
            request_id=request_id,
        )


@transaction.atomic
def search_at_hq(actor: User, *, now: datetime, request_id: str = "") -> None:
    """Someone at HQ asks whose a phone number is; of the same quota as a reveal. QuotaSpentError."""
    _spend(actor, now=now)
    record_access(
        actor=actor,
        action=AccessLog.Action.SEARCH,
        fields="按完整手机号查找客户",
        at=now,
        is_hq=True,
        request_id=request_id,
    )


_QUOTA_LOCK = 0x52_45_56


def _spend(actor: User, *, now: datetime) -> None:
    """Hold the count of this person until the transaction ends. QuotaSpentError when it is full."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUOTA_LOCK, actor.pk % 2**31])
    quota = quota_of(actor)
    if reveals_since(actor, now=now) >= quota:
        raise QuotaSpentError(quota)


WHY_LOOK = "请写清楚为什么要看，至少 4 个字，比如“客户来电查物流”。大C看得到这句话。"


def sound_reason(text: str, *, wanted: str = WHY_LOOK) -> str:
    """A reason fit for the log: words enough to mean something, and no telephone number. ReasonError.

    `wanted` is said to who wrote less.
    """
    reason = " ".join(text.split())
    if len(reason) < MIN_REASON:
        raise ReasonError(wanted)
    if len(reason) > MAX_REASON:
        raise ReasonError(f"原因最多 {MAX_REASON} 个字，现在有 {len(reason)} 个。")
    if _DIGITS.search(reason):
        raise ReasonError("原因里请不要写电话、证件号这类号码：这句话会长期保存。")
    return reason


def note_view(actor: User, *, host_id: int, now: datetime, request_id: str = "") -> None:
    """A host read her customers through the API, which has no session: one line in twelve hours."""
    known = AccessLog.objects.filter(
        actor_id=actor.pk,
        action=AccessLog.Action.VIEW,
        is_hq=False,
        fields=f"{OWN_READING}（接口）",
        at__gt=now - _READING_LIFE,
    )
    if not known.exists():
        record_access(
            actor=actor,
            action=AccessLog.Action.VIEW,
            fields=f"{OWN_READING}（接口）",
            at=now,
            host_id=host_id,
            is_hq=False,
            request_id=request_id,
        )
