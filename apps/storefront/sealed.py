"""What a consumer's own browser keeps for us, encrypted in a cookie: it says nothing and can't be made up."""

import json
import zlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from apps.database.crypto import CannotDecryptError
from apps.database.sealing import seal, unseal

#: No page of ours keeps more; a cookie that unpacks to more was not made here.
_MOST_TEXT = 64_000


def put(
    response: HttpResponseBase, name: str, value: Any, *, life: timedelta, path: str, most_bytes: int
) -> bool:
    """Have the browser keep `value` (whatever JSON can say); False when that is too long for `most_bytes`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    cookie = seal(zlib.compress(text, 9), context=_context(name))
    if len(text) > _MOST_TEXT or len(cookie) > most_bytes:
        return False
    response.set_cookie(
        name,
        cookie,
        max_age=life,
        path=path,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return True


def taken(request: HttpRequest, name: str) -> Any:
    """What the browser brings under this name; None for nothing, or nothing of ours."""
    try:
        unpacked = unseal(request.COOKIES.get(name, ""), context=_context(name))
        return json.loads(zlib.decompressobj().decompress(unpacked, _MOST_TEXT))
    except (CannotDecryptError, ValueError, zlib.error):
        return None


def drop(response: HttpResponseBase, name: str, *, path: str) -> None:
    response.delete_cookie(name, path=path, samesite="Lax")


def behind_links() -> str:
    """The path under which all links lead: a cookie for it goes to no other page."""
    return reverse("storefront:link", args=["0"]).removesuffix("0/")


def _context(name: str) -> str:
    return f"storefront:{name}"
