"""What holds for every text and every amount, not only for the examples that somebody thought of."""

import contextlib
import re

from hypothesis import assume, given
from hypothesis import strategies as st

from apps.lib import money, phone, pinyin, words

FEN = st.integers(min_value=-(10**14) + 1, max_value=10**14 - 1)
#: What people and spreadsheets put into a telephone field.
NEARLY_A_PHONE = st.one_of(
    st.text(),
    st.text(alphabet="0123456789０１２３ +-()（）OlI转xext.;=/", max_size=24),
    st.from_regex(r"(\+86|0086|86)?[ -]?1[3-9][0-9]{1}[ -]?[0-9]{4}[ -]?[0-9]{4}", fullmatch=True),
    st.from_regex(r"0[1-9][0-9]{1,2}[- ]?[2-8][0-9]{6,7}([- 转x][0-9]{1,6})?", fullmatch=True),
)


@given(NEARLY_A_PHONE)
def test_a_phone_is_refused_with_a_sentence_or_has_one_form(text: str) -> None:
    try:
        stored = phone.normalise(text)
    except phone.NotAPhoneError as error:
        stored, sentence = "", str(error)
    if not stored:
        assert re.search(r"[一-龥]{4}", sentence)
        return
    assert re.fullmatch(r"\+[1-9][0-9]{6,14}(;ext=[0-9]{1,8})?", stored)
    assert phone.normalise(stored) == stored
    assert phone.normalise(phone.national(stored)) == stored
    assert re.fullmatch(r"\+?[0-9]+(,[0-9]+)?", phone.dialled(stored))


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.data())
def test_a_letter_for_a_digit_never_gives_a_number(digits: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 10))
    letter = data.draw(st.sampled_from("OolISBZqｏＯ"))
    try:
        stored = phone.normalise(digits[:place] + letter + digits[place + 1 :])
    except phone.NotAPhoneError:
        return
    raise AssertionError(stored)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from([" ", "-", "　", ".", "—"]))
def test_what_stands_between_the_digits_changes_nothing(digits: str, between: str) -> None:
    assert phone.normalise(between.join(digits)) == f"+86{digits}"


@given(FEN)
def test_no_fen_is_lost_on_the_way_out_and_in(fen: int) -> None:
    assert money.parse_yuan(money.decimal_yuan(fen)) == fen
    if fen >= 0:
        assert money.parse_yuan(money.show_yuan(fen)) == fen


@given(st.text())
def test_what_is_no_amount_is_refused_as_such(text: str) -> None:
    with contextlib.suppress(money.NotMoneyError):
        assert isinstance(money.parse_yuan(text), int)


@given(st.text(alphabet="0123456789０５，,.．", min_size=1, max_size=12))
def test_a_comma_only_groups_thousands(text: str) -> None:
    plain = text.translate({ord("０"): "0", ord("５"): "5", ord("，"): ",", ord("．"): "."})
    whole, point, decimals = plain.partition(".")
    first, *groups = whole.split(",")
    is_amount = (
        first.isdigit()
        and (not groups or (len(first) <= 3 and first[0] != "0"))
        and all(len(one) == 3 for one in groups)
        and (not point or (decimals.isdigit() and len(decimals) <= 2))
    )
    try:
        fen = money.parse_yuan(text)
    except money.NotMoneyError:
        assert not is_amount
        return
    assert is_amount
    assert fen == int("".join([first, *groups])) * 100 + int(decimals.ljust(2, "0") or 0)


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_is_rounded_half_up_and_never_more_than_the_whole(fen: int, basis_points: int) -> None:
    share = money.share_of(fen, basis_points)

    assert 0 <= share <= fen
    assert abs(share * 10_000 - fen * basis_points) <= 5_000
    assert share == (fen * basis_points + 5_000) // 10_000


@given(st.text())
def test_a_normal_form_is_normal(text: str) -> None:
    for form in (words.plain, words.folded, words.searchable, words.squeezed):
        assert form(form(text)) == form(text)


@given(st.text(min_size=1))
def test_blanks_are_no_obstacle(text: str) -> None:
    assert words.squeezed(f"　{text} ") == words.squeezed(text)


@given(st.text(max_size=60))
def test_every_name_has_a_place_in_the_order(name: str) -> None:
    assert pinyin.sort_key(f" {name} ") == pinyin.sort_key(name)
    assert re.fullmatch("[0-9a-z]*", pinyin.letters(name))


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6))
def test_a_name_is_found_by_the_whole_of_how_it_is_sorted(name: str) -> None:
    read = pinyin.sort_key(name)
    assume(read.replace(" ", "").isascii())  # a few characters have no reading
    assert pinyin.answers(pinyin.letters(name), name)
