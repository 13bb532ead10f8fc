"""What the records and privacy itself hold of a person: her consents, who looked, her requests."""

from datetime import datetime
from typing import Any

from apps.records.declarations import Holder, Subject
from apps.records.models import AccessLog, Consent

_CHANNELS = {
    "storefront": "下单的页面",
    "offer-link": "问你收不收优惠的链接",
    "story-link": "请你讲故事的链接",
    "join": "申请的页面",
}
_EVIDENCE = {
    "order": "订单的编号",
    "source": "网络地址的摘要",
    "agent": "浏览器",
    "page": "页面",
    "seen": "看到的内容的摘要",
    "application": "申请的编号",
}


def export(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    ids = subject.relation_ids
    consents = Consent.objects.filter(relation_id__in=ids).select_related("notice").order_by("given_at")
    entries = AccessLog.objects.filter(relation_id__in=ids).order_by("at")
    if subject.by_host is not None:
        entries = entries.filter(host_id=subject.by_host)
    return {
        "你同意过的": [
            {
                "用途": row.notice.get_purpose_display(),
                "依据": row.get_basis_display(),
                "说明版本": row.notice.version,
                "说明": row.notice.text,
                "接收方": row.recipient,
                "渠道": _CHANNELS.get(row.channel, "其他"),
                "凭据": {_EVIDENCE.get(name, "其他"): value for name, value in row.evidence.items()},
                "时间": row.given_at,
                "确认是你本人": row.confirmed_at,
                "怎样确认": row.get_proof_display() if row.proof else "",
                "收回": row.withdrawn_at,
            }
            for row in consents
        ],
        # Who looked is a third person; from where and why is hers to know.
        "谁看过你的资料": [
            {
                "谁": "总部同事" if row.is_hq else "服务你的人",
                "操作": row.get_action_display(),
                "内容": row.fields,
                "时间": row.at,
            }
            for row in entries
        ],
    }


def erase(subject: Subject, now: datetime) -> None:
    mine = Consent.objects.filter(relation_id__in=subject.relation_ids)
    mine.filter(withdrawn_at=None).update(withdrawn_at=now)
    mine.update(evidence={}, visitor_id=None, order_id=None)


_REQUESTS = "她自己提出的请求，页面上都看得到"
HOLDER = Holder(
    name="privacy",
    export=export,
    erase=erase,
    exported={"records.Consent": ("evidence", "given_at", "confirmed_at", "withdrawn_at")},
    exempt={
        "records.AccessLog": {"relation_id": "我们给行的编号"},
        "records.Consent": {
            "relation_id": "我们给行的编号",
            "visitor_id": "我们给设备的编号",
            "host_id": "接收方的编号，名字在上面写明",
        },
        "privacy.RightsRequest": {"*": _REQUESTS},
        "records.ErasedMark": {"*": "她删除以后才有，只有带密钥的摘要和清空了的那一行的编号，认不出是谁"},
        "console_kit.SavedView": {"query": "同事自己存的筛选条件，加密；客户列表的搜索词不存"},
        "records.LegalHold": {"*": "争议期间的保留，理由是同事写的"},
    },
)
