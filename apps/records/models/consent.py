"""What people were told, and what they agreed to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class Notice(PublicIdModel):
    """One immutable version of a privacy notice; the database refuses to change or delete it."""

    class Purpose(models.TextChoices):
        ORDER = "order", _("送货和售后")
        MARKETING = "marketing", _("新品和优惠")
        SHARING = "sharing", _("改进选品")
        JOIN = "join", _("申请成为大C")
        STORY = "story", _("分享你的故事")

    purpose = models.CharField(_("用途"), max_length=40, choices=Purpose)
    version = models.PositiveSmallIntegerField(_("版本"))
    text = models.TextField(_("内容"))
    sha256 = models.BinaryField(max_length=32)
    #: None: the product's own words.
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(_("发布时间"))

    PII: ClassVar[dict[str, Pii]] = {"purpose": Pii.NONE, "text": Pii.NONE, "sha256": Pii.NONE}

    class Meta:
        verbose_name = _("隐私说明")
        verbose_name_plural = _("隐私说明")
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="notice_once")]


class Consent(PublicIdModel):
    """What one person was told or agreed to: purpose, notice, recipient, how.

    Withdrawn by a time, never deleted. `basis` is `contract` for what an order can't do without: she was
    told, and nothing is asked (docs/privacy.md).
    """

    class Basis(models.TextChoices):
        CONSENT = "consent", _("同意")
        CONTRACT = "contract", _("履行订单所必需")

    class Proof(models.TextChoices):
        """What shows that it was she (docs/privacy.md)."""

        NONE = "", _("还没有确认是本人")
        LINK = "link", _("她自己的链接")
        CODE = "code", _("回拨电话的验证码")
        HOST = "host", _("服务她的人确认")

    relation_id = models.BigIntegerField(null=True, db_index=True)
    visitor_id = models.BigIntegerField(null=True)
    order_id = models.BigIntegerField(null=True, db_index=True)
    notice = models.ForeignKey(Notice, models.PROTECT)
    basis = models.CharField(_("依据"), max_length=10, choices=Basis, default=Basis.CONSENT)
    recipient = models.CharField(_("接收方"), max_length=80)
    channel = models.CharField(_("渠道"), max_length=20)
    #: Keyed hash of the address, the browser's name, the page: what shows that she was asked.
    evidence = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    #: Null: a tick of somebody who may be anybody. It counts as a consent from this moment on.
    confirmed_at = models.DateTimeField(null=True)
    proof = models.CharField(_("怎样确认是本人"), max_length=6, choices=Proof, blank=True, default="")
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
