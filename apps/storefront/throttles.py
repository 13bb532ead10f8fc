"""How often one phone, and one address, may post. Addresses are kept only as a keyed hash, for a minute."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.services import rate_limits
from apps.database import crypto
from apps.lib.requests import network_of
from apps.storefront.visitors import COOKIE, known_guest
from apps.tracking.models import Link
from apps.trade.doubts import is_new
from apps.trade.rules import rules

PHONE_A_MINUTE = 60
#: Behind one address a household or a carrier's customers may stand.
ADDRESS_A_MINUTE = 300
MY_DATA_AN_HOUR = 10
SAME_PHONE_AN_HOUR = 3
#: So many browsers of the same make, new to us, from one address, count as visitors of one link: a household.
NEW_BROWSERS_AN_HOUR = 3
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def source_of(request: HttpRequest) -> str:
    """Where a request came from, as a hash that only this installation can compute."""
    return crypto.blind_index(network_of(request), scope="storefront:source").hex()


def wait_s(request: HttpRequest, what: str) -> int:
    """0 when the request may pass, else the seconds to wait. Counted over all processes."""
    now, source = timezone.now(), source_of(request)
    phone = f"{request.COOKIES.get(COOKIE, '')[:64]} {source}"
    return rate_limits.wait_s(
        f"storefront:{what}:phone", phone, limit=PHONE_A_MINUTE, window=_MINUTE, now=now
    ) or rate_limits.wait_s(
        f"storefront:{what}:address", source, limit=ADDRESS_A_MINUTE, window=_MINUTE, now=now
    )


def note_refusal(request: HttpRequest) -> None:
    """Somebody asked for more than HQ allows: a slip, or a program that tries out what it may have."""
    for action, who, limit in _refusals(request):
        rate_limits.wait_s(action, who, limit=limit, window=_HOUR, now=timezone.now())


def refused_wait_s(request: HttpRequest) -> int:
    """0 unless this phone, or strangers at its address, were refused too often; else the seconds to wait."""
    now = timezone.now()
    return max(
        rate_limits.left_s(action, who, limit=limit, window=_HOUR, now=now)
        for action, who, limit in _refusals(request)
    )


def _refusals(request: HttpRequest) -> list[tuple[str, str, int]]:
    """By what refusals are counted: a phone that came before by itself, so that nobody locks it out."""
    set_by_hq = rules()
    guest = known_guest(request)
    counts = []
    if guest is not None:
        counts.append(("storefront:refused:phone", str(guest.visitor.pk), set_by_hq.refusals_of_browser))
    if guest is None or is_new(guest.visitor, set_by_hq, timezone.now()):
        counts.append(("storefront:refused:address", source_of(request), set_by_hq.refusals_of_address))
    return counts


def my_data_wait_s(request: HttpRequest) -> int:
    """The same for asking after one's data and giving codes back: far more seldom."""
    return rate_limits.wait_s(
        "storefront:my-data",
        source_of(request),
        limit=MY_DATA_AN_HOUR,
        window=timedelta(hours=1),
        now=timezone.now(),
    )


def asks_again_wait_s(request: HttpRequest, phone: str) -> int:
    """How often one network asks after one phone: by network, so that no stranger shuts its owner out."""
    return rate_limits.wait_s(
        "storefront:my-data:phone",
        f"{source_of(request)} {phone}",
        limit=SAME_PHONE_AN_HOUR,
        window=_HOUR,
        now=timezone.now(),
    )


def is_repetition(request: HttpRequest, link: Link) -> bool:
    """Whether this request without our cookie is one too many of its like: the same program over and over."""
    agent = request.headers.get("User-Agent", "")[:300]
    return bool(
        rate_limits.wait_s(
            "storefront:new-browser",
            f"{link.pk} {source_of(request)} {agent}",
            limit=NEW_BROWSERS_AN_HOUR,
            window=timedelta(hours=1),
            now=timezone.now(),
        )
    )
