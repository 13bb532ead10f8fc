"""Put the host behind the session on the request and stand as her; hold HQ until the second step."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts import access, own_browser
from apps.accounts.standing import enter_as


class HostMiddleware:
    """`request.host`: the active host who is signed in, or None.

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
        response = self.get_response(request)
        if host is not None:
            own_browser.remember(request, response, host)
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
