"""Tokens of the API: the text is shown once, its SHA-256 is stored."""

from datetime import datetime

from django.conf import settings

from apps.accounts.models import ApiToken, User
from apps.lib import crypto
from apps.lib.ids import private_token


def issue_token(user: User, *, now: datetime) -> tuple[str, ApiToken]:
    """A new API token: the text, shown once, and its row."""
    text = private_token()
    token = ApiToken.objects.create(
        user=user, digest=crypto.digest(text), created_at=now, expires_at=now + settings.API_TOKEN_LIFE
    )
    return text, token


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """The valid token with this text, or None."""
    token = ApiToken.objects.select_related("user").filter(digest=crypto.digest(text)).first()
    if token is None or not token.is_valid(now) or not token.user.is_active:
        return None
    return token


def revoke_token(token: ApiToken, *, now: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
