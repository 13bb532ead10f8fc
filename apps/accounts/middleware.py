"""Put the host behind the session on the request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from apps.accounts import access


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
        return self.get_response(request)
