"""What may be shown of a personal value to someone who has not asked to reveal it.

Something is always hidden: of a short value the more.
"""

import re

from apps.lib import phone as phones

#: Where the part of an address begins that names a house: `12栋`, `一单元`, `二〇一`, `Flat 3B`.
_HOUSE = re.compile(
    r"[A-Za-z#. ]*\d|[〇零一二三四五六七八九十百两]{2}"
    r"|[一二三四五六七八九十百两](?=[号號栋棟幢座单單楼樓层層室户戶弄])"
)


def mask_phone(phone: str) -> str:
    """`138****8000`, `0571-****8888`, `+852****4567`: what is before the number itself whole or not at all.

    Of an extension, `0571-****8888 转 ***`, that there is one: by it alone a person may differ from another.
    """
    area, rest, extension = phones.parts(phone)
    code = phones.country_of(phone)
    digits = rest.replace("-", "").removeprefix(code)
    if area or code:
        shown = f"{area}-{_hide(digits, first=0)}" if area else f"{code}{_hide(digits, first=0)}"
    else:
        shown = _hide(digits, first=3)
    return f"{shown} 转 ***" if extension else shown


def _hide(digits: str, *, first: int) -> str:
    """The ends of a number, and three digits hidden at least; of a shorter one nothing is shown."""
    hidden = len(digits) - first - 4
    if hidden < 3:
        return "*" * len(digits)
    return f"{digits[:first]}{'*' * min(hidden, 4)}{digits[-4:]}"


def mask_name(name: str) -> str:
    """`张小雨` is `张**`, `李` is `*`."""
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" * min(len(name) - 1, 3)


def mask_address(address: str) -> str:
    """The first six characters (province and city) at most, never more than half and no house number."""
    address = address.strip()
    house = _HOUSE.search(address)
    shown = address[: min(6, len(address) // 2, house.start() if house else 6)].rstrip()
    return f"{shown}****" if address else ""
