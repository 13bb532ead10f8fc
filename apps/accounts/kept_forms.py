"""What a page's script must know of the forms that it keeps on the device (static/js/drafts.js, waiting.js).

Whose browser this is just now, so that nobody is given what another account typed; whose page a form came
from, so that it is done for nobody else; and how a form fared that carries a proof of its own: only a word of
the server's lets the device forget what was typed.
"""

import hashlib
import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.messages import ERROR
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.crypto import salted_hmac

from apps.accounts.models import User
from apps.lib.requests import VISITOR_COOKIE

#: The field in which the device sends the proof that it made: the same from the first key to the last try.
PROOF = "_once"
#: The field that says whose page the form stands on: the word of `owner_word`, or GUEST.
OWNER = "_who"
GUEST = "guest"
#: The field that names, line by line, what the page itself hides in the form: it differs from page to page.
HIDDEN = "_hides"
OWNER_COOKIE = "who"
#: Who has just left: her forms go from this device.
LEFT_COOKIE = "left"
ANSWER_COOKIE = "sent"
_ANSWER_LIFE_S = 600
_PROOF = re.compile(r"[0-9a-f-]{32,36}")
_OWNER = re.compile(r"[0-9a-f]{20}")
_NOT_TYPED = {"csrfmiddlewaretoken", PROOF, OWNER, HIDDEN}
_NOT_NOW = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
#: Where who is not, or not yet wholly, signed in is sent.
_DOORS = (settings.LOGIN_URL, "accounts:second-step", "wagtailadmin_login")


def owner_word(request: HttpRequest) -> str:
    """A word for the account of this session, which says nothing of it; empty where nobody is signed in."""
    if request.session.session_key is None or not request.user.is_authenticated:
        return ""
    user: User = request.user
    return salted_hmac("accounts.kept_forms", user.public_id.hex, algorithm="sha256").hexdigest()[:20]


def name_owner(request: HttpRequest, response: HttpResponseBase, *, before: str) -> None:
    """Let the page's script tell one account from another; `before`: whose session the request came with."""
    word = owner_word(request)
    if word and request.COOKIES.get(OWNER_COOKIE) != word:
        _tell(response, OWNER_COOKIE, word, life_s=settings.SESSION_COOKIE_AGE)
    if before and not word:
        _tell(response, LEFT_COOKIE, before, life_s=_ANSWER_LIFE_S)


def _tell(response: HttpResponseBase, name: str, value: str, *, life_s: int) -> None:
    """A cookie that the page's script may read."""
    response.set_cookie(name, value, max_age=life_s, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def is_strangers(request: HttpRequest) -> bool:
    """Whether this form stands on a page of another account than the one that is signed in here.

    Where nobody is, the page behind the address says what comes first.
    """
    named = str(request.POST.get(OWNER, ""))
    return bool(_OWNER.fullmatch(named)) and owner_word(request) not in {"", named}


def sender_of(request: HttpRequest) -> str:
    """Whose form this is: the account's, or the browser's where nobody is signed in or anybody may come."""
    word = "" if request.POST.get(OWNER) == GUEST else owner_word(request)
    if word:
        return f"account {word}"
    return f"browser {request.COOKIES.get(VISITOR_COOKIE) or request.META.get('CSRF_COOKIE', '')}"


def typed_in(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """What the form says, as (field, text): all of it, or with a proof what a person can change in it."""
    ignored: set[str] = set()
    if proof_of(request):
        ignored = {*_NOT_TYPED, *str(request.POST.get(HIDDEN, "")).splitlines()}
    for name, values in request.POST.lists():
        if name not in ignored:
            yield from ((name, str(value).replace("\r\n", "\n")) for value in values)
    for name, files in request.FILES.lists():
        for file in files:
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            yield name, f"{file.name} {content.hexdigest()}"


def proof_of(request: HttpRequest) -> str:
    """The device's own proof of this form; empty where it sent none."""
    text = str(request.POST.get(PROOF, ""))
    return text if _PROOF.fullmatch(text) else ""


def is_door(address: str) -> bool:
    """Whether somebody was sent there to sign in first."""
    parts = urlsplit(address)
    return "next" in parse_qs(parts.query) and parts.path in {resolve_url(name) for name in _DOORS}


def at_the_door(response: HttpResponse) -> HttpResponse:
    """The answer to a form that was not looked at: who it is meant to be from must come in first."""
    response.is_door = True  # type: ignore[attr-defined]
    return response


def refused(response: HttpResponse) -> HttpResponse:
    """A redirect that leads to the page which says what is to be mended."""
    response.is_refusal = True  # type: ignore[attr-defined]
    return response


def done(response: HttpResponse) -> HttpResponse:
    """A page of the console that answers a form which did what it says: what it shows is shown once."""
    response.is_done = True  # type: ignore[attr-defined]
    return response


def word_for(request: HttpRequest, response: HttpResponseBase) -> str:
    """How the form fared: `done`; `mend`, nothing was done; `door`, come in first; `later`, try again."""
    status = response.status_code
    if getattr(response, "is_door", False):
        return "door"
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
    _tell(response, ANSWER_COOKIE, f"{proof}.{word}", life_s=_ANSWER_LIFE_S)
    return word


def _has_said_no(request: HttpRequest) -> bool:
    """Whether the next page will say that something went wrong."""
    queued = getattr(getattr(request, "_messages", None), "_queued_messages", ())
    return any(message.level >= ERROR for message in queued)
