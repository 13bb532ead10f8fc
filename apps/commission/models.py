"""What hosts earn: entries that are only ever added. Every figure of commission is a sum of them."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Host
from apps.lib.pii import Kept, Pii, Use


class Entry(models.Model):
    """Commission of one order line: earned, or taken back (negative) by a cancellation or return.

    `order_id`, `line_id` and `reversal_id` (0: it was earned) are rows of `trade`, which stands above.
    `host` is who earned it, whoever serves the customer later. The database refuses to change or delete one.
    """

    host = models.ForeignKey(Host, models.PROTECT, related_name="+", db_index=False)
    order_id = models.BigIntegerField()
    line_id = models.BigIntegerField()
    reversal_id = models.BigIntegerField(default=0)
    #: What of the line's money it is counted from, in fen, and at which rate, in 1/10,000.
    base_fen = models.BigIntegerField("计佣金额（分）")
    rate_bp = models.PositiveIntegerField("佣金比例（万分之）")
    amount_fen = models.BigIntegerField("佣金（分）")
    at = models.DateTimeField("时间")

    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("给大C结算佣金", Kept.LEDGER)

    class Meta:
        verbose_name = "佣金明细"
        verbose_name_plural = "佣金明细"
        constraints = [
            models.UniqueConstraint(fields=["order_id", "line_id", "reversal_id"], name="commission_once"),
            models.CheckConstraint(
                condition=models.Q(reversal_id=0, amount_fen__gt=0, base_fen__gte=0)
                | models.Q(reversal_id__gt=0, amount_fen__lt=0, base_fen__lte=0),
                name="commission_sound",
            ),
        ]
        indexes = [models.Index(fields=["host", "at"], name="commission_host_at")]

    @property
    def percent(self) -> str:
        return f"{self.rate_bp / 100:g}%"
