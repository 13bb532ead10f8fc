"""How deliveries leave by WeCom (registered with outbox)."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.handover import transfers
from apps.customers.handover.moving import TRANSFER
from apps.customers.models import HandOverItem
from apps.outbox.letters import APP_MESSAGE, Card, Text, unpack
from apps.outbox.registry import Addressee, Built, Outgoing, Result, Sender, Verdict
from apps.reach import gate
from apps.reach.gate import Decision
from apps.reach.models import Purpose, Way
from apps.reach.senders import ConsumerSender
from apps.wecom import breakers, endpoints, errors, messages
from apps.wecom.client import app_client, contact_client
from apps.wecom.errors import (
    BadRequestError,
    NoRightError,
    TryLaterError,
    UnknownOutcomeError,
    WecomError,
)

WELCOME = "wecom.welcome"
#: The kind of delivery; its body names the WeCom account, for the binding may be what has changed.
NOTICE = "wecom.account_notice"

#: The longest interval in which WeCom swallows a byte-identical repeat.
_SWALLOWED_FOR = timedelta(hours=4)
_MOST_RECIPIENTS = 1000
#: WeCom silently drops what exceeds 30 a minute or 1,000 an hour to one member.
_PACE = ((timedelta(minutes=1), 25), (timedelta(hours=1), 900))


def verdict_of(error: WecomError) -> Result:
    """What an error of a call means for the delivery that it carried."""
    match error:
        case TryLaterError():
            return Result(Verdict.LATER, note=error.note, errcode=error.code, wait=error.wait)
        case NoRightError(whole_api=True):
            # Everybody's messages would be lost for one wrong setting: they wait until it is mended.
            return Result(Verdict.LATER, note=error.note, errcode=error.code, wait=errors.NO_RIGHT_PAUSE)
        case UnknownOutcomeError():
            return Result(Verdict.UNKNOWN, note=error.note, errcode=error.code)
        case _:
            return Result(Verdict.REFUSED, note=error.note, errcode=error.code)


def _to(userids: list[str], letter: Text | Card) -> str:
    """The bytes of one application message to these members."""
    request: dict[str, Any] = {
        "touser": "|".join(userids),
        "agentid": settings.WECOM_AGENT_ID,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": int(_SWALLOWED_FOR.total_seconds()),
        **messages.app_message(letter),
    }
    return json.dumps(request, ensure_ascii=False, sort_keys=True)


def _build_account_notice(body: str, host_ids: list[int]) -> Built:
    notice = json.loads(body)
    return Built(_to([notice["to"]], Text(notice["text"])))


def _send_account_notice(outgoing: Outgoing) -> Result:
    try:
        left_out = app_client().messages.send(outgoing.request)
    except WecomError as error:
        return verdict_of(error)
    if left_out:
        return Result(Verdict.REFUSED, note="企业微信里找不到这位成员，或她不在应用的可见范围")
    return Result(Verdict.SENT)


def _build_app_message(body: str, host_ids: list[int]) -> Built:
    hosts = {host.pk: host for host in Host.objects.filter(pk__in=host_ids)}
    refused: dict[int, str] = {}
    userids: list[str] = []
    for host_id in host_ids:
        host = hosts.get(host_id)
        if host is None or not host.is_active:
            refused[host_id] = "这位大C已停用"
        elif not host.wecom_userid:
            refused[host_id] = "没有绑定企业微信"
        else:
            userids.append(host.wecom_userid)
    return Built(_to(userids, unpack(body)), refused)


def _send_app_message(outgoing: Outgoing) -> Result:
    try:
        left_out = app_client().messages.send(outgoing.request)
    except WecomError as error:
        return verdict_of(error)
    if not left_out:
        return Result(Verdict.SENT)
    hosts = Host.objects.filter(pk__in=outgoing.host_ids, wecom_userid__isnull=False)
    refused = {
        host.pk: "企业微信里找不到这位成员，或她不在应用的可见范围"
        for host in hosts
        if (host.wecom_userid or "").casefold() in left_out
    }
    return Result(Verdict.SENT, refused=refused)


def _build_welcome(body: str, host_ids: list[int]) -> Built:
    return Built(body)


def _ask_for_welcome(request: str, now: datetime) -> Decision:
    asked = json.loads(request)
    return gate.may_greet(asked["host"], bytes.fromhex(asked["contact"]), now=now)


def _send_welcome(outgoing: Outgoing, decision: Decision) -> Result:
    if decision.reasons:
        return Result(Verdict.REFUSED, note="她要求删除了资料，不再问候")
    call = json.dumps(json.loads(outgoing.request)["call"], ensure_ascii=False, sort_keys=True)
    try:
        contact_client().contacts.send_welcome(call, allowed=decision.allowed)
    except BadRequestError as error:
        if error.errcode == errors.WELCOME_DONE:
            return Result(Verdict.SENT, note="欢迎语已经送达过", errcode=error.code)
        if error.errcode == errors.WELCOME_CODE_INVALID and outgoing.may_have_arrived:
            # The code works once and is not 20 seconds old: the try that was not answered used it.
            return Result(Verdict.SENT, note="上一次没有等到答复，其实已送达", errcode=error.code)
        return verdict_of(error)
    except WecomError as error:
        return verdict_of(error)
    return Result(Verdict.SENT)


def _build_transfer(body: str, host_ids: list[int]) -> Built:
    asked = json.loads(body)
    # Sealed like every request; WeCom gets only the part `call`.
    items = transfers.external_ids(asked["items"])
    request = {
        "items": items,
        "is_resigned": asked["is_resigned"],
        "call": {
            "handover_userid": asked["from"],
            "takeover_userid": asked["to"],
            "external_userid": sorted(items),
            "words": asked["words"],
        },
    }
    return Built(json.dumps(request, ensure_ascii=False, sort_keys=True))


def _ask_for_transfer(request: str, now: datetime) -> Decision:
    items = HandOverItem.objects.filter(pk__in=json.loads(request)["items"].values())
    return gate.may_reach(
        items.values_list("relation_id", flat=True), Purpose.HAND_OVER, Way.TRANSFER, now=now
    )


def _send_transfer(outgoing: Outgoing, decision: Decision) -> Result:
    request = json.loads(outgoing.request)
    now = timezone.now()
    items, gone = _still_to_go(request["items"], decision)
    transfers.write(gone, HandOverItem.Transfer.FAILED, note="她要求删除资料，不再转接", now=now)
    if not items:
        return Result(Verdict.SENT, note="没有要转接的客户了")
    call = {**request["call"], "external_userid": sorted(items)}
    try:
        answers = contact_client().contacts.transfer(
            call, is_resigned=request["is_resigned"], allowed=decision.allowed
        )
    except WecomError as error:
        result = verdict_of(error)
        if result.verdict is Verdict.REFUSED:
            transfers.write(items.values(), HandOverItem.Transfer.FAILED, note=result.note, now=now)
        return result
    refused = 0
    for external, item in items.items():
        errcode = answers.get(external, errors.NOT_HER_CUSTOMER)
        running = errcode in errors.TRANSFER_RUNNING
        if running or (errcode == errors.NOT_HER_CUSTOMER and outgoing.may_have_arrived):
            # The try that was not answered began it: what became of it is asked for later.
            transfers.write([item], HandOverItem.Transfer.WAITING, now=now)
        else:
            refused += 1
            note = errors.TRANSFER_REFUSED.get(errcode, f"企业微信没有接受（{errcode}）")
            transfers.write([item], HandOverItem.Transfer.FAILED, note=note, now=now)
    return Result(Verdict.SENT, note=f"{refused} 位没能转接" if refused else "")


def _still_to_go(asked: dict[str, int], decision: Decision) -> tuple[dict[str, int], list[int]]:
    """Of these contacts (id → item) those whom the gate allows, and the items of the others."""
    relations = dict(HandOverItem.objects.filter(pk__in=asked.values()).values_list("pk", "relation_id"))
    allowed = decision.allowed.relation_ids
    items = {one: item for one, item in asked.items() if relations.get(item) in allowed}
    return items, [item for item in asked.values() if item not in items.values()]


def rests(api: str) -> bool:
    return breakers.open_until(api) is not None or breakers.open_until(endpoints.GETTOKEN.path) is not None


_MESSAGES = Sender(
    kind=APP_MESSAGE,
    addresses=Addressee.HOST,
    idempotency=endpoints.SEND_MESSAGE.idempotency,
    build=_build_app_message,
    send=_send_app_message,
    lease=timedelta(seconds=45),
    group=_MOST_RECIPIENTS,
    swallows_for=_SWALLOWED_FOR,
    pace=_PACE,
    is_paused=lambda: rests(endpoints.SEND_MESSAGE.path),
)
_ACCOUNT_NOTICES = Sender(
    kind=NOTICE,
    addresses=Addressee.HOST,
    idempotency=endpoints.SEND_MESSAGE.idempotency,
    build=_build_account_notice,
    send=_send_account_notice,
    lease=timedelta(seconds=45),
    swallows_for=_SWALLOWED_FOR,
    is_paused=lambda: rests(endpoints.SEND_MESSAGE.path),
)
TO_HOSTS = (_MESSAGES, _ACCOUNT_NOTICES)
TO_CONSUMERS = (
    ConsumerSender(
        kind=TRANSFER,
        idempotency=endpoints.TRANSFER.idempotency,
        build=_build_transfer,
        ask=_ask_for_transfer,
        send=_send_transfer,
        cause=lambda request: ("hand-over", min(json.loads(request)["items"].values(), default=None)),
        lease=timedelta(seconds=60),
        is_paused=lambda: rests(endpoints.TRANSFER.path),
    ),
    ConsumerSender(
        kind=WELCOME,
        idempotency=endpoints.SEND_WELCOME.idempotency,
        build=_build_welcome,
        ask=_ask_for_welcome,
        send=_send_welcome,
        cause=lambda request: ("welcome", None),
        lease=timedelta(seconds=4),
        is_paused=lambda: rests(endpoints.SEND_WELCOME.path),
    ),
)
