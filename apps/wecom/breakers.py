"""APIs that must rest: rows that every process sees. A call in the time of rest would only prolong it."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from apps.wecom.models import Breaker

#: WeCom blocks by the window that overflowed: a minute first, and if that was not it, an hour.
_RESTS = (timedelta(seconds=60), timedelta(minutes=60))
#: An overflow so soon after a rest means that the rest was too short.
_SAME_TROUBLE = timedelta(minutes=5)


def open_until(api: str) -> datetime | None:
    """Until when `api` rests, or None when it may be called."""
    return Breaker.objects.filter(api=api, open_until__gt=Now()).values_list("open_until", flat=True).first()


def rest(api: str, pause: timedelta, *, reason: str, strikes: int = 0) -> None:
    """Leave `api` alone for `pause`, unless it rests already."""
    fresh = {"open_until": Now() + pause, "reason": reason, "strikes": strikes}
    _, made = Breaker.objects.get_or_create(api=api, defaults=fresh)
    if not made:
        Breaker.objects.filter(api=api, open_until__lte=Now()).update(**fresh)


def note_too_often(api: str) -> timedelta:
    """WeCom said "too often": rest for as long as its block lasts; how long that is."""
    lately = Q(open_until__lte=Now(), open_until__gt=Now() - _SAME_TROUBLE)
    strikes = Breaker.objects.filter(lately, api=api).values_list("strikes", flat=True).first() or 0
    strikes = min(strikes + 1, len(_RESTS))
    pause = _RESTS[strikes - 1]
    rest(api, pause, reason="调用太频繁", strikes=strikes)
    return pause
