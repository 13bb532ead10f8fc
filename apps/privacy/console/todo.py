"""What waits for somebody at HQ because of personal data."""

from typing import Any

from django.db.models import QuerySet

from apps.console_kit.waiting import Waiting, declare
from apps.privacy.access import APPROVE, exports_visible_to
from apps.privacy.models import ExportRequest, RightsRequest
from apps.records.models import Alert


def _rights(user: Any) -> "QuerySet[RightsRequest]":
    """Those that HQ answers: a host answers what her own customer asked through her."""
    return RightsRequest.objects.filter(state=RightsRequest.State.REQUESTED, host_id=None)


def _due(rows: "QuerySet[RightsRequest]") -> str:
    first = rows.order_by("due_at").first()
    return f"最近的 {first.due_at:%-m月%-d日}到期" if first else ""


def _exports(user: Any) -> "QuerySet[ExportRequest]":
    """Another person's: nobody approves her own."""
    return exports_visible_to(user).filter(state=ExportRequest.State.WAITING).exclude(requester=user)


RIGHTS = declare(
    Waiting("rights:index", "位客户要看或删除自己的资料", "privacy.change_rightsrequest", _rights, more=_due)
)
declare(Waiting("export:index", "份导出申请等你审批", APPROVE, _exports))
declare(
    Waiting(
        "records_alert:index",
        "次不寻常的查看：有人一天里显示了很多客户电话",
        "records.view_alert",
        lambda user: Alert.objects.filter(handled_at=None),
    )
)
