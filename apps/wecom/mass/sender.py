"""How a mass message or moment is asked of WeCom: prepared once, whatever the line does (class C)."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.customers.models import Relation
from apps.customers.services import external_index
from apps.media.models import Image
from apps.outbox import registry
from apps.outbox.models import Delivery
from apps.outbox.registry import Built, Outgoing, Recall, Result, Verdict
from apps.reach import gate
from apps.reach.gate import Allowed, Decision
from apps.reach.models import Purpose, Way
from apps.reach.senders import ConsumerSender
from apps.tracking.models import Channel
from apps.wecom import endpoints, errors, offer_tag
from apps.wecom.client import contact_client
from apps.wecom.errors import UnknownOutcomeError, WecomError
from apps.wecom.mass import sends
from apps.wecom.mass.sends import CAUSE, MASS_SEND, MOST_ATTACHMENTS
from apps.wecom.mass.shown import shown_of
from apps.wecom.mass_calls import FILM, PICTURE
from apps.wecom.messages import DESCRIPTION_BYTES, TITLE_BYTES, shorten
from apps.wecom.models import MassSend, MassSendRecipient
from apps.wecom.senders import rests, verdict_of

#: JPEG, of a size that phones show well and WeCom takes.
_SPEC = "max-1080x8000|bgcolor-ffffff|format-jpeg|jpegquality-82"
#: WeCom's clock and ours may differ.
_CLOCKS_DIFFER = timedelta(minutes=5)
_LOOKS_APART = timedelta(seconds=60)
_NOBODY = "选中的客户现在都没有同意收到，没有发"
_NOT_AGAIN = "企业微信没有回应，可能已经排上。先到企业微信的群发助手里看看，没有再重新排一次。"


def marker_of(send: MassSend) -> str:
    """What tells this one from all others in WeCom's list: the end of its card's address."""
    return f"?t={send.public_id.hex[-16:]}"


def _build(body: str, host_ids: list[int]) -> Built:
    """The request, sealed like every one; files are uploaded, and parts named, when it is carried."""
    send = MassSend.objects.select_related("host", "link").get(pk=json.loads(body)["send"])
    host = send.host
    if not host.is_active or not host.wecom_userid:
        return _refused(send, "没有绑定企业微信" if host.is_active else "这位大C已停用")
    call: dict[str, Any] = {"text": {"content": send.text}} if send.text else {}
    if send.is_moment:
        call["visible_range"] = {"sender_list": {"user_list": [host.wecom_userid]}}
    else:
        call |= {"chat_type": str(send.channel), "sender": host.wecom_userid}
    if send.channel == Channel.SINGLE:
        # Whoever left her, asked to be erased or was handed over since is not written to.
        hers = Relation.objects.of(host).current().filter(pk__in=send.recipients.values("relation"))
        people = {one.external_userid: one.pk for one in hers if one.external_userid}
        if not people:
            return _refused(send, "选中的客户都已经不是你的企业微信好友")
    elif send.is_moment:
        hers = Relation.objects.of(host).current()
        people = {one.external_userid: one.pk for one in hers if one.external_userid}
    else:
        people = {}
    card = None
    if send.link is not None and not send.is_moment:
        seen = shown_of(send, now=timezone.now())
        card = {
            "title": shorten(seen.title if seen else send.title, TITLE_BYTES),
            "desc": shorten(seen.text if seen else f"{host.name}为你推荐", DESCRIPTION_BYTES),
            "url": f"{send.link.address}{marker_of(send)}",
        }
        if seen and seen.picture:
            card["picurl"] = seen.picture
    whole = {"send": send.pk, "call": call, "card": card, "people": people}
    return Built(json.dumps(whole, ensure_ascii=False, sort_keys=True))


def _refused(send: MassSend, reason: str) -> Built:
    end(send, MassSend.State.REFUSED, note=reason, now=timezone.now())
    return Built("", {send.host_id: reason})


def _ask(request: str, now: datetime) -> Decision:
    """Whom it may go to at this moment, whatever was right when it was queued."""
    asked = json.loads(request)
    send = MassSend.objects.get(pk=asked["send"])
    match send.channel:
        case Channel.GROUP:
            return gate.may_post_to_groups(now=now)
        case Channel.MOMENTS:
            hers = Relation.objects.filter(host=send.host_id, pk__in=asked["people"].values())
            decision = gate.may_reach(hers, Purpose.OFFERS, Way.MOMENT, now=now)
            # Nobody was chosen one by one: who is left out was not about to be contacted.
            return Decision(decision.allowed, {})
    hers = Relation.objects.filter(host=send.host_id, pk__in=asked["people"].values())
    return gate.may_reach(hers, Purpose.OFFERS, Way.MASS, now=now)


def _carry(outgoing: Outgoing, decision: Decision) -> Result:
    asked = json.loads(outgoing.request)
    send = MassSend.objects.select_related("host", "link", "poster", "film").get(pk=asked["send"])
    now = timezone.now()
    try:
        if outgoing.may_have_arrived and (result := _look(send, asked, now)) is not None:
            return result
        if outgoing.may_have_arrived and (reason := _no_longer_wanted(send, now)):
            end(send, MassSend.State.REFUSED, note=reason, now=now)
            return Result(Verdict.REFUSED, note=reason)
        allowed = decision.allowed
        call = asked["call"]
        if send.is_moment and (result := _show_to(call, allowed, asked["people"])) is not None:
            if result.verdict is Verdict.REFUSED:
                end(send, MassSend.State.REFUSED, note=result.note, now=now)
            return result
        if send.channel == Channel.SINGLE:
            held = send.recipients.exclude(relation__in=allowed.relation_ids)
            held.update(state=MassSendRecipient.State.HELD)
            call["external_userid"] = sorted(
                one for one, pk in asked["people"].items() if pk in allowed.relation_ids
            )
            if not call["external_userid"]:
                end(send, MassSend.State.REFUSED, note=_NOBODY, now=now)
                return Result(Verdict.REFUSED, note=_NOBODY)
        _renew_poster(send, now)
        call |= _attachments(send, asked["card"])
        if send.is_moment:
            taken(send, jobid=contact_client().moments.add(call, allowed=allowed), now=now)
        else:
            msgid, left_out = contact_client().mass.add(call, allowed=allowed)
            taken(send, msgid=msgid, left_out=left_out, now=now)
    except WecomError as error:
        result = verdict_of(error)
        if result.verdict is Verdict.REFUSED:
            note = errors.MASS_REFUSED.get(error.errcode or 0, result.note)
            end(send, MassSend.State.REFUSED, note=note, now=now)
        return result
    _leave_out_who_went_meanwhile(outgoing.request, allowed)
    return Result(Verdict.SENT)


def _leave_out_who_went_meanwhile(request: str, allowed: Allowed) -> None:
    """Who took her consent back, or was handed over, during the call found nothing yet to be called off."""
    with transaction.atomic():
        still = _ask(request, timezone.now()).allowed.relation_ids
        gone = sorted(allowed.relation_ids - still)
        sends.leave_out(gone, why="有客户刚刚收回了同意，或者交接走了")


def _show_to(call: dict[str, Any], allowed: Allowed, people: dict[str, int]) -> Result | None:
    """Limit a moment to who agreed, by WeCom's tag; what stands in the way, None when it is ready."""
    wanted = {one for one, pk in people.items() if pk in allowed.relation_ids}
    if not wanted:
        return Result(Verdict.REFUSED, note=_NOBODY)
    [userid] = call["visible_range"]["sender_list"]["user_list"]
    try:
        tag, is_done = offer_tag.bring_up_to_date(contact_client(), userid=userid, wanted=wanted)
    except UnknownOutcomeError as error:
        # Marks may be made again; the moment itself was not asked for.
        return Result(Verdict.LATER, note=error.note, errcode=error.code)
    if not is_done:
        return Result(Verdict.LATER, note="正在企业微信里标出同意的客户", wait=timedelta(seconds=2))
    call["visible_range"]["external_contact_list"] = {"tag_list": [tag]}
    return None


def _no_longer_wanted(send: MassSend, now: datetime) -> str:
    """Why it must not be made again: what it was about is gone. "" when it is still wanted."""
    cause = Delivery.objects.values_list("letter__cause", flat=True).get(key=send.delivery_key)
    return registry.unwanted(cause, [send.host_id], now).get(send.host_id, "")


def _look(send: MassSend, asked: dict[str, Any], now: datetime) -> Result | None:
    """After a call without an answer: what is to be done; None when it may be made again."""
    if asked["card"] is None:
        # Nothing by which it could be found: making it again might make it twice.
        if send.state == MassSend.State.QUEUED:
            end(send, MassSend.State.UNSURE, note=_NOT_AGAIN, now=now)
        return Result(Verdict.UNKNOWN, note="没有可以对上的记号，不再重发", wait=timedelta(hours=1))
    msgid = contact_client().mass.find(
        chat_type=str(send.channel),
        since=send.created_at - _CLOCKS_DIFFER,
        until=now + _CLOCKS_DIFFER,
        marker=marker_of(send),
    )
    if msgid is not None:
        taken(send, msgid=msgid, now=now)
        return Result(Verdict.SENT, note="上一次没有等到答复，其实已排上")
    if send.missing_since is None or now < send.missing_since + _LOOKS_APART:
        if send.missing_since is None:
            MassSend.objects.filter(pk=send.pk).update(missing_since=now)
        return Result(Verdict.LATER, note="在企业微信里还没有看到，再看一次", wait=_LOOKS_APART)
    MassSend.objects.filter(pk=send.pk).update(missing_since=None)
    return None


def _renew_poster(send: MassSend, now: datetime) -> None:
    """It waited: its price may be another one by now, or all of it sold."""
    seen = shown_of(send, now=now) if send.poster is not None else None
    if seen is not None and seen.poster is not None and seen.poster != send.poster:
        send.poster = seen.poster
        send.save(update_fields=["poster"])


def _attachments(send: MassSend, card: dict[str, str] | None) -> dict[str, Any]:
    files = contact_client().files
    upload = files.upload_for_moments if send.is_moment else files.upload
    room = MOST_ATTACHMENTS - (card is not None) - (send.poster is not None) - (send.film is not None)
    images = Image.objects.in_bulk(send.image_ids)
    pictures = [_bytes(images[pk].get_rendition(_SPEC).file) for pk in send.image_ids if pk in images][:room]
    if send.poster is not None:
        pictures.append(_bytes(send.poster.file))
    found: list[dict[str, Any]] = [
        {"msgtype": "image", "image": {"media_id": upload(PICTURE, picture)}} for picture in pictures
    ]
    if send.film is not None:
        found.insert(0, {"msgtype": "video", "video": {"media_id": upload(FILM, _bytes(send.film.file))}})
    if card is not None:
        found.append({"msgtype": "link", "link": card})
    return {"attachments": found} if found else {}


def _bytes(file: Any) -> bytes:
    with file.open("rb") as opened:
        content: bytes = opened.read()
    return content


def taken(
    send: MassSend, *, now: datetime, msgid: str = "", jobid: str = "", left_out: list[str] | None = None
) -> None:
    """WeCom has prepared it: from here on it waits for the host."""
    missed = send.recipients.filter(state=MassSendRecipient.State.HELD).count()
    if left_out:
        indexes = [external_index(send.host_id, external) for external in left_out]
        missed += send.recipients.filter(relation__external_index__in=indexes).update(
            state=MassSendRecipient.State.REFUSED
        )
    MassSend.objects.filter(pk=send.pk).update(
        state=MassSend.State.WAITING, note="", msgid=msgid, jobid=jobid, taken_at=now, missed=missed
    )


def end(send: MassSend, state: str, *, note: str, now: datetime) -> None:
    """Nothing more comes of it."""
    MassSend.objects.filter(pk=send.pk).update(state=state, note=note[:200], finished_at=now, look_at=None)


SENDER = ConsumerSender(
    kind=MASS_SEND,
    idempotency=endpoints.ADD_MASS.idempotency,
    build=_build,
    ask=_ask,
    send=_carry,
    cause=lambda request: (CAUSE, json.loads(request)["send"]),
    # Nine uploads and the call itself, each as slow as it may be.
    lease=timedelta(minutes=5),
    is_paused=lambda: rests(endpoints.ADD_MASS.path),
    looks_first=True,
    recall=Recall(open=sends.lying_ready, call_off=sends.call_off),
)
