"""How often something may be tried: counted in the database, so by all processes and machines together.

A request adds a row and counts the rows of its window; nobody waits for anybody's lock. Requests of the same
instant may not see each other, so this is a brake. What must be exact (wrong passwords) holds a lock instead.
"""

from datetime import datetime, timedelta

from apps.accounts.models import RateHit
from apps.database import crypto

#: Rows older than this are nobody's business any more.
KEPT = timedelta(hours=2)


def wait_s(action: str, who: str, *, limit: int, window: timedelta, now: datetime) -> int:
    """0 when `who` may do `action`, else the seconds to wait; `who` is kept as a keyed hash."""
    wait = left_s(action, who, limit=limit, window=window, now=now)
    if not wait:
        RateHit.objects.create(key=_key(action, who), at=now)
    return wait


def left_s(action: str, who: str, *, limit: int, window: timedelta, now: datetime) -> int:
    """The same, without counting this as a try."""
    inside = RateHit.objects.filter(key=_key(action, who), at__gt=now - window).order_by("at")
    times = list(inside.values_list("at", flat=True)[: limit + 1])
    if len(times) < limit:
        return 0
    return max(1, int((times[len(times) - limit] + window - now).total_seconds()))


def _key(action: str, who: str) -> bytes:
    return crypto.blind_index(who, scope=f"rate:{action}")


def forget(*, now: datetime) -> int:
    """Delete what no window reaches any more; how many rows."""
    gone, _ = RateHit.objects.filter(at__lt=now - KEPT).delete()
    return gone
