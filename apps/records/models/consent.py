"""What people were told, and what they agreed to."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import User
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class Notice(PublicIdModel):
    """One immutable version of a privacy notice; the database refuses to change or delete it."""

    class Purpose(models.TextChoices):
        ORDER = "order", "送货和售后"
        MARKETING = "marketing", "新品和优惠"
        SHARING = "sharing", "改进选品"
        JOIN = "join", "申请成为大C"
        STORY = "story", "分享你的故事"

    purpose = models.CharField("用途", max_length=40, choices=Purpose)
    version = models.PositiveSmallIntegerField("版本")
    text = models.TextField("内容")
    sha256 = models.BinaryField(max_length=32)
    #: None: the product's own words.
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField("发布时间")

    PII: ClassVar[dict[str, Pii]] = {"purpose": Pii.NONE, "text": Pii.NONE, "sha256": Pii.NONE}

    class Meta:
        verbose_name = "隐私说明"
        verbose_name_plural = "隐私说明"
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="notice_once")]


class Consent(PublicIdModel):
    """What one person was told or agreed to: purpose, notice, recipient, how.

    Withdrawn by a time, never deleted. `basis` is `contract` for what an order can't do without: she was
    told, and nothing is asked (docs/privacy.md).
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", "同意"
        CONTRACT = "contract", "履行订单所必需"

    class Proof(models.TextChoices):
        """What shows that it was she (docs/privacy.md)."""

        NONE = "", "还没有确认是本人"
        LINK = "link", "她自己的链接"
        CODE = "code", "回拨电话的验证码"
        HOST = "host", "服务她的人确认"

    relation_id = models.BigIntegerField(null=True, db_index=True)
    visitor_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True, db_index=True)
    notice = models.ForeignKey(Notice, models.PROTECT)
    basis = models.CharField("依据", max_length=10, choices=Basis, default=Basis.CONSENT)
    recipient = models.CharField("接收方", max_length=80)
    #: The host whom `recipient` names: a yes to her is none to who comes after. Null: to the company alone.
    host_id = models.BigIntegerField(null=True)
    channel = models.CharField("渠道", max_length=20)
    #: Keyed hash of the address, the browser's name, the page: what shows that she was asked.
    evidence = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    #: Null: a tick of somebody who may be anybody. It counts as a consent from this moment on.
    confirmed_at = models.DateTimeField(null=True)
    proof = models.CharField("怎样确认是本人", max_length=6, choices=Proof, blank=True, default="")
    #: Who said that it was she, where somebody did.
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "basis": Pii.NONE,
        "recipient": Pii.NONE,
        "channel": Pii.NONE,
        "evidence": Pii.IDENTIFIER,
        "proof": Pii.NONE,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("证明问过、同意过什么", Kept.CONSENT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None, proof="")
                | models.Q(confirmed_at__isnull=False) & ~models.Q(proof=""),
                name="consent_confirmed_by_proof",
            )
        ]

    @property
    def is_claim(self) -> bool:
        """Ticked on an order, and nobody knows yet whether by the phone's owner."""
        return self.basis == self.Basis.CONSENT and self.confirmed_at is None
