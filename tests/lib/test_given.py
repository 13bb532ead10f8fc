"""What addresses, forms and rows say: days and numbers that can be counted with, or nothing."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError

from apps.lib import clock, given
from tests.factories import a_host, a_sku, api_of


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("007", 7), ("0", 0), ("", None), ("²", None), ("٣", None), ("７", None), ("-1", None),
     ("1e3", None), (" 7", None), ("9" * 5_000, None), (str(given.LARGEST), given.LARGEST),
     (str(given.LARGEST + 1), None)],
)  # fmt: skip
def test_a_number_is_written_in_plain_digits(text: str, number: int | None) -> None:
    assert given.number(text) == number


def test_a_number_keeps_its_bounds_and_a_page_is_the_first_at_worst() -> None:
    assert [given.number(text, least=1, most=3) for text in "01234"] == [None, 1, 2, 3, None]
    assert [given.page(text) for text in ("", "0", "²", "4", "9" * 12)] == [1, 1, 1, 4, 1]


@pytest.mark.parametrize(
    "text",
    ["9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01", "20260305", "2026-W10-4", "2026-02-30"],
)
def test_a_day_that_nothing_can_be_counted_from_is_none(text: str) -> None:
    assert given.day(text) is None
    assert given.days("2026-03-01", text) is None


def test_days_are_in_their_order() -> None:
    assert given.day("2026-03-05") == date(2026, 3, 5)
    assert given.days("2026-03-05", "2026-03-06") == (date(2026, 3, 5), date(2026, 3, 6))
    assert given.days("2026-03-06", "2026-03-05") is None


def test_whatever_is_counted_from_the_first_and_the_last_day_is_a_day() -> None:
    for day in (clock.FIRST_DAY, clock.LAST_DAY):
        given.check_day(day)
        start, end = clock.day_range(day)
        assert start < end
        assert clock.next_month(day) > clock.first_of_month(day)
    for moment in (date.max, date.min, datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        with pytest.raises(ValidationError, match="1900 到 2199"):
            given.check_day(moment)


def test_an_id_or_nothing() -> None:
    text = "018f0000-0000-7000-8000-000000000000"
    assert given.uuid(text) == UUID(text)
    assert given.uuid("²") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("7", 7), (" ７０ ", 70), ("－3", -3), ("+2", 2), ("007", 7)),
        *(
            (text, None)
            for text in ("", "②", "٣", "²", "1_0", "1e1", "2.0", "0x2", "--1", "1 0", "三", "9" * 101)
        ),
    ],
)
def test_a_number_is_digits_however_wide(text: str, number: int | None) -> None:
    assert given.typed_number(text) == number


def test_no_form_reads_numbers_in_its_own_way() -> None:
    """Django's own field takes every script's digits, `1_0` and `2.0`."""
    for path in (Path(settings.ROOT) / "apps").rglob("*.py"):
        if path.parts[-2:] != ("lib", "forms.py") and "sandbox" not in path.parts:
            assert not re.search(r"\b(forms\.|= )IntegerField\(", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("sent", ["٣", "1_0", "②", "1e1", "2.0", 2.0, True, [2], {}])
@pytest.mark.django_db
def test_the_api_takes_numbers_for_numbers(sent: Any) -> None:
    host, sku = a_host(), a_sku()
    body = {
        "items": [{"sku": str(sku.public_id), "quantity": sent}],
        "name": "小雨",
        "phone": "13800138000",
        "address": "上海市徐汇区 1 号",
    }

    answer = api_of(host).post(
        "/api/v1/orders/",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "key-for-numbers"},
    )

    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["items.0.quantity"]
