"""`{% load humanize %}`: money, moments and counts in templates, as `apps.lib.humanize` says them."""

from datetime import date, datetime
from uuid import UUID

from django import template
from django.utils import timezone

from apps.lib import addresses, clock, humanize, money, phone

register = template.Library()
_FORMS_OF_ADDRESS = set("姐哥妈爸叔姨婶嫂伯婆爷总")


@register.filter
def yuan(fen: int | None) -> str:
    """`123450` is `¥1,234.50`; nothing is `—`."""
    return "—" if fen is None else money.show_yuan(fen)


@register.filter
def whole_yuan(fen: float) -> str:
    """`123450.4` is `¥1,235`: averages, which are not exact to the fen."""
    return money.show_yuan(round(fen / 100) * 100).removesuffix(".00")


@register.filter
def moment(value: datetime | None) -> str:
    return humanize.say_moment(value, now=timezone.now()) if value else ""


@register.filter
def day(value: date | None) -> str:
    return humanize.say_day(value, today=clock.day_of(timezone.now())) if value else ""


@register.filter
def weekday(value: date) -> str:
    return humanize.say_weekday(value)


@register.filter
def people(count: int) -> str:
    return humanize.say_count(count)


@register.filter
def exactly(count: int) -> str:
    """`14203` is `14,203`: where one looks because it must be exact."""
    return f"{count:,}"


@register.filter
def national_phone(stored: str) -> str:
    """`+8657188888888` is `0571-88888888`."""
    return phone.national(stored)


@register.filter
def dialled(stored: str) -> str:
    """What stands in a `tel:` address."""
    return phone.dialled(stored)


@register.filter
def initial(name: str) -> str:
    """What stands in a round face without a picture: `王小雨` is 雨, `林姐` is 林, `Amy` is A."""
    name = name.strip()
    if not name:
        return "客"
    is_given_name = "\u4e00" <= name[-1] <= "\u9fff" and name[-1] not in _FORMS_OF_ADDRESS
    return name[-1] if is_given_name else name[0].upper()


@register.filter
def page_of(public_id: UUID, name: str) -> str:
    """`{{ row.public_id|page_of:"workbench:customer" }}`: `{% url %}` for the lines of a long list."""
    return addresses.page_of(name, public_id)
