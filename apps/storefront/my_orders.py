"""我的订单: the private links of the orders that this very browser placed, kept by it and by nobody else.

What such a link shows is said by the link itself (access.order_behind): another device, another person's
browser, an order past its time or of an erased person has nothing here.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase

from apps.storefront import sealed

COOKIE = "o"
LIFE = timedelta(days=180)
MOST_BYTES = 1_800
MOST = 30


@dataclass(frozen=True, slots=True)
class Mine:
    """With which host, and the text of the private link."""

    host_id: int
    token: str


def kept(request: HttpRequest) -> list[Mine]:
    """The newest first."""
    found = sealed.taken(request, COOKIE)
    rows = found if isinstance(found, list) else []
    return [Mine(int(row[0]), str(row[1])) for row in rows if len(row) == 2]


def keep(request: HttpRequest, response: HttpResponseBase, *, host_id: int, token: str) -> None:
    """Add the private link of an order just placed."""
    rest = [one for one in kept(request) if one.token != token]
    rows = [Mine(host_id, token), *rest][:MOST]
    while not sealed.put(
        response,
        COOKIE,
        [(one.host_id, one.token) for one in rows],
        life=LIFE,
        path=sealed.behind_links(),
        most_bytes=MOST_BYTES,
    ):
        rows.pop()
