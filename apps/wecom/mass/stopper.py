"""How WeCom is asked to call off a mass message or moment that its host may not send any more."""

import json
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.outbox.registry import Addressee, Built, Outgoing, Result, Sender, Verdict
from apps.wecom import endpoints, errors
from apps.wecom.client import contact_client
from apps.wecom.errors import WecomError
from apps.wecom.mass import sends
from apps.wecom.mass.sender import end
from apps.wecom.mass.sends import STOP
from apps.wecom.models import MassSend
from apps.wecom.senders import rests, verdict_of

#: What is added when a customer went: the rest of them still get it.
_ANEW = "，另排了一条不含她的，请发新的那条"
_SENT_BEFORE = "撤下以前她已经发出了"
#: WeCom is still making the moment.
_LOOKS_APART = timedelta(seconds=30)


def _build(body: str, host_ids: list[int]) -> Built:
    return Built(body)


def _carry(outgoing: Outgoing) -> Result:
    asked = json.loads(outgoing.request)
    send, why = MassSend.objects.select_related("host").get(pk=asked["send"]), asked["why"]
    if send.state != MassSend.State.WAITING or send.confirmed_at is not None:
        return Result(Verdict.SENT, note="没有可以撤的了")
    note = f"{why}，企业微信里还没发的这一条已经撤下"
    try:
        if (result := _stop(send, send.host.wecom_userid or "")) is not None:
            return result
    except WecomError as error:
        if error.errcode != errors.STOPPED_ALREADY:
            result = verdict_of(error)
            if result.verdict is not Verdict.REFUSED:
                return result
            note = f"{why}，企业微信没有撤下这一条，请不要发：{result.note or result.errcode}"
    now = timezone.now()
    with transaction.atomic():
        if asked.get("again") and sends.again(send, now=now):
            note += _ANEW
        end(send, MassSend.State.EXPIRED, note=note, now=now)
    return Result(Verdict.SENT)


def _stop(send: MassSend, userid: str) -> Result | None:
    """Call it off, unless she has sent it already (then its results count) or it is still being made."""
    mass, moments = contact_client().mass, contact_client().moments
    if not send.is_moment:
        if mass.confirmed_at(msgid=send.msgid, userid=userid)[0]:
            return Result(Verdict.SENT, note=_SENT_BEFORE)
        mass.stop(send.msgid)
        return None
    made = moments.made(send.jobid, userid=userid)
    if made is None:
        return Result(Verdict.LATER, note="企业微信还在备这条朋友圈", wait=_LOOKS_APART)
    if moments.is_published(moment_id=made[0], userid=userid):
        return Result(Verdict.SENT, note=_SENT_BEFORE)
    moments.stop(made[0])
    return None


SENDER = Sender(
    kind=STOP,
    addresses=Addressee.NOBODY,
    idempotency=endpoints.STOP_MASS.idempotency,
    build=_build,
    send=_carry,
    lease=timedelta(seconds=45),
    is_paused=lambda: rests(endpoints.STOP_MASS.path),
)
