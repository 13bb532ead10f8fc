"""A message that certainly was not delivered is queued anew: made again from its intention.

Never one that may have arrived, that is too old, or whose words are forgotten.
"""

from datetime import datetime

from apps.outbox import doorbell
from apps.outbox.models import Delivery

PERMISSION = "outbox.change_delivery"
_FAILED = {Delivery.State.REFUSED, Delivery.State.DEAD}


def why_not(delivery: Delivery, now: datetime) -> str:
    """Why it must not be sent again, in words; empty when it may."""
    if delivery.state not in _FAILED:
        return f"现在是「{delivery.get_state_display()}」，不用重发"
    if delivery.call is not None and delivery.call.unknown_since is not None:
        return "可能已经发到了，重发会收到两次"
    if delivery.deadline_at is not None and delivery.deadline_at <= now:
        return "已经过了时限"
    return "" if delivery.letter.body else "内容过期删除了"


def send(delivery: Delivery, *, now: datetime) -> None:
    """Queue it anew; the row is held by who calls, who has asked `why_not`."""
    delivery.state, delivery.call, delivery.failures = Delivery.State.NEW, None, 0
    delivery.errcode, delivery.outcome, delivery.not_before = "", "", now
    fields = ["state", "call", "failures", "errcode", "outcome", "not_before"]
    delivery.save(update_fields=fields)
    doorbell.ring(doorbell.RUN_JOBS)
