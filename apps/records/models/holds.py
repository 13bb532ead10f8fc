"""Data that must not be erased for now."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.database.models import PublicIdModel
from apps.lib.pii import Kept, Pii, Use


class LegalHold(PublicIdModel):
    """Data of one relation that must not be erased for now: a dispute, a claim. Who said so."""

    relation_id = models.BigIntegerField()
    reason = models.CharField("原因", max_length=200)
    placed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"reason": Pii.STAFF}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("争议期间的保留", Kept.REQUEST)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relation_id"], condition=Q(released_at=None), name="one_hold_at_a_time"
            )
        ]
