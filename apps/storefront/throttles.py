"""How often one phone, and one address, may post. Addresses are kept only as a keyed hash, for a minute."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.services import doors
from apps.lib import crypto
from apps.lib.requests import address_of
from apps.storefront.visitors import COOKIE

PHONE_A_MINUTE = 60
#: Behind one address a household or a carrier's customers may stand.
ADDRESS_A_MINUTE = 300
MY_DATA_AN_HOUR = 10
_MINUTE = timedelta(minutes=1)


def source_of(request: HttpRequest) -> str:
    """Where a request came from, as a hash that only this installation can compute."""
    return crypto.blind_index(address_of(request), scope="storefront:source").hex()


def wait_s(request: HttpRequest, what: str) -> int:
    """0 when the request may pass, else the seconds to wait. Counted over all processes."""
    now, source = timezone.now(), source_of(request)
    phone = f"{request.COOKIES.get(COOKIE, '')[:64]} {source}"
    return doors.wait_s(
        f"storefront:{what}:phone", phone, limit=PHONE_A_MINUTE, window=_MINUTE, now=now
    ) or doors.wait_s(f"storefront:{what}:address", source, limit=ADDRESS_A_MINUTE, window=_MINUTE, now=now)


def my_data_wait_s(request: HttpRequest) -> int:
    """The same for asking after one's data and giving codes back: far more seldom."""
    return doors.wait_s(
        "storefront:my-data",
        source_of(request),
        limit=MY_DATA_AN_HOUR,
        window=timedelta(hours=1),
        now=timezone.now(),
    )
