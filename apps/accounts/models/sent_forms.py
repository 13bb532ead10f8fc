"""Which forms were sent lately, so that a form sent twice has one effect."""

from typing import ClassVar

from django.db import models

from apps.lib.pii import Kept, Pii, Use


class SentForm(models.Model):
    """One form of one served page, with what was typed into it. Kept for four days."""

    #: SHA-256 over the page's or the device's own random mark, the address, whose it is and what was typed.
    key = models.BinaryField(max_length=32, unique=True)
    #: Where the first one led, sealed: an address may be a private link.
    led_to = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_index=True)

    PII: ClassVar[dict[str, Pii]] = {"key": Pii.IDENTIFIER, "led_to": Pii.SECRET}
    PII_REST: ClassVar[Pii] = Pii.NONE
    PII_USE: ClassVar[Use] = Use("同一张表不小心提交两次时只算一次", Kept.SHORT)
