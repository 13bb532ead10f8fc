import pytest

from apps.lib import money


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        *[("0", 0), ("12.5", 1_250), ("1,234.50", 123_450), ("¥99", 9_900), (" ￥0.01 ", 1), ("-3.20", -320)],
        *[("¥45.5元", 4_550), ("４９．９", 4_990), ("￥１，２３４．５０ 元", 123_450), ("-¥2", -200)],
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


def test_fen_are_shown_in_yuan() -> None:
    assert money.show_yuan(123_450) == "¥1,234.50"
    assert money.show_yuan(-5) == "-¥0.05"
    assert money.decimal_yuan(123_450) == "1234.50"


def test_a_share_is_rounded_half_up() -> None:
    assert money.share_of(101, 5_000) == 51
    assert money.share_of(99, 1_000) == 10
    assert money.share_of(94, 1_000) == 9
