"""Browsers in which a host has worked: what she opens there of her own is her look, not a customer's.

A signed cookie names the hosts who were signed in here lately. It opens nothing, and says no more than that.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from apps.accounts.models import Host

COOKIE = "own"
LIFE = timedelta(days=400)  # browsers keep none longer
_MOST = 4
_SALT = "accounts.own_browser"


def remember(request: HttpRequest, response: HttpResponseBase, host: Host) -> None:
    """Mark this browser as one of `host`; nothing is sent when it is marked already."""
    marks = _marks(request)
    mark = host.public_id.hex
    if mark in marks:
        return
    response.set_cookie(
        COOKIE,
        signing.dumps([*marks, mark][-_MOST:], salt=_SALT),
        max_age=LIFE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def is_of(request: HttpRequest, host: Host) -> bool:
    """Whether `host` is signed in here, or was within the life of the cookie."""
    signed_in: Host | None = getattr(request, "host", None)
    return (signed_in is not None and signed_in.pk == host.pk) or host.public_id.hex in _marks(request)


def _marks(request: HttpRequest) -> list[str]:
    text = request.COOKIES.get(COOKIE, "")
    if not text or len(text) > 500:
        return []
    try:
        found = signing.loads(text, salt=_SALT, max_age=LIFE)
    except signing.BadSignature:
        return []
    return [mark for mark in found if isinstance(mark, str)] if isinstance(found, list) else []
