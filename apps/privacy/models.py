"""Who looked at whose personal data, and what people consented to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.lib.models import PublicIdModel
from apps.lib.pii import Pii


class AccessLog(PublicIdModel):
    """One look at personal data: a reveal, an export, an HQ page with a customer. Append-only, no values."""

    class Action(models.TextChoices):
        VIEW = "view", _("查看")
        REVEAL = "reveal", _("显示完整信息")
        EXPORT = "export", _("导出")

    actor_id = models.BigIntegerField(_("操作人"))
    actor_name = models.CharField(_("操作人姓名"), max_length=150)
    #: The host whose customers these are: she sees the row.
    host_id = models.BigIntegerField(null=True)
    relation_id = models.BigIntegerField(null=True)
    is_hq = models.BooleanField(_("总部人员"))
    action = models.CharField(_("操作"), max_length=10, choices=Action)
    fields = models.CharField(_("内容"), max_length=200)
    purpose = models.CharField(_("原因"), max_length=200, blank=True)
    count = models.PositiveIntegerField(_("人数"), default=1)
    request_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(_("时间"))

    PII: ClassVar[dict[str, Pii]] = {
        "actor_name": Pii.STAFF,
        "action": Pii.NONE,
        "fields": Pii.NONE,
        "purpose": Pii.NONE,
        "request_id": Pii.NONE,
    }

    class Meta:
        verbose_name = _("查看记录")
        verbose_name_plural = _("查看记录")
        indexes = [
            models.Index(fields=["host_id", "-at"], name="access_host_at"),
            models.Index(fields=["actor_id", "-at"], name="access_actor_at"),
        ]


class Notice(models.Model):
    """One immutable version of a privacy notice."""

    purpose = models.CharField(_("用途"), max_length=40)
    version = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("内容"))
    sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"purpose": Pii.NONE, "text": Pii.NONE, "sha256": Pii.NONE}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="notice_once")]


class Consent(PublicIdModel):
    """What one person agreed to: purpose, notice, recipient, how. Withdrawn by a time, never deleted."""

    relation_id = models.BigIntegerField(null=True, db_index=True)
    visitor_id = models.BigIntegerField(null=True)
    notice = models.ForeignKey(Notice, models.PROTECT)
    recipient = models.CharField(_("接收方"), max_length=80)
    channel = models.CharField(_("渠道"), max_length=20)
    evidence = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "recipient": Pii.NONE,
        "channel": Pii.NONE,
        "evidence": Pii.IDENTIFIER,
    }
