import pytest
from rest_framework.exceptions import ValidationError

from apps.lib import money
from apps.lib.api import MoneyField
from apps.library.wording import amounts_in


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        *[("0", 0), ("12.5", 1_250), ("1,234.50", 123_450), ("¥99", 9_900), (" ￥0.01 ", 1), ("-3.20", -320)],
        *[
            ("１，２３４", 123_400),
            ("1,234,567.8", 123_456_780),
            ("¥45.5元", 4_550),
            ("４９．９", 4_990),
            ("￥１，２３４．５０ 元", 123_450),
            ("-¥2", -200),
        ],
    ],
)
def test_yuan_are_read_as_whole_fen(text: str, fen: int) -> None:
    assert money.parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text", ["", "12.345", "1e3", "十二", "--1", "1.", "NaN", "9" * 13, "٣", "元", "3块"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(money.NotMoneyError):
        money.parse_yuan(text)


@pytest.mark.parametrize("text", ["5,5", "5，5", "¥5，5元", "5﹐5"])
def test_a_comma_for_the_decimal_point_is_asked_about(text: str) -> None:
    with pytest.raises(money.CommaError, match=r"^5\.5 还是 55？请用小数点写，例如 5\.50。$"):
        money.parse_yuan(text)


@pytest.mark.parametrize(
    "text",
    ["1,5", "11,8", "12,34", "1,", ",5", "1234,567", "1,2345", "1.234,50", "1.20,300", "0,123", "1,,234"],
)
def test_a_comma_that_groups_no_thousands_is_refused(text: str) -> None:
    with pytest.raises(money.CommaError, match="小数"):
        money.parse_yuan(text)


def test_fen_are_shown_in_yuan() -> None:
    assert money.show_yuan(123_450) == "¥1,234.50"
    assert money.show_yuan(-5) == "-¥0.05"
    assert money.decimal_yuan(123_450) == "1234.50"


def test_a_share_is_rounded_half_up() -> None:
    assert money.share_of(101, 5_000) == 51
    assert money.share_of(99, 1_000) == 10
    assert money.share_of(94, 1_000) == 9


def test_the_api_asks_about_a_comma_too() -> None:
    with pytest.raises(ValidationError, match=r"5\.5 还是 55？"):
        MoneyField().run_validation("5,5")
    assert MoneyField().run_validation("1,234.50") == 123_450


def test_a_text_names_thousands_with_their_comma() -> None:
    assert amounts_in("原价￥1,234.50，现在1,099元，每份５９块9") == [123_450, 109_900, 5_990]
