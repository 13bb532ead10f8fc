"""节气 and 节日: the list that HQ maintains, with the day on which each comes next."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from lunar_python import Lunar, LunarMonth

from apps.database.fields import PlainCharField
from apps.database.models import PublicIdModel
from apps.lib.pii import Pii

_TERMS = "立春雨水惊蛰春分清明谷雨立夏小满芒种夏至小暑大暑立秋处暑白露秋分寒露霜降立冬小雪大雪冬至小寒大寒"
TERMS = tuple(_TERMS[at : at + 2] for at in range(0, len(_TERMS), 2))
#: How the calendar's library names the terms of the neighbouring years in one year's table.
_ELSEWHERE = {
    "DA_XUE": "大雪",
    "DONG_ZHI": "冬至",
    "XIAO_HAN": "小寒",
    "DA_HAN": "大寒",
    "LI_CHUN": "立春",
    "YU_SHUI": "雨水",
    "JING_ZHE": "惊蛰",
}


class Festival(PublicIdModel):
    """An occasion of the year that materials are written for. Its day is computed, never typed in."""

    class Calendar(models.TextChoices):
        TERM = "term", "节气"
        LUNAR = "lunar", "农历节日"
        SOLAR = "solar", "公历节日"
        SUNDAY = "sunday", "某月第几个星期天"

    name = PlainCharField("名称", max_length=12, unique=True)
    calendar = models.CharField("按", max_length=6, choices=Calendar)
    month = models.PositiveSmallIntegerField(
        "月",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text="节气不用填，由名称算出来。",
    )
    day = models.PositiveSmallIntegerField(
        "日",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="农历小月没有三十，就算在二十九；「第几个星期天」填 1 到 5。",
    )
    is_active = models.BooleanField("在用", default=True)

    PII: ClassVar[dict[str, Pii]] = {"name": Pii.NONE, "calendar": Pii.NONE}

    class Meta:
        verbose_name = "节气节日"
        verbose_name_plural = "节气节日"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.calendar not in self.Calendar:
            return  # its own field has said so
        if self.calendar == self.Calendar.TERM:
            self.month = self.day = None
            if self.name not in TERMS:
                raise ValidationError({"name": "没有这个节气。节气共二十四个，例如「冬至」。"})
            return
        if self.month is None or self.day is None:
            raise ValidationError({"month": "请填几月几日，好算出下一次是哪天。"})
        most = {self.Calendar.LUNAR: 30, self.Calendar.SUNDAY: 5}.get(self.Calendar(self.calendar), 31)
        if self.day > most:
            raise ValidationError({"day": f"最大是 {most}。"})

    def next_on(self, today: date) -> date | None:
        """The day on which it comes next, today included; None for a day that no year has."""
        return _next_on(self.calendar, self.name, self.month, self.day, today)


@lru_cache(maxsize=512)
def _next_on(calendar: str, name: str, month: int | None, day: int | None, today: date) -> date | None:
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        on = _in_year(calendar, name, month or 1, day or 1, year)
        if on is not None and on >= today:
            found.append(on)
    return min(found, default=None)


def _in_year(calendar: str, name: str, month: int, day: int, year: int) -> date | None:
    if calendar == Festival.Calendar.TERM:
        return _terms(year).get(name)
    if calendar == Festival.Calendar.LUNAR:
        # A short month has no thirtieth: what falls on it falls on the twenty-ninth.
        has = LunarMonth.fromYm(year, month).getDayCount()
        return _plain(Lunar.fromYmd(year, month, min(day, has)).getSolar())
    try:
        if calendar == Festival.Calendar.SUNDAY:
            first = date(year, month, 1)
            found = first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (day - 1))
            return found if found.month == month else None
        return date(year, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _terms(year: int) -> dict[str, date]:
    """The 24 terms of one calendar year."""
    table: dict[str, Any] = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    days = {}
    for name, solar in table.items():
        on = _plain(solar)
        if on.year == year:
            days[_ELSEWHERE.get(name, name)] = on
    return days


def _plain(solar: Any) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
