"""What the outbox does when a host is suspended or leaves."""

from datetime import datetime

from apps.accounts.models import Host
from apps.outbox.services import deliveries


def cancel_queued(host: Host, to: str, now: datetime) -> None:
    """Nothing that still waits for her is sent any more."""
    word = "已离开" if to == Host.Status.LEFT else "已停用"
    deliveries.cancel_for(host.pk, reason=f"这位大C{word}，不再发送")
