"""What every answer tells the browser: the content security policy, who may frame it, what it may ask for."""

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER, NONCE, NONE, SELF, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

#: Hosts' and consumers' pages, sign-in, errors, the API and its docs: our own files, nothing inline. Script
#: or style that must stand in a page carries the request's nonce (`{{ CSP_NONCE }}`), which is named then.
PAGES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "img-src": [SELF, "data:", "blob:"],
    "media-src": [SELF, "blob:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
#: The console is Wagtail's: its pages carry inline scripts without a nonce (each template's `extra_js`, the
#: chooser and chart widgets) and its editor sets style attributes. Nothing from elsewhere is loaded all the
#: same, nothing is evaluated from text, and only the console frames itself, for its previews.
CONSOLE: dict[str, Any] = {
    **PAGES,
    "default-src": [SELF],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "font-src": [SELF, "data:"],
    "frame-src": [SELF],
    "object-src": [NONE],
    "base-uri": [SELF],
    "frame-ancestors": [SELF],
}
_CONSOLE = "/hq/"
#: Nothing of the device is asked for but what sharing needs, and that by our own pages alone.
PERMISSIONS = ", ".join(
    [
        "clipboard-write=(self)",
        *(
            f"{name}=()"
            for name in (
                "accelerometer",
                "autoplay",
                "camera",
                "display-capture",
                "encrypted-media",
                "fullscreen",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "picture-in-picture",
                "publickey-credentials-get",
                "screen-wake-lock",
                "usb",
                "xr-spatial-tracking",
            )
        ),
    ]
)


def is_console(request: HttpRequest) -> bool:
    return request.path.startswith(_CONSOLE)


class PolicyMiddleware(CSPMiddleware):
    """django-csp, with the console's looser policy below `/hq/`."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if is_console(request) and parts.config is None and not report_only:
            parts.config = CONSOLE
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response = super().process_response(request, response)
        if is_console(request):
            # A preview is a host's or a consumer's page with its strict policy: the console may frame it.
            policy = response.get(HEADER, "")
            response[HEADER] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response


#: What HQ wrote for all hosts: the same for each of them, nothing of a customer on it.
_FOR_EVERYBODY = ("/materials/", "/cases/", "/learn/", "/plan/", "/static/", "/api/docs/", "/api/v1/schema/")


def _is_somebodys(request: HttpRequest) -> bool:
    """Whether it was asked with a session or a token: then the answer may hold personal data."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or "Authorization" in request.headers


class HeadersMiddleware:
    """The rest: outermost, so that errors and files have them too.

    No cache keeps what was made for somebody, unless the view says otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if _is_somebodys(request) and not request.path.startswith(_FOR_EVERYBODY):
            response.setdefault("Cache-Control", "private, no-store")
        # For browsers that know no frame-ancestors; the two say the same.
        response["X-Frame-Options"] = "SAMEORIGIN" if is_console(request) else "DENY"
        return response
