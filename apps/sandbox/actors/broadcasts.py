"""A member opens 群发助手 and presses send."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.sandbox.actors.errors import ActError
from apps.sandbox.models import (
    ConsumerLine,
    Follow,
    MassResult,
    MassTaskMember,
    Simulation,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
SENT, NO_FRIEND, OVER_LIMIT = 1, 2, 3


def confirms(simulation: Simulation, now: datetime, *, part: MassTaskMember) -> dict[str, int]:
    """Only this sends anything. How many were reached, were no friends any more, or had had enough."""
    task = part.task
    if task.cancelled_at:
        raise ActError("这条群发已被停止。")
    if now < task.dispatched_at:
        raise ActError("群发还在下发，请稍等几秒。")
    if part.status == 2:
        raise ActError("已经发送过了。")
    counts = {"sent": 0, "no_friend": 0, "over_limit": 0}
    for result in part.results.select_related("customer").order_by("pk"):
        result.status = outcome(simulation, now, part, result)
        result.sent_at = now
        result.save(update_fields=["status", "sent_at"])
        counts[{SENT: "sent", NO_FRIEND: "no_friend", OVER_LIMIT: "over_limit"}[result.status]] += 1
    part.status = 2
    part.sent_at = now
    part.save(update_fields=["status", "sent_at"])
    return counts


def outcome(simulation: Simulation, now: datetime, part: MassTaskMember, result: MassResult) -> int:
    if is_over_limit(simulation, now, result):
        return OVER_LIMIT
    if result.customer is None:
        return SENT
    follow = Follow.objects.filter(
        member=part.member, customer=result.customer, state=Follow.State.BOTH
    ).first()
    if follow is None:
        return NO_FRIEND
    ConsumerLine.objects.create(
        follow=follow,
        kind=ConsumerLine.Kind.MASS,
        text=part.task.text,
        attachments=part.task.attachments,
        at=now,
    )
    return SENT


def is_over_limit(simulation: Simulation, now: datetime, result: MassResult) -> bool:
    """A customer (or a group) receives only so many mass messages in a window, of all members together."""
    start, limit = window(simulation, now)
    received = MassResult.objects.filter(status=SENT, sent_at__gte=start)
    if result.customer:
        received = received.filter(customer=result.customer)
    else:
        received = received.filter(chat_id=result.chat_id)
    return received.count() >= limit


def window(simulation: Simulation, now: datetime) -> tuple[datetime, int]:
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    if simulation.mass_quota == Simulation.MassQuota.PER_DAY:
        return today, 1
    if simulation.mass_quota == Simulation.MassQuota.PER_WEEK:
        return today - timedelta(days=today.weekday()), 7
    return today.replace(day=1), calendar.monthrange(today.year, today.month)[1]
