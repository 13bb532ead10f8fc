"""Birthdays as people type them."""

import pytest

from apps.lib import birthdays


@pytest.mark.parametrize(
    "text",
    [
        "3月5日", "3月5号", "3月5", "03月05日", "三月五日", "三月五号", "3-5", "03-05", "3/5", "3.5",
        "０３０５", "1990-03-05", "1990/3/5", "1990.03.05", "1990年3月5日", "一九九〇年三月五日", "19900305",
        "90年3月5日",        " 3 月 5 日 ", "公历3月5日", "生日是3月5号",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_typed(text: str) -> None:
    assert birthdays.read(text) == (3, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2月29日", (2, 29)), ("12月31日", (12, 31)), ("十二月二十一号", (12, 21)), ("十月十日", (10, 10))],
)
def test_every_day_of_a_year_can_be_one(text: str, day: birthdays.Birthday) -> None:
    assert birthdays.read(text) == day


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("农历三月初五", birthdays.LUNAR),
        ("阴历3月5日", birthdays.LUNAR),
        ("腊月初八", birthdays.LUNAR),
        ("正月十五", birthdays.LUNAR),
        ("2月30日", "没有 2月30日这一天，看看有没有写错。"),
        ("13月5日", birthdays.UNREADABLE),
        ("3月", birthdays.UNREADABLE),
        ("春天", birthdays.UNREADABLE),
        ("90后", birthdays.UNREADABLE),
        ("1990", birthdays.UNREADABLE),
        ("三十三月五日", birthdays.UNREADABLE),
        ("十十月五日", birthdays.UNREADABLE),
        ("3月5日和6日", birthdays.UNREADABLE),
        ("٣月٥日", birthdays.UNREADABLE),
        ("", birthdays.UNREADABLE),
    ],
)
def test_what_names_no_day_is_told_with_the_mend(text: str, mend: str) -> None:
    with pytest.raises(birthdays.NotABirthdayError) as told:
        birthdays.read(text)
    assert str(told.value) == mend
