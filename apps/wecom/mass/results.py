"""Asking WeCom what became of mass messages and moments: whether she confirmed, and whom it reached."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from apps.customers.services import external_index
from apps.outbox.models import Delivery
from apps.outbox.registry import JobKind, LaterError, Period
from apps.reach import touches
from apps.reach.models import Purpose, Touch, Way
from apps.wecom.client import contact_client
from apps.wecom.errors import BadRequestError, WecomError
from apps.wecom.mass import sends
from apps.wecom.mass.sender import end
from apps.wecom.mass.sends import CAUSE, RESULTS
from apps.wecom.models import MassSend, MassSendRecipient
from apps.wecom.services import contacts

logger = logging.getLogger(__name__)

_AT_ONCE = 500
#: What she has not confirmed by then she will not.
_GIVEN_UP_AFTER = timedelta(days=7)
#: WeCom still adds results for a while after she pressed send.
_SETTLED_AFTER = timedelta(hours=1)
_ENDS = {
    1: MassSendRecipient.State.SENT,
    2: MassSendRecipient.State.GONE,
    3: MassSendRecipient.State.FULL,
}


def follow_up(*, now: datetime, only: int | None = None) -> str:
    """Look after what is open and due (or `only` one). WecomError when nothing can be asked at all."""
    open_ = MassSend.objects.filter(finished_at=None).select_related("host")
    due = open_.filter(pk=only) if only else open_.filter(look_at__lte=now)
    looked = 0
    for send in due.order_by("look_at")[:_AT_ONCE]:
        MassSend.objects.filter(pk=send.pk).update(look_at=now + _pause(send, now))
        try:
            _look_at(send, now)
        except BadRequestError as error:
            end(send, MassSend.State.REFUSED, note="这条在企业微信里被停止或删除了", now=now)
            logger.info("mass send %s: %s", send.pk, error.code)
        looked += 1
    return f"看了 {looked} 条群发"


def _pause(send: MassSend, now: datetime) -> timedelta:
    """Often while she is likely to confirm, seldom later."""
    age = now - send.created_at
    if age < timedelta(hours=2):
        return timedelta(minutes=8)
    return timedelta(hours=1) if age < timedelta(days=2) else timedelta(hours=12)


def _look_at(send: MassSend, now: datetime) -> None:
    if send.state == MassSend.State.QUEUED:
        _look_at_delivery(send, now)
    elif not send.host.wecom_userid:
        end(send, MassSend.State.EXPIRED, note="你的企业微信已经解绑，看不到结果了", now=now)
    elif send.is_moment:
        _look_at_moment(send, send.host.wecom_userid, now)
    else:
        _look_at_message(send, send.host.wecom_userid, now)


def _look_at_delivery(send: MassSend, now: datetime) -> None:
    """It never got as far as WeCom: say so, with the outbox's reason."""
    delivery = Delivery.objects.filter(key=send.delivery_key).first()
    if delivery is None or delivery.state in (*Delivery.OPEN, Delivery.State.SENT):
        return
    end(send, MassSend.State.REFUSED, note=delivery.outcome or "没能排上，再试一次", now=now)


def _look_at_message(send: MassSend, userid: str, now: datetime) -> None:
    mass = contact_client().mass
    confirmed, at = mass.confirmed_at(msgid=send.msgid, userid=userid)
    if not confirmed:
        _give_up_on(send, now)
        return
    counts: Counter[str] = Counter()
    by_state: dict[str, list[bytes]] = {}
    for outcome in mass.outcomes(msgid=send.msgid, userid=userid):
        if (state := _ENDS.get(outcome.status)) is None:
            continue
        counts[state] += 1
        if outcome.external_userid:
            by_state.setdefault(state, []).append(external_index(send.host_id, outcome.external_userid))
    for name, indexes in by_state.items():
        found = send.recipients.filter(relation__external_index__in=indexes)
        ids = list(found.values_list("relation", flat=True))
        found.update(state=name, sent_at=at or now)
        touches.settle(
            ids,
            state=Touch.State.SENT if name == MassSendRecipient.State.SENT else Touch.State.MISSED,
            purpose=Purpose.OFFERS,
            way=Way.MASS,
            cause=CAUSE,
            cause_id=send.pk,
            at=at or now,
        )
    refused = send.recipients.filter(state__in=MassSendRecipient.NEVER_LEFT).count()
    is_over = now >= (at or now) + _SETTLED_AFTER or (
        send.chosen is not None and not send.recipients.filter(state=MassSendRecipient.State.WAITING).exists()
    )
    MassSend.objects.filter(pk=send.pk).update(
        state=MassSend.State.SENT,
        confirmed_at=at or send.confirmed_at or now,
        reached=counts[MassSendRecipient.State.SENT],
        missed=counts[MassSendRecipient.State.GONE] + counts[MassSendRecipient.State.FULL] + refused,
        finished_at=now if is_over else None,
    )


def _look_at_moment(send: MassSend, userid: str, now: datetime) -> None:
    moments = contact_client().moments
    if not send.moment_id:
        made = moments.made(send.jobid, userid=userid)
        if made is None:
            return
        send.moment_id, may = made
        if not may:
            end(send, MassSend.State.REFUSED, note="企业微信不让你发客户朋友圈，请管理员检查权限", now=now)
            return
        MassSend.objects.filter(pk=send.pk).update(moment_id=send.moment_id)
    if not moments.is_published(moment_id=send.moment_id, userid=userid):
        _give_up_on(send, now)
        return
    confirmed_at = send.confirmed_at or now
    MassSend.objects.filter(pk=send.pk).update(
        state=MassSend.State.SENT,
        confirmed_at=confirmed_at,
        reached=moments.viewers(moment_id=send.moment_id, userid=userid),
        finished_at=now if now >= confirmed_at + _SETTLED_AFTER else None,
    )


def _give_up_on(send: MassSend, now: datetime) -> None:
    """She has not confirmed: whoever is out may not any more, and after a week nobody does."""
    if not send.host.is_active:
        # It was under way to WeCom while she was suspended.
        sends.stop(send)
    if send.taken_at and now >= send.taken_at + _GIVEN_UP_AFTER:
        end(send, MassSend.State.EXPIRED, note="排好七天没有确认，不再等了", now=now)


def _run(payload: dict[str, Any], now: datetime) -> str:
    try:
        return follow_up(now=now, only=payload.get("send"))
    except WecomError as error:
        raised = contacts.later(error)
        if isinstance(raised, LaterError):
            raise raised from None
        raise


JOB = JobKind(RESULTS, _run, period=Period.TEN_MINUTES)
