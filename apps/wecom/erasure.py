"""What the gateway holds of one person: which mass messages were prepared for her, and whether they came."""

from datetime import datetime
from typing import Any

from apps.records.declarations import Holder, Subject
from apps.wecom.mass import sends
from apps.wecom.models import MassSend, MassSendRecipient


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    rows = MassSendRecipient.objects.filter(relation__in=subject.relation_ids)
    if subject.by_host is not None:
        rows = rows.filter(send__host=subject.by_host)
    return {
        "为你准备的群发": [
            {
                "服务你的人": row.send.host.name,
                "标题": row.send.title,
                "内容": row.send.text,
                "结果": _outcome(row),
                "时间": row.sent_at,
            }
            for row in rows.select_related("send__host").order_by("pk")
        ]
    }


def _outcome(row: MassSendRecipient) -> str:
    """The state in words for her, whom the host's page calls 她."""
    if row.state != MassSendRecipient.State.WAITING:
        return row.get_state_display().replace("她", "你")
    return (
        "没有发"
        if row.send.state in (MassSend.State.REFUSED, MassSend.State.EXPIRED)
        else "打算发，还没有送达"
    )


def erase(subject: Subject, now: datetime) -> None:
    """The counts of the message stay; that she was among them goes."""
    MassSendRecipient.objects.filter(relation__in=subject.relation_ids).delete()


def block(subject: Subject, now: datetime) -> None:
    """She asked to be erased: what WeCom keeps ready for a host's tap goes without her."""
    sends.leave_out(subject.relation_ids)


HOLDER = Holder(
    name="wecom",
    export=export,
    erase=erase,
    block=block,
    exported={"wecom.MassSendRecipient": ("send", "state", "sent_at")},
    exempt={"wecom.MassSendRecipient": {"relation": "我们给行的编号，指向上面列出的行"}},
)
