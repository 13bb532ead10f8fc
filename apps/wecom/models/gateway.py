"""What the gateway itself must remember: tokens, paused APIs, logins under way."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from apps.database.fields import EncryptedTextField
from apps.database.models import PublicIdModel
from apps.lib.pii import Pii


class AccessToken(PublicIdModel):
    """The token of one (corp, secret), shared by every process; `fingerprint` is a keyed hash of the two."""

    fingerprint = models.BinaryField(max_length=16, unique=True)
    token = EncryptedTextField()
    expires_at = models.DateTimeField()
    fetched_at = models.DateTimeField(db_default=Now())
    fetches = models.PositiveBigIntegerField(default=0)

    PII: ClassVar[dict[str, Pii]] = {"fingerprint": Pii.NONE, "token": Pii.SECRET}


class Breaker(models.Model):
    """An API that we leave alone until `open_until`, because WeCom told us to or because we have no right."""

    api = models.CharField(max_length=80, primary_key=True)
    open_until = models.DateTimeField()
    strikes = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=100)

    PII: ClassVar[dict[str, Pii]] = {"api": Pii.NONE, "reason": Pii.NONE}


class LoginState(models.Model):
    """One login under way: bound to a browser session, good once and for five minutes. Both are hashes."""

    digest = models.BinaryField(max_length=32, unique=True)
    session_digest = models.BinaryField(max_length=32)
    next_path = models.CharField(max_length=500)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    PII: ClassVar[dict[str, Pii]] = {
        "digest": Pii.SECRET,
        "session_digest": Pii.SECRET,
        "next_path": Pii.NONE,
    }
