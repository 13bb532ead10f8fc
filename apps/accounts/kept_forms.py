"""What a page's script must know of the forms that it keeps on the device (static/js/drafts.js, waiting.js).

Whose browser this is just now, so that nobody is given what another account typed; and how a form fared that
carries a proof of its own: only a word of the server's lets the device forget what was typed.
"""

import re
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.messages import ERROR
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.crypto import salted_hmac

from apps.accounts.models import User

#: The field in which the device sends the proof that it made: the same from the first key to the last try.
PROOF = "_once"
OWNER_COOKIE = "who"
ANSWER_COOKIE = "sent"
_ANSWER_LIFE_S = 600
_PROOF = re.compile(r"[0-9a-f-]{32,36}")
_NOT_NOW = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
#: Where who is not, or not yet wholly, signed in is sent.
_DOORS = (settings.LOGIN_URL, "accounts:second-step", "wagtailadmin_login")


def name_owner(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the page's script tell one account from another; the word says nothing of the account."""
    if request.session.session_key is None or not request.user.is_authenticated:
        return
    user: User = request.user
    word = salted_hmac("accounts.kept_forms", user.public_id.hex, algorithm="sha256").hexdigest()[:20]
    if request.COOKIES.get(OWNER_COOKIE) != word:
        response.set_cookie(
            OWNER_COOKIE,
            word,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def proof_of(request: HttpRequest) -> str:
    """The device's own proof of this form; empty where it sent none."""
    text = str(request.POST.get(PROOF, ""))
    return text if _PROOF.fullmatch(text) else ""


def is_door(address: str) -> bool:
    """Whether somebody was sent there to sign in first."""
    parts = urlsplit(address)
    return "next" in parse_qs(parts.query) and parts.path in {resolve_url(name) for name in _DOORS}


def refused(response: HttpResponse) -> HttpResponse:
    """A redirect that leads to the page which says what is to be mended."""
    response.is_refusal = True  # type: ignore[attr-defined]
    return response


def done(response: HttpResponse) -> HttpResponse:
    """A page of the console that answers a form which did what it says: what it shows is shown once."""
    response.is_done = True  # type: ignore[attr-defined]
    return response


def word_for(request: HttpRequest, response: HttpResponseBase) -> str:
    """How the form fared: `done`; `mend`, nothing was done; `door`, sign in first; `later`, try again."""
    status = response.status_code
    if status in _NOT_NOW:
        return "later"
    if status in {301, 302, 303, 307, 308}:
        if is_door(response["Location"]):
            return "door"
        return "mend" if getattr(response, "is_refusal", False) or _has_said_no(request) else "done"
    # Wagtail shows a form that is to be mended with 200; ours say 4xx. A step of several is not done either.
    is_console_page = status == HTTPStatus.OK and request.path.startswith("/hq/")
    is_console_page = is_console_page and not getattr(response, "is_done", False)
    return "mend" if status >= HTTPStatus.BAD_REQUEST or is_console_page else "done"


def answer(request: HttpRequest, response: HttpResponseBase, proof: str) -> str:
    """Tell the device, whichever page it shows next; the word."""
    word = word_for(request, response)
    response.set_cookie(
        ANSWER_COOKIE,
        f"{proof}.{word}",
        max_age=_ANSWER_LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return word


def _has_said_no(request: HttpRequest) -> bool:
    """Whether the next page will say that something went wrong."""
    queued = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    return any(message.level >= ERROR for message in queued)
