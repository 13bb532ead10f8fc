"""Days and months as Asia/Shanghai sees them: half-open intervals over stored UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The Shanghai calendar day of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of a Shanghai day."""
    return datetime.combine(day, time.min, SHANGHAI)


def day_range(day: date) -> tuple[datetime, datetime]:
    """`[start, end)` of one Shanghai day."""
    return start_of(day), start_of(day + timedelta(days=1))


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the month after `day`'s."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
