"""Birthdays as people type them: `3月5日`, `三月五号`, `03-05`, `19900305`. No year is kept."""

import re
import unicodedata
from datetime import date

_NUMERALS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
#: Words of the moon's calendar, which has days of other names and other years.
_LUNAR = re.compile(r"[农阴旧]历|正月|腊月|冬月|初[一二三四五六七八九十]|廿|闰")
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十]+")
#: What stands around the digits of a day, and nothing else.
_AROUND = re.compile(r"[\s年月日号生./、,，\-–—_]|公历|阳历|新历|是|:")

LUNAR = "农历生日还记不了，先换成今年的公历日子，例如 3月5日。"
UNREADABLE = "生日写成 3月5日，或者 1990-03-05。"
NO_SUCH_DAY = "没有 {month}月{day}日这一天，看看有没有写错。"

Birthday = tuple[int, int]


class NotABirthdayError(ValueError):
    """It names no day of the year; the text says how to mend it."""


def read(text: str) -> Birthday:
    """Month and day of what somebody typed. NotABirthdayError."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _LUNAR.search(plain):
        raise NotABirthdayError(LUNAR)
    plain = _CHINESE.sub(lambda found: _number(found[0]), plain)
    if re.search(r"[^\d]", _AROUND.sub("", plain), re.ASCII):
        raise NotABirthdayError(UNREADABLE)
    month, day = _month_and_day(re.findall(r"\d+", plain, re.ASCII))
    try:
        date(2000, month, day)
    except ValueError:
        raise NotABirthdayError(
            NO_SUCH_DAY.format(month=month, day=day) if 1 <= month <= 12 else UNREADABLE
        ) from None
    return month, day


def _month_and_day(parts: list[str]) -> Birthday:
    match [len(part) for part in parts]:
        case [1 | 2, 1 | 2] | [2 | 4, 1 | 2, 1 | 2]:
            return int(parts[-2]), int(parts[-1])
        case [4] | [8]:  # 0305, 19900305
            return int(parts[0][-4:-2]), int(parts[0][-2:])
    raise NotABirthdayError(UNREADABLE)


def _number(numerals: str) -> str:
    """`三` is 3, `二十一` is 21, `一九九〇` is 1990."""
    if "十" not in numerals:
        return "".join(str(_NUMERALS[char]) for char in numerals)
    tens, _, ones = numerals.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numerals
    return str((_NUMERALS[tens] if tens else 1) * 10 + (_NUMERALS[ones] if ones else 0))


def say(month: int | None, day: int | None) -> str:
    """`3月5日`; nothing where it is not known."""
    return f"{month}月{day}日" if month and day else ""
