"""Which key the stored indexes were made with, and how far a change of keys has come."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.lib.pii import Pii


class KeyState(models.Model):
    """The one row that remembers the fingerprint of the blind-index key: with another, nobody is found."""

    index_fingerprint = models.BinaryField(max_length=8)

    PII: ClassVar[dict[str, Pii]] = {"index_fingerprint": Pii.NONE}

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_key_state")]


class Rotation(models.Model):
    """How far one table has come towards one key."""

    name = models.CharField(max_length=120, primary_key=True)
    after = models.BigIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE}
