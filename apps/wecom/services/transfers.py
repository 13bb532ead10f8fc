"""Asking WeCom each hour how its transfers of contacts stand: it gives 24 hours to the customer."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Host
from apps.customers.handover import transfers
from apps.customers.models import HandOverItem
from apps.outbox.registry import JobKind, LaterError, Period
from apps.wecom.client import contact_client
from apps.wecom.errors import WecomError
from apps.wecom.services import contacts

#: WeCom's word for each status that is an end.
_ENDS = {
    1: (HandOverItem.Transfer.DONE, ""),
    3: (HandOverItem.Transfer.REFUSED, "客户选择不换人"),
    4: (HandOverItem.Transfer.FAILED, "接手的人企业微信客户数已满"),
    5: (HandOverItem.Transfer.FAILED, "企业微信里没有这次转接"),
}
#: A request that has not left by then is not leaving any more (outbox gives up after three days).
_NOT_LEAVING_AFTER = timedelta(days=4)


def follow_up(*, now: datetime) -> str:
    """Write down what WeCom says about every transfer under way. WecomError when it could not be asked."""
    stuck = HandOverItem.objects.filter(
        transfer=HandOverItem.Transfer.QUEUED, moved_at__lt=now - _NOT_LEAVING_AFTER
    ).values_list("pk", flat=True)
    transfers.write(list(stuck), HandOverItem.Transfer.FAILED, note="没能发到企业微信", now=now)
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    waiting = HandOverItem.objects.filter(transfer=HandOverItem.Transfer.WAITING)
    for pk, giver, taker in waiting.values_list("pk", "hand_over__from_host", "hand_over__to_host"):
        pairs[giver, taker].append(pk)
    hosts = Host.objects.in_bulk({host for pair in pairs for host in pair})
    ended = 0
    for (giver, taker), items in pairs.items():
        ended += _follow(hosts[giver], hosts[taker], items, now)
    late = HandOverItem.objects.filter(
        transfer=HandOverItem.Transfer.WAITING, moved_at__lt=now - transfers.GIVEN_UP_AFTER
    ).values_list("pk", flat=True)
    given_up = transfers.write(list(late), HandOverItem.Transfer.FAILED, note="企业微信一直没有结果", now=now)
    return f"{ended} 位客户的转接有了结果，{given_up} 位不再等"


def _follow(giver: Host, taker: Host, items: list[int], now: datetime) -> int:
    if not giver.wecom_userid or not taker.wecom_userid:
        return 0
    told: dict[str, int] = {}
    for is_resigned in (True, False):
        told |= contact_client().contacts.transfer_results(
            handover=giver.wecom_userid, takeover=taker.wecom_userid, is_resigned=is_resigned
        )
    ended = 0
    for external, item in transfers.external_ids(items).items():
        if (end := _ENDS.get(told.get(external, 0))) is not None:
            ended += transfers.write([item], end[0], note=end[1], now=now)
    return ended


def _run(payload: dict[str, Any], now: datetime) -> str:
    try:
        return follow_up(now=now)
    except WecomError as error:
        raised = contacts.later(error)
        if isinstance(raised, LaterError):
            raise raised from None
        raise


JOB = JobKind("wecom.transfers", _run, period=Period.HOUR)
