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
    withdrawn_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "basis": Pii.NONE,
        "recipient": Pii.NONE,
        "channel": Pii.NONE,
        "evidence": Pii.IDENTIFIER,
    }
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("证明问过、同意过什么", Kept.CONSENT)
