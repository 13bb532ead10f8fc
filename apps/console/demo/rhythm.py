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


def moment_on(dice: Random, day: date, now: datetime) -> datetime:
    hour = bisect_left(_HOUR_SUMS, dice.randint(1, _HOUR_SUMS[-1]))
    at = clock.start_of(day) + timedelta(hours=hour, minutes=dice.randint(0, 59), seconds=dice.randint(0, 59))
    return at if at < now else clock.start_of(day) + (now - clock.start_of(day)) * dice.random()


def day_between(dice: Random, first: date, last: date) -> date:
    """A day between, weekends likelier."""
    for _ in range(8):
        day = first + timedelta(days=dice.randint(0, (last - first).days))
        if dice.random() < WEEK[day.weekday()] / 1.4:
            return day
    return day
