"""How often one phone, and one address, may post. Addresses are kept only as a keyed hash, for a minute."""

from typing import Any

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from apps.lib import crypto
from apps.storefront.visitors import COOKIE


class PhoneThrottle(SimpleRateThrottle):
    """One visitor at one address."""

    scope = "storefront"

    def get_cache_key(self, request: Any, view: Any) -> str:
        cookie = request.COOKIES.get(COOKIE, "")[:64]
        who = crypto.blind_index(cookie, scope="storefront:visitor").hex()
        return f"throttle:storefront:{view}:{who}:{source_of(request)}"


class AddressThrottle(SimpleRateThrottle):
    """One address, behind which a household or a carrier's customers may stand: five times as often."""

    scope = "storefront"

    def parse_rate(self, rate: str | None) -> Any:
        count, seconds = super().parse_rate(rate)
        return (count * 5 if count else count), seconds

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"throttle:storefront:{view}:{source_of(request)}"


def source_of(request: HttpRequest) -> str:
    """Where a request came from, as a hash that only this installation can compute."""
    address: Any = AddressThrottle().get_ident(request)  # type: ignore[arg-type]
    return crypto.blind_index(address or "", scope="storefront:source").hex()


def wait_s(request: Any, what: Any) -> int:
    """0 when the request may pass, else the seconds to wait."""
    for throttle in (PhoneThrottle(), AddressThrottle()):
        if not throttle.allow_request(request, what):
            return max(1, round(throttle.wait() or 60))
    return 0
