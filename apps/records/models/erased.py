"""Who was erased, as far as it must be recognised."""

from typing import ClassVar

from django.db import models

from apps.lib.pii import Kept, Pii, Use


class ErasedMark(models.Model):
    """By which somebody who was erased is recognised when a file brings her in again, and for nothing else.

    A keyed hash of her phone, WeCom id or number in a shop: it gives nothing back, and only who has the same
    value in hand can ask (docs/privacy.md). `host_id` is set when her request reached one host alone.
    `relation_id` is set for a number in a shop: the emptied row to which what she bought besides goes.
    """

    mark = models.BinaryField(max_length=32)
    host_id = models.BigIntegerField(null=True)
    relation_id = models.BigIntegerField(null=True)
    erased_at = models.DateTimeField()

    PII: ClassVar[dict[str, Pii]] = {"mark": Pii.IDENTIFIER}
    PII_REST: ClassVar[Pii] = Pii.BEHAVIOUR
    PII_USE: ClassVar[Use] = Use("要求删除过的人又被导入时，先问过再收", Kept.REQUEST)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark", "host_id"], name="erased_mark_once", nulls_distinct=False)
        ]
