"""Put the host behind the session on the request and stand as her; hold HQ until the second step.

And let a form that is sent twice have one effect.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import get_callable, reverse
from django.utils import timezone
from django.utils.http import urlencode

from apps.accounts import access, kept_forms, own_browser
from apps.accounts.database_role import enter_as
from apps.accounts.models import SentForm
from apps.accounts.services import sent_forms
from apps.lib.requests import own_address


class HostMiddleware:
    """`request.host`: the active host who is signed in, or None.

    `request.kept_owner`: the word by which the page's script knows the account (kept_forms.py).

    Read anew with each request, so a suspended or departed host is out at once, whatever her session says.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Without a session cookie nobody is signed in: no query.
        signed_in = request.session.session_key is not None and request.user.is_authenticated
        request.host = access.host_of(request.user) if signed_in else None  # type: ignore[attr-defined]
        if signed_in:
            enter_as(request, request.user, request.host)  # type: ignore[attr-defined]
        host = request.host  # type: ignore[attr-defined]
        before = kept_forms.owner_word(request)
        request.kept_owner = before  # type: ignore[attr-defined]
        response = self.get_response(request)
        if host is not None:
            own_browser.remember(request, response, host)
        kept_forms.name_owner(request, response, before=before)
        return response


#: Where HQ's console stands (the contract's address, whatever the URLconf of a test).
_CONSOLE = "/hq/"
#: What of the console opens before the second step: leaving, and what its sign-in page loads.
_BEFORE = ("login/", "logout/", "sprite/", "jsi18n/")


class SecondStepMiddleware:
    """Nobody enters the console on one step where two are due; elsewhere she then has no role."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if (
            request.path.startswith(_CONSOLE)
            and not request.path.removeprefix(_CONSOLE).startswith(_BEFORE)
            and request.session.session_key is not None
            and request.user.is_authenticated
            and access.awaits_second_step(request.user)
        ):
            address = f"{reverse('accounts:second-step')}?{urlencode({'next': request.get_full_path()})}"
            return redirect(address)
        return self.get_response(request)


def each_counts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Have each form of this page done, also one like an earlier: yes, no, yes again; the last word holds.

    For what changes nothing when it is really sent twice.
    """
    view.each_counts = True  # type: ignore[attr-defined]
    return view


class SentOnceMiddleware:
    """The twin of a form goes where the first one led, and nothing is done again (services/sent_forms.py).

    A form from a page that another account opened is not done at all: who has signed in here meanwhile never
    asked for it.

    Innermost: it acts after the CSRF check and inside the request's transaction. A form that was answered by
    a page instead of a redirect (something is to be mended, or a part for htmx) is free to come again, and so
    is one that changed who is signed in or gave a cookie, which the twin's answer would not bring.

    Who keeps forms on the device sends a proof of its own with each (kept_forms.py). It stays the same over
    pages opened anew, ended sessions and tries after a lost network, and is answered with how the form fared.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session.session_key
        response = self.get_response(request)
        row: SentForm | None = getattr(request, "sent_form", None)
        proof = kept_forms.proof_of(request) if _is_form(request) else ""
        if row is not None and not row.led_to and not transaction.get_rollback():
            is_same = session == request.session.session_key and not response.cookies
            led_to = _led_to(request, response) if is_same else ""
            if led_to:
                sent_forms.remember(row, led_to)
            else:
                row.delete()
        if proof:
            kept_forms.answer(request, response, proof)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if _is_form(request) and kept_forms.is_strangers(request):
            refuse = get_callable(settings.CSRF_FAILURE_VIEW)
            answer: HttpResponse = refuse(request, reason="another account's page")
            return answer
        mark = _mark_of(request)
        if not mark or getattr(view, "each_counts", False):
            return None
        if not transaction.get_connection().in_atomic_block:
            return None
        key = sent_forms.key_of(
            mark,
            request.get_full_path(),
            sender=kept_forms.sender_of(request),
            typed=kept_forms.typed_in(request),
        )
        row = sent_forms.claim(key, now=timezone.now())
        request.sent_form = row  # type: ignore[attr-defined]
        if not row.led_to:
            return None
        messages.info(request, "刚才已经提交过了，没有重复提交。")
        where = sent_forms.where(row)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": where})
        return HttpResponseRedirect(where)


def _is_form(request: HttpRequest) -> bool:
    kinds = {"application/x-www-form-urlencoded", "multipart/form-data"}
    return request.method == "POST" and request.content_type in kinds


def _led_to(request: HttpRequest, response: HttpResponseBase) -> str:
    """Where what was done led; empty when nothing was."""
    if kept_forms.word_for(request, response) != "done":
        return ""
    if response.status_code in {302, 303}:
        return response["Location"]
    if request.headers.get("HX-Request") and kept_forms.proof_of(request):
        # A part of a page: the twin is led to the whole one.
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        return own_address(page._replace(scheme="", netloc="", fragment="").geturl()) or "/"
    return ""


def _mark_of(request: HttpRequest) -> str:
    """What a form of a page of ours carries; empty for everything else that is posted."""
    if not _is_form(request) or request.headers.get("X-Requested-With"):
        return ""
    if proof := kept_forms.proof_of(request):
        return proof
    return "" if request.headers.get("HX-Request") else str(request.POST.get("csrfmiddlewaretoken", ""))
