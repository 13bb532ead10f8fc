"""What reach holds of one person: when she was contacted or left in peace, and what she was asked."""

from datetime import datetime
from typing import Any

from apps.reach.models import Asking, Touch
from apps.records.declarations import Holder, Subject


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    touches = Touch.objects.filter(relation__in=subject.relation_ids).order_by("at", "pk")
    askings = Asking.objects.filter(relation__in=subject.relation_ids).order_by("asked_at", "pk")
    return {
        "联系你的记录，没有发的也在里面": [
            {
                "用途": row.get_purpose_display().replace("她", "你"),
                "方式": row.get_way_display().replace("大C", "服务你的人"),
                # One step each: that it was planned stays written when it has come.
                "结果": "打算发" if row.state == Touch.State.ALLOWED else row.get_state_display(),
                "原因": row.get_reason_display().replace("她", "你") if row.reason else "",
                "时间": row.at,
            }
            for row in touches
        ],
        "问过你愿不愿意收优惠": [
            {
                "问你的时间": row.asked_at,
                "你的回答": row.get_answer_display(),
                "回答时间": row.answered_at,
                "链接有效到": row.open_until,
            }
            for row in askings
        ],
    }


def erase(subject: Subject, now: datetime) -> None:
    """Links that she still has open nothing any more. Purposes and times stay, under her pseudonym."""
    Asking.objects.filter(relation__in=subject.relation_ids, open_until__gt=now).update(open_until=now)


_KEY = "我们给行的编号，指向上面列出的行"
HOLDER = Holder(
    name="reach",
    export=export,
    erase=erase,
    exported={
        "reach.Touch": ("purpose", "way", "state", "reason", "at"),
        "reach.Asking": ("asked_at", "answer", "answered_at", "open_until"),
    },
    exempt={
        "reach.Touch": {"relation": _KEY, "cause": "来自哪次群发的编号", "cause_id": "来自哪次群发的编号"},
        "reach.Asking": {"relation": _KEY, "digest": "私密链接的指纹，不能给出"},
    },
)
