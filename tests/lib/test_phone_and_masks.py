import pytest

from apps.lib import masks, phone, pinyin, words


@pytest.mark.parametrize(
    "text",
    ["13800008000", "138 0000 8000", "+86 138-0000-8000", "１３８００００８０００", "0086 13800008000"],
)
def test_one_phone_has_one_form(text: str) -> None:
    assert phone.normalise(text) == "+8613800008000"


@pytest.mark.parametrize(
    "text", ["", "12345", "1380000800", "138000080001", "电话", "99999999999", "' OR 1=1"]
)
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(phone.NotAPhoneError):
        phone.normalise(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("139OOOO1111", "手机号里有字母 O：请把 O 改成数字 0。"),
        ("l39ooool111", "手机号里有字母 l、o：请把 l 改成数字 1，o 改成数字 0。"),
        ("１３９ＯＯＯＯ１１１１", "字母 O"),
        ("1390000111B", "手机号里有字母 B：请换成数字。"),
        ("1.35E+10", "设为文本"),
        ("88888888", "座机带上区号"),
        ("13800008000张姐", "只填一个号码"),
        ("13800008000/13900009000", "11 位手机号"),
        ("٠١٢٣٤٥٦٧٨٩", "只填一个号码"),
    ],
)
def test_the_refusal_names_what_to_mend(text: str, sentence: str) -> None:
    with pytest.raises(phone.NotAPhoneError) as refused:
        phone.normalise(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "stored", "shown", "dialled"),
    [
        ("138 0000 8000", "+8613800008000", "13800008000", "13800008000"),
        ("0571-88888888", "+8657188888888", "0571-88888888", "057188888888"),
        ("(0571) 8888 8888", "+8657188888888", "0571-88888888", "057188888888"),
        ("010 65551234", "+861065551234", "010-65551234", "01065551234"),
        ("0571-88888888转801", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
        ("0571-88888888-801", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
        ("0571-88888888 ext. 801", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
        ("17000001234-5678", "+8617000001234;ext=5678", "17000001234 转 5678", "17000001234,5678"),
        ("400-812-3456", "+864008123456", "400-812-3456", "4008123456"),
        ("+852 9123 4567", "+85291234567", "+85291234567", "+85291234567"),
    ],
)
def test_a_number_is_shown_and_dialled_as_people_dial_it(
    text: str, stored: str, shown: str, dialled: str
) -> None:
    assert phone.normalise(text) == stored
    assert phone.normalise(stored) == stored
    assert (phone.national(stored), phone.dialled(stored)) == (shown, dialled)
    assert phone.normalise(shown) == stored


def test_the_last_four_digits_are_the_numbers_own() -> None:
    assert phone.last4("+8657188881234;ext=801") == "1234"


@pytest.mark.parametrize(
    ("number", "text", "is_in"),
    [
        ("17000001234-5678", "张三丰 17000001234-5678，3 件", True),
        ("17000001234-5678", "17000001234 转 5678", True),
        ("17000001234-5678", r"17000001234 \u8f6c 5678", True),
        ("17000001234-5678", "17000001234-56789", False),
        ("17000001234-5678", "17000001234 转 9999", False),
        ("17000001234-5678", "17000001234", False),
        ("17000001234", "请打 +8617000001234。", True),
        ("17000001234", "17000001234 转 9999", False),
        ("17000001234", "+8617000001234;ext=9999", False),
        ("17000001234", "17000001234,2 件", True),
        ("0571-88888888", "座机 057188888888", True),
    ],
)
def test_a_number_is_found_in_a_text_and_no_other_extension_of_it(
    number: str, text: str, is_in: bool
) -> None:
    assert bool(phone.standing_in_text(phone.normalise(number)).search(text)) == is_in


def test_masks_hide_the_middle() -> None:
    assert masks.mask_phone("+8613800008000") == "138****8000"
    assert masks.mask_phone("+8657188881234;ext=801") == "0571-****1234"
    assert masks.mask_phone("+864008123456") == "400-***3456"
    assert masks.mask_phone("123") == "***"
    assert masks.mask_name("张小雨") == "张**"
    assert masks.mask_name("李") == "*"
    assert masks.mask_address("上海市静安区幸福路 1 号") == "上海市静安区****"
    assert masks.mask_address("") == ""


@pytest.mark.parametrize(
    ("address", "masked"), [("A区12栋3", "A区****"), ("3栋", "****"), ("幸福路8", "幸福****"), ("3", "****")]
)
def test_a_short_address_is_masked_too(address: str, masked: str) -> None:
    assert masks.mask_address(address) == masked


def test_letters_that_few_know_stay_in_a_name() -> None:
    assert words.plain(" 李\ue863 ") == "李\ue863"
    assert words.plain("𠮷野·O’Néill") == "𠮷野·O’Néill"
    assert words.plain("a\u202eb\x00c\u3000 d\n") == "abc d"
    assert words.plain("👩‍👧") == "👩‍👧"


def test_pinyin_orders_and_finds_names() -> None:
    assert sorted(["周", "阿珍", "林姐"], key=pinyin.sort_key) == ["阿珍", "林姐", "周"]
    assert pinyin.initials("林姐 A1") == "lja1"
    assert pinyin.letters("曾小贤") == "zengxiaoxian"
    assert pinyin.answers("lja1", "林姐 A1")
    assert not pinyin.answers("iejie", "林姐")
