"""Who looked at whose personal data, sealed into a chain, and what was unusual about it."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import User
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class AccessLog(PublicIdModel):
    """One look at personal data: a reveal, an export, an HQ page with a customer. Append-only, no values.

    The database refuses to change or delete a row (migration 0002), and gives each its writing transaction
    (`tx`, in the database alone), by which the sealer reads in commit order.
    """

    class Action(models.TextChoices):
        VIEW = "view", "查看"
        REVEAL = "reveal", "显示完整信息"
        EXPORT = "export", "导出"
        DOWNLOAD = "download", "下载导出的文件"
        BRING_BACK = "bring-back", "重新录入删除过的客户"
        SEARCH = "search", "按完整手机号查找"

    actor_id = models.BigIntegerField("操作人")
    actor_name = models.CharField("操作人姓名", max_length=150)
    #: The host whose customers these are: she sees the row.
    host_id = models.BigIntegerField(null=True)
    relation_id = models.BigIntegerField(null=True)
    is_hq = models.BooleanField("总部人员")
    action = models.CharField("操作", max_length=10, choices=Action)
    fields = models.CharField("内容", max_length=200)
    purpose = models.CharField("原因", max_length=200, blank=True)
    count = models.PositiveIntegerField("人数", default=1)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField("时间")

    PII: ClassVar[dict[str, Pii]] = {
        "actor_name": Pii.STAFF,
        "action": Pii.NONE,
        "fields": Pii.NONE,
        "purpose": Pii.NONE,
        "request_id": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("谁看过谁的资料，给大C和审计看", Kept.ACCESS)

    class Meta:
        verbose_name = "查看记录"
        verbose_name_plural = "查看记录"
        permissions = [("reveal_personal", "能显示客户的完整信息")]
        indexes = [
            models.Index(fields=["host_id", "-at"], name="access_host_at"),
            models.Index(fields=["actor_id", "-at"], name="access_actor_at"),
        ]


class AccessSeal(models.Model):
    """One link of the chain over the access log: the hash of the link before and of one row. Append-only."""

    position = models.BigIntegerField(primary_key=True)
    #: No key: a row taken out of the log must leave its seal behind to tell of it.
    log_id = models.BigIntegerField(unique=True)
    previous = models.BinaryField(max_length=32)
    sha256 = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"previous": Pii.NONE, "sha256": Pii.NONE}


class Alert(PublicIdModel):
    """Something unusual that a person at HQ should look into, once for each actor and Shanghai day."""

    class Kind(models.TextChoices):
        MANY_REVEALS = "many_reveals", "一天显示了很多电话"

    kind = models.CharField("事情", max_length=20, choices=Kind)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField("谁", max_length=150)
    host_id = models.BigIntegerField(null=True)
    day = models.DateField("哪天")
    count = models.PositiveIntegerField("次数")
    raised_at = models.DateTimeField("提醒时间")
    handled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField("处理时间", null=True)
    conclusion = models.CharField("结论", max_length=200, blank=True)

    PII: ClassVar[dict[str, Pii]] = {"kind": Pii.NONE, "actor_name": Pii.STAFF, "conclusion": Pii.STAFF}
    PII_REST: ClassVar[Pii] = Pii.STAFF
    PII_USE: ClassVar[Use] = Use("发现不寻常的查看", Kept.ACCESS)

    class Meta:
        verbose_name = "隐私提醒"
        verbose_name_plural = "隐私提醒"
        constraints = [models.UniqueConstraint(fields=["kind", "actor_id", "day"], name="alert_once_a_day")]
