"""What a consumer typed into a form that was refused, until the page that says so has been shown.

The refusal redirects to that page, so that the browser's way back leads over pages it can ask for again. The
text travels in a cookie of her browser alone: encrypted, for half an hour, for this one address.
"""

import base64
import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from apps.database import crypto

COOKIE = "d"
LIFE = timedelta(minutes=30)
#: Browsers keep 4,096 bytes a cookie, its name and attributes included.
MOST_BYTES = 3_500
#: No form of ours is longer; a cookie that unpacks to more was not made here.
_MOST_TEXT = 64_000
_CONTEXT = "storefront:draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was posted to `path`, and our answer: `errors` are (field, or "" for the form, text)."""

    path: str
    posted: dict[str, str]
    errors: tuple[tuple[str, str], ...]
    status: int
    #: What the page is: `refused`, `asks` (she may confirm), `sent` (this form made an order before).
    page: str = "refused"

    @property
    def data(self) -> QueryDict:
        data = QueryDict(mutable=True)
        data.update(self.posted)
        return data


def keep(response: HttpResponse, draft: Draft) -> bool:
    """Give the draft to the browser with `response`; False when it is too long for a cookie."""
    text = json.dumps(
        [draft.path, draft.posted, draft.errors, draft.status, draft.page], ensure_ascii=False
    ).encode()
    sealed = crypto.encrypt_bytes(zlib.compress(text, 9), context=_CONTEXT)
    value = base64.urlsafe_b64encode(sealed).decode()
    if len(text) > _MOST_TEXT or len(value) > MOST_BYTES:
        return False
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFE,
        path=draft.path,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return True


def kept(request: HttpRequest) -> Draft | None:
    """The draft of this address that the browser brings; None for none, or none of ours."""
    try:
        sealed = base64.urlsafe_b64decode(request.COOKIES.get(COOKIE, ""))
        unpacked = zlib.decompressobj().decompress(crypto.decrypt_bytes(sealed, context=_CONTEXT), _MOST_TEXT)
        path, posted, errors, status, page = json.loads(unpacked)
    except (crypto.CannotDecryptError, ValueError, zlib.error):
        return None
    if path != request.path:
        return None
    return Draft(path, posted, tuple((field, text) for field, text in errors), status, page)


def forget(response: HttpResponse, path: str) -> None:
    response.delete_cookie(COOKIE, path=path, samesite="Lax")


def posted(data: Any) -> dict[str, str]:
    """The fields of a form, without the token of the request that brought it."""
    return {name: data[name] for name in data if name != "csrfmiddlewaretoken"}
