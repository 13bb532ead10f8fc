"""Streaks and make-ups: arithmetic of Shanghai days, without a database."""

from collections.abc import Iterable
from datetime import date, timedelta

#: How many days she may make up for in one calendar month, and how far back.
MAKE_UPS_A_MONTH = 2
MAKE_UP_WITHIN = timedelta(days=7)
_DAY = timedelta(days=1)


def streak(days: Iterable[date], today: date) -> int:
    """Days in a row up to today; up to yesterday while today is still open."""
    known = set(days)
    at = today if today in known else today - _DAY
    count = 0
    while at in known:
        count += 1
        at -= _DAY
    return count


def longest(days: Iterable[date]) -> int:
    """The longest row of days there has been."""
    best = run = 0
    before: date | None = None
    for day in sorted(set(days)):
        run = run + 1 if before is not None and day - before == _DAY else 1
        best, before = max(best, run), day
    return best


def missed(days: Iterable[date], *, today: date, since: date) -> list[date]:
    """Days that could still be made up for, the latest first: not today, not before `since`."""
    known = set(days)
    first = max(today - MAKE_UP_WITHIN, since)
    return [today - n * _DAY for n in range(1, (today - first).days + 1) if today - n * _DAY not in known]


def left_in_month(made_up: Iterable[date], day: date) -> int:
    """How many days of `day`'s calendar month may still be made up for."""
    used = sum((one.year, one.month) == (day.year, day.month) for one in made_up)
    return max(0, MAKE_UPS_A_MONTH - used)
