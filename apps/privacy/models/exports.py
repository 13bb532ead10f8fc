"""Files with many people's data: asked for, approved by another person, built, fetched, gone after a day."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Host, User
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class ExportRequest(PublicIdModel):
    """One export. The database itself refuses to build one at HQ that no second person approved.

    `own_host` is set on a host's export of her own list, which needs nobody's leave.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待审批"
        APPROVED = "approved", "正在生成"
        READY = "ready", "可以下载"
        REFUSED = "refused", "没有通过"
        CANCELLED = "cancelled", "已取消"
        EXPIRED = "expired", "已过期"
        FAILED = "failed", "没有生成"

    OPEN = (State.WAITING, State.APPROVED, State.READY)

    what = models.CharField("导出什么", max_length=20)
    filters = models.JSONField("范围", default=dict)
    is_clear = models.BooleanField("完整信息（不打码）", default=False)
    reason = models.CharField("用途", max_length=200)
    requester = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    own_host = models.ForeignKey(Host, models.PROTECT, null=True, related_name="+", verbose_name="大C")
    requested_at = models.DateTimeField("申请时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审批人")
    decided_at = models.DateTimeField("审批时间", null=True)
    decision = models.CharField("审批意见", max_length=200, blank=True)
    rows = models.PositiveIntegerField("行数", null=True)
    file = models.CharField(max_length=120, blank=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField("失效时间", null=True)
    #: Why it ended without a file: the requester left, the rows were too many.
    ended_because = models.CharField(max_length=100, blank=True)

    PII: ClassVar[dict[str, Pii]] = {
        "what": Pii.NONE,
        "filters": Pii.STAFF,
        "reason": Pii.STAFF,
        "state": Pii.NONE,
        "decision": Pii.STAFF,
        "file": Pii.NONE,
        "ended_because": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("导出申请与审批", Kept.REQUEST)

    class Meta:
        verbose_name = "导出申请"
        verbose_name_plural = "导出申请"
        permissions = [("approve_export", "能审批导出")]
        indexes = [
            models.Index(fields=["requester", "-requested_at"], name="export_requester"),
            models.Index(fields=["state", "expires_at"], name="export_state"),
        ]
        constraints = [
            # Nobody gets a file alone: not by a page, the API, a command, a task, or a slip of ours.
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "ready", "expired"])
                | Q(own_host__isnull=False)
                | (Q(approver__isnull=False) & ~Q(approver=F("requester"))),
                name="export_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="ready", expires_at__isnull=False) & ~Q(file="")
                | ~Q(state="ready") & Q(file=""),
                name="export_ready_has_file",
            ),
        ]

    @property
    def number(self) -> str:
        """What people call it: `DC-8F3A92C1`."""
        return f"DC-{self.public_id.hex[-8:].upper()}"

    def __str__(self) -> str:
        return self.number

    @property
    def scope(self) -> dict[str, Any]:
        return dict(self.filters)
