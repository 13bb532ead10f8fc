"""Tokens of the API: the text is shown once, its SHA-256 is stored."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from apps.accounts.models import AccountEvent, ApiToken, User
from apps.accounts.services.events import note
from apps.database import crypto
from apps.lib.ids import private_token


def issue_token(
    user: User, *, now: datetime, is_verified: bool, name: str = "", life: timedelta | None = None
) -> tuple[str, ApiToken]:
    """A new API token: the text, shown once, and its row. A `name` is given to one made on a page.

    `is_verified`: whoever asks for it has taken the second step. Else it opens what a session of one step
    opens: nothing of HQ where two are due.
    """
    text = private_token()
    token = ApiToken.objects.create(
        user=user,
        name=name,
        is_verified=is_verified,
        digest=crypto.digest(text),
        created_at=now,
        expires_at=now + (life or settings.API_TOKEN_LIFE),
    )
    if name:
        note(user, AccountEvent.Kind.TOKEN_MADE, by=user, now=now, detail=name)
    return text, token


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """The valid token with this text, or None. When it was last used is written once a minute."""
    token = ApiToken.objects.select_related("user").filter(digest=crypto.digest(text)).first()
    if token is None or not token.is_valid(now) or not token.user.is_active:
        return None
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def tokens_of(user: User, *, now: datetime) -> QuerySet[ApiToken]:
    """Those that still work, newest first."""
    return ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=now).order_by("-pk")


def revoke_token(token: ApiToken, *, now: datetime, by: User | None = None) -> None:
    """It ends; `by` when somebody ended it on a page."""
    ended = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    if ended and by is not None:
        note(token.user, AccountEvent.Kind.TOKEN_REVOKED, by=by, now=now, detail=token.name)
