"""Days and months as Asia/Shanghai sees them: half-open intervals over stored UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: The days that we count with: whatever is added to one of them is still a day of the calendar, and of a
#: database. Nothing of ours is older; what is planned for later is a slip of the finger.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def is_countable(day: date) -> bool:
    """Whether a day (or moment) lies where periods can be counted from it and to it."""
    return FIRST_DAY.year <= day.year <= LAST_DAY.year


def day_of(moment: datetime) -> date:
    """The Shanghai calendar day of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of a Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)


def day_range(day: date) -> tuple[datetime, datetime]:
    """`[start, end)` of one Shanghai day."""
    return start_of(day), start_of(day + timedelta(days=1))


def days_between(earlier: datetime, later: datetime) -> int:
    """How many Shanghai midnights lie between two moments: `昨天` is 1, however few hours ago."""
    return (day_of(later) - day_of(earlier)).days


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after `day`'s."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
