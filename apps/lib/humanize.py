"""How amounts, moments and counts are said to people: `今天 14:05`, `昨天`, `3月5日`, `1.2万`."""

from datetime import date, datetime

from apps.lib import clock

_WEEKDAYS = "一二三四五六日"


def say_moment(moment: datetime, *, now: datetime) -> str:
    """`刚刚`, `12分钟前`, `今天 09:05`, `昨天 21:30`, `周三 10:00`, `3月5日`, `2024年3月5日`."""
    passed = (now - moment).total_seconds()
    if 0 <= passed < 60:
        return "刚刚"
    if 0 <= passed < 3_600:
        return f"{int(passed // 60)}分钟前"
    local = moment.astimezone(clock.SHANGHAI)
    today = clock.day_of(now)
    days = (today - local.date()).days
    if days == 0:
        return f"今天 {local:%H:%M}"
    if days == 1:
        return f"昨天 {local:%H:%M}"
    if 1 < days < 7:
        return f"周{_WEEKDAYS[local.weekday()]} {local:%H:%M}"
    return say_day(local.date(), today=today)


def say_day(day: date, *, today: date) -> str:
    """`今天`, `昨天`, `明天`, `3月5日`, `2024年3月5日`."""
    near = {0: "今天", 1: "昨天", -1: "明天"}.get((today - day).days)
    if near:
        return near
    if day.year == today.year:
        return f"{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def name_day(day: date, *, today: date) -> str:
    """`3月5日`; with its year where that is another one: what is decided on must not be mistaken."""
    return f"{day:%-m月%-d日}" if day.year == today.year else f"{day:%Y年%-m月%-d日}"


def name_moment(moment: datetime, *, now: datetime) -> str:
    """`3月5日 09:00`, `2999年1月1日 09:00`."""
    local = moment.astimezone(clock.SHANGHAI)
    return f"{name_day(local.date(), today=clock.day_of(now))} {local:%H:%M}"


def say_weekday(day: date) -> str:
    return f"周{_WEEKDAYS[day.weekday()]}"


def say_count(count: int) -> str:
    """Exact below 10,000, then in 万 with one place."""
    if abs(count) < 10_000:
        return f"{count:,}"
    text = f"{count / 10_000:.1f}".removesuffix(".0")
    return f"{text}万"
