"""What waits for somebody at HQ because of personal data, in one line each."""

from typing import Any, NamedTuple

from django.urls import reverse

from apps.privacy.access import APPROVE
from apps.privacy.models import ExportRequest, RightsRequest
from apps.records.models import Alert


class Todo(NamedTuple):
    words: str
    href: str


def todo(user: Any) -> list[Todo]:
    """What this person could do something about."""
    found = []
    if user.has_perm("records.view_alert") and (count := Alert.objects.filter(handled_at=None).count()):
        found.append(
            Todo(
                f"{count} 次不寻常的查看：有人一天里显示了很多客户电话",
                reverse("records_alert:index") + "?handled_at=true",
            )
        )
    if user.has_perm(APPROVE):
        waiting = ExportRequest.objects.filter(state=ExportRequest.State.WAITING).exclude(requester=user)
        if count := waiting.count():
            found.append(Todo(f"{count} 份导出申请等你审批", reverse("export:index") + "?state=waiting"))
    if user.has_perm("privacy.change_rightsrequest"):
        open_ = RightsRequest.objects.filter(state=RightsRequest.State.REQUESTED, host_id=None)
        first = open_.order_by("due_at").first()
        if first is not None:
            found.append(
                Todo(
                    f"{open_.count()} 位客户要看或删除自己的资料，最近的 {first.due_at:%-m月%-d日}到期",
                    reverse("rights:index") + "?state=requested",
                )
            )
    return found
