"""Telling a host, in her work chat, what somebody else did to her way in."""

import json
from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import AccountEvent, Host
from apps.outbox.models import Lane
from apps.outbox.services import deliveries
from apps.wecom.senders import NOTICE

_FRESH_FOR = timedelta(days=3)
_Kind = AccountEvent.Kind
#: What she must hear of, whatever the hour.
TOLD = frozenset(
    {
        _Kind.WECOM_BOUND,
        _Kind.RENAMED,
        _Kind.LINK_MADE,
        _Kind.SECOND_STEP_OFF,
        _Kind.ROLE_GIVEN,
        _Kind.ROLE_TAKEN,
    }
)


def tell_host(event: AccountEvent) -> None:
    """Write down the message, in the transaction of what happened, to the account bound at this moment."""
    host = Host.objects.exclude(status=Host.Status.LEFT).filter(user_id=event.user_id).first()
    if event.kind not in TOLD or host is None or not host.wecom_userid or event.actor is None:
        return
    words = (
        f"你的大C账号有变动：{event.actor.name}（总部）{event.get_kind_display()}"
        f"{'：' if event.detail else ''}{event.detail}。\n"
        f"{timezone.localtime(event.at):%-m月%-d日 %H:%M}。不是你要求的，请马上联系总部。"
    )
    deliveries.queue(
        NOTICE,
        key=f"account-notice:{event.pk}",
        body=json.dumps({"to": host.wecom_userid, "text": words}, ensure_ascii=False),
        lane=Lane.NORMAL,
        deadline_at=event.at + _FRESH_FOR,
    )
