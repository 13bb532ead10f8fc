"""What a text from outside says: in an address, a form, a file. None where it says nothing of the kind.

Python itself takes `²` for a digit, `٣` for a three and the year 9999 for a day that has a tomorrow.
"""

import re
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError

from apps.lib import clock

#: The largest whole number that a column of keys can hold.
LARGEST = 2**63 - 1
NOT_COUNTABLE = f"年份要在 {clock.FIRST_DAY.year} 到 {clock.LAST_DAY.year} 之间，请看看有没有写错。"
#: No list has more pages.
LAST_PAGE = 10**6
#: How a whole number is typed; a Chinese keyboard also makes full width of it.
_TYPED = re.compile(r"[+-]?[0-9]{1,100}")
_NARROW = {ord(wide): ord(wide) - 0xFEE0 for wide in "０１２３４５６７８９＋－"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def number(text: str, *, least: int = 0, most: int = LARGEST) -> int | None:
    """A whole number in plain digits, from `least` to `most`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    return found if least <= (found := int(text)) <= most else None


def typed_number(text: str) -> int | None:
    """A whole number as people type it: digits, perhaps full width or signed; no `②`, `٣`, `1_0`, `1e1`."""
    plain = text.strip().translate(_NARROW)
    return int(plain) if _TYPED.fullmatch(plain) else None


def page(text: str) -> int:
    """Which page of a list: the first where the address names none."""
    return number(text, least=1, most=LAST_PAGE) or 1


def day(text: str) -> date | None:
    """`2026-03-05`, among the days that we count with."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and clock.is_countable(found) else None


def days(first: str, last: str) -> tuple[date, date] | None:
    """Two such days, the earlier one first."""
    ends = day(first), day(last)
    return (ends[0], ends[1]) if ends[0] and ends[1] and ends[0] <= ends[1] else None


def uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def check_day(value: date) -> None:
    """For a field of a form, an API or a table that holds a day or a moment: one that we can count with."""
    if not clock.is_countable(value):
        raise ValidationError(NOT_COUNTABLE, code="day")
