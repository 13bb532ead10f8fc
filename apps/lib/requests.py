"""What we believe of a request."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

from apps.lib.addresses import own_page

#: The cookie by which a consumer's browser is known again (storefront/visitors.py).
VISITOR_COOKIE = "v"


def address_of(request: HttpRequest) -> str:
    """The IP address a request came from.

    Behind `TRUSTED_PROXIES` proxies of ours, the nth entry of X-Forwarded-For from the right was written by
    the outermost of them; everything left of it a caller may invent. With 0 the header is not read at all.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    named = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    count = settings.TRUSTED_PROXIES
    found = named[-min(count, len(named))] if count and named else peer
    try:
        return str(ip_address(found))
    except ValueError:
        return peer or "0.0.0.0"  # noqa: S104 - a name for "unknown", nothing is bound to it


def network_of(request: HttpRequest) -> str:
    """By what requests of one place are counted: its IPv4 address, or the first of the /64 of an IPv6 line.

    One line is given 2^64 addresses of IPv6, and uses a new one for each request if it likes.
    """
    text = address_of(request)
    try:
        address = ip_address(text)
    except ValueError:
        return text
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, 64), strict=False).network_address)


def own_address(*wanted: str) -> str:
    """The first of the wanted addresses if it is a page of ours, else empty: where to lead back to."""
    return own_page(next((one for one in wanted if one), ""))
