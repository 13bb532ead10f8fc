"""The rhythm of weeks and evenings."""

from bisect import bisect_left
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from apps.lib import clock

#: Monday … Sunday, and the hours of the day by how busy they are.
WEEK = (0.85, 0.8, 0.9, 0.95, 1.15, 1.4, 1.25)
_HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 7, 5, 6, 4, 3, 4, 4, 5, 6, 9, 12, 11, 6, 2)
_HOUR_SUMS = list(accumulate(_HOURS))


#: Before this hour people sleep, all but one in so many.
MORNING, AWAKE_ONE_IN = 6, 40


def moment_on(dice: Random, day: date, now: datetime) -> datetime:
    """A moment of that day before `now`, at an hour when people are up if there was one yet."""
    start = clock.start_of(day)
    hour = bisect_left(_HOUR_SUMS, dice.randint(1, _HOUR_SUMS[-1]))
    at = start + timedelta(hours=hour, minutes=dice.randint(0, 59), seconds=dice.randint(0, 59))
    if at < now:
        return at
    first = start + timedelta(hours=MORNING) if now > start + timedelta(hours=MORNING) else start
    return first + (now - first) * dice.random()


def awake(dice: Random, at: datetime) -> datetime:
    """`at`, or the morning after when it falls into the small hours, as it does for nearly all."""
    local = at.astimezone(clock.SHANGHAI)
    if local.hour >= MORNING or dice.randrange(AWAKE_ONE_IN) == 0:
        return at
    return clock.start_of(local.date()) + timedelta(minutes=dice.randint(MORNING * 60 + 30, 11 * 60))


def day_between(dice: Random, first: date, last: date) -> date:
    """A day between, weekends likelier."""
    for _ in range(8):
        day = first + timedelta(days=dice.randint(0, (last - first).days))
        if dice.random() < WEEK[day.weekday()] / 1.4:
            return day
    return day
