"""What the outbox does when a host is suspended or leaves."""

from datetime import datetime

from apps.accounts.models import Host
from apps.outbox.services import cancelling


def cancel_queued(host: Host, to: str, now: datetime) -> None:
    """Nothing that still waits for her is sent any more."""
    word = "已离开" if to == Host.Status.LEFT else "已停用"
    cancelling.cancel_for(host.pk, reason=f"这位大C{word}，不再发送")


def what_is_cancelled(host: Host) -> list[str]:
    """How many messages to her that is, in words."""
    count = cancelling.count_for(host.pk)
    return [f"排队中要发给她的 {count} 条消息不再发出。"] if count else []
