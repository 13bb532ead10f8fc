"""该帮谁 as a list that people work through: who needs a call, who is on it, when she is called next."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from apps.accounts.models import Host, HostPhone
from apps.insights.models import HostCall
from apps.insights.selectors.calls import NEWCOMERS, REASONS, Need, needs
from apps.lib import clock

_LAST = 10**6
#: What the list can be narrowed to.
SHOWS = {
    "today": "今天该打",
    "newcomers": "新来的",
    "later": "约好以后的",
    "others": "同事在跟的",
}


def worklist(rows: "QuerySet[Host]", found: list[Need], now: datetime) -> "QuerySet[Host]":
    """Hosts of `rows` who need something (`found`), with whom something was agreed, or whom somebody is on.

    Each has `need` (a reason, or nothing) and `place`, the order in which they are called.
    """
    ids = [one.host_id for one in found]
    reasons = {reason: [one.host_id for one in found if one.reason == reason] for reason in ALL_REASONS}
    today = clock.day_of(now)
    known: Any = rows.filter(
        Q(pk__in=ids) | Q(help__next_on__gt=today) | Q(help__held_until__gt=now), status=Host.Status.ACTIVE
    )
    return known.select_related("organisation", "user", "help__helper").annotate(
        need=Case(
            *(When(pk__in=those, then=Value(reason)) for reason, those in reasons.items() if those),
            default=Value(""),
            output_field=CharField(),
        ),
        place=Coalesce(
            RawSQL("array_position(%s::bigint[], accounts_host.id)", [ids], BigIntegerField()),
            Value(_LAST),
        ),
    )


#: Why, in words short enough for a filter.
ALL_REASONS = {
    "promised": "说好今天再看",
    "waiting": "订单没人确认",
    "falling": "成交下滑",
    "unsold": "有人看没人买",
    "absent": "好久没来",
    "unshared": "看了没转发",
    "unopened": "本期没打开",
    "uninvited": "新来：没有登录入口",
    "invited": "新来：没登录过",
    "settling": "新来：没转发过",
}
assert ALL_REASONS.keys() == REASONS.keys() | NEWCOMERS.keys()


def narrowed(rows: "QuerySet[Any]", show: str, *, viewer: Any, now: datetime) -> "QuerySet[Any]":
    """`rows` of a worklist, as SHOWS says for this person. Nobody is shown to two people at once."""
    is_later = Q(help__next_on__gt=clock.day_of(now))
    is_others = Q(help__held_until__gt=now) & ~Q(help__helper=viewer)
    mine = rows.exclude(is_later).exclude(is_others)
    match show:
        case "today":
            return mine.filter(need__in=list(REASONS))
        case "newcomers":
            return mine.filter(need__in=list(NEWCOMERS))
        case "later":
            return rows.filter(is_later)
        case "others":
            return rows.filter(is_others)
    return rows


def dressed(rows: Iterable[Any], now: datetime) -> None:
    """Give rows of the list what its columns read: `told`, `phone`, `last_call`, `is_wrong`."""
    kept = list(rows)
    ids = [row.pk for row in kept]
    told = {one.host_id: one for one in needs(now, hosts=Host.objects.filter(pk__in=ids))} if ids else {}
    phones = {one.host_id: one for one in HostPhone.objects.filter(host_id__in=ids)}
    calls = HostCall.objects.filter(host_id__in=ids).order_by("host_id", "-at", "-pk").distinct("host_id")
    last = {call.host_id: call for call in calls.select_related("by")}
    for row in kept:
        phone = phones.get(row.pk)
        row.told = told.get(row.pk)
        row.phone = phone.phone if phone else ""
        row.last_call = last.get(row.pk)
        row.is_wrong = is_wrong(phone, row.last_call)


def is_wrong(phone: HostPhone | None, last: HostCall | None) -> bool:
    """Whether the number is still the one that somebody found to be another's."""
    return (
        phone is not None
        and last is not None
        and last.outcome == HostCall.Outcome.WRONG_NUMBER
        and phone.changed_at < last.at
    )
