import pytest

from apps.lib import masks, phone, pinyin, words


@pytest.mark.parametrize(
    "text",
    [
        "13800008000",
        "138 0000 8000",
        "+86 138-0000-8000",
        "１３８００００８０００",
        "0086 13800008000",
        "\u202d13800008000\u202c",
        "\u2066138 0000\u200b 8000\u2069",
        "\ufeff13800008000",
        "13800008000，",
        "13800008000。",
    ],
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
        ("0571-88888888（转801）", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
        ("0571-88888888(801)", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
        ("0571-88888888 转801号，", "+8657188888888;ext=801", "0571-88888888 转 801", "057188888888,801"),
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
    assert masks.mask_phone("+8657188881234;ext=801") == "0571-****1234 转 ***"
    assert masks.mask_phone("+8613800008000;ext=2") == "138****8000 转 ***"
    assert masks.mask_phone("+85291234567") == "+852****4567"
    assert masks.mask_phone("+12025550123") == "+1****0123"
    assert masks.mask_phone("+3545551234") == "+354***1234"
    assert masks.mask_phone("+37612345") == "+376*****"
    assert masks.mask_phone("+864008123456") == "400-***3456"
    assert masks.mask_phone("123") == "***"
    assert masks.mask_name("张小雨") == "张**"
    assert masks.mask_name("李") == "*"
    assert masks.mask_address("上海市静安区幸福路 1 号") == "上海市静安区****"
    assert masks.mask_address("") == ""


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("A区12栋3", "A区****"),
        ("3栋", "****"),
        ("幸福路8", "幸福****"),
        ("3", "****"),
        ("一单元二〇一", "****"),
        ("十二栋", "****"),
        ("幸福里二栋二〇一", "幸福里****"),
        ("三里屯北路 3 号", "三里屯北****"),
        ("Flat 3B", "****"),
    ],
)
def test_a_short_address_is_masked_too(address: str, masked: str) -> None:
    assert masks.mask_address(address) == masked


def test_letters_that_few_know_stay_in_a_name() -> None:
    assert words.plain(" 李\ue863 ") == "李\ue863"
    assert words.plain("𠮷野·O’Néill") == "𠮷野·O’Néill"
    assert words.plain("a\u202eb\x00c\u3000 d\n") == "abc d"
    assert words.plain("👩‍👧") == "👩‍👧"


@pytest.mark.parametrize("text", ["\u3164", "\u2800", "\u115f", "\u200d", "\ufe0f", " \u3164 \u200b"])
def test_nothing_is_left_of_what_nobody_sees(text: str) -> None:
    assert words.plain(text) == ""


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("阿不都·热合曼", "阿不都.热合曼 阿不都．热合曼 阿不都。热合曼 阿不都∙热合曼 阿不都⋅热合曼"),
        ("阿不都·热合曼", "abdrhm abudourehe abudu rehe rhm"),
        ("单.雄信", "sxx shanxx 单雄信"),
        ("Oʻtkir Toʻxtayev", "o'tkir otkir O‘tkir"),
        ("ا\u200cحمد", "احمد"),
        ("小\u200d雨哥", "小雨哥 xyg"),
        ("葛\U000e0100城", "葛城 gecheng"),
        ("José Álvarez", "jose josé JOSÉ ja"),
        ("Nguyễn Thị Hà", "nguyen nguyễn ha"),
        ("Đặng", "dang"),
        ("吕布", "lü LÜ lv lü"),
        ("\u202e小雨", "小雨 xy"),
        ("乜佴", "nienai"),
    ],
)
def test_a_name_is_found_whatever_stands_in_it(name: str, asked: str) -> None:
    assert [one for one in asked.split() if not pinyin.is_called(one, name)] == []


def test_a_name_is_found_through_its_brackets() -> None:
    assert pinyin.is_called("zhang xiao yu lao", "张小雨（老张家）")
    assert pinyin.is_called("（老张", "张小雨（老张家）")


def test_an_umlaut_is_no_bare_letter() -> None:
    assert not pinyin.is_called("lü", "陆羽")


def test_a_point_in_a_number_stays() -> None:
    assert words.squeezed("2.5斤") == "2.5斤"


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("曾小贤💐", "zeng"), ("曾小贤-三期", "zeng"), ("曾小贤（朋友）", "zeng"), ("曾小贤妈妈", "zeng"),
        ("曾", "zeng"), ("單雄信", "shan"), ("尉遲恭", "yu"), ("乜小雨", "nie"), ("佴俊", "nai"),
        ("么红", "yao"), ("薄熙", "bo"), ("都兰", "du"), ("能小雨", "nai"), ("单子上的第一位", "dan"),
    ],
)  # fmt: skip
def test_a_surname_is_read_as_one_whatever_stands_behind_the_name(name: str, read: str) -> None:
    assert pinyin.sort_key(name).split()[0] == read


def test_pinyin_orders_and_finds_names() -> None:
    assert sorted(["周", "Ömer", "阿珍", "林姐"], key=pinyin.sort_key) == ["阿珍", "林姐", "Ömer", "周"]
    assert pinyin.initials("林姐 A1") == "lja1"
    assert pinyin.letters("曾小贤") == "zengxiaoxian"
    assert pinyin.answers("lja1", "林姐 A1")
    assert not pinyin.answers("iejie", "林姐")


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("小曾", "xiaozeng"),
        ("老单", "laoshan"),
        ("阿仇", "aqiu"),
        ("小曾姐", "xiaozengjie"),
        ("老查的妈妈", "laozhademama"),
        ("小尉迟", "xiaoyuchi"),
        ("小乐", "xiaole"),
        ("小黑", "xiaohei"),
        ("曾小贤", "zengxiaoxian"),
        ("小单车", "xiaodanche"),
        ("小姐", "xiaojie"),
    ],
)
def test_a_surname_is_one_behind_what_people_call_each_other_too(name: str, read: str) -> None:
    assert pinyin.letters(name) == read
    assert pinyin.is_called(read, name)
    assert pinyin.is_called("xiaoceng" if name == "小曾" else read, name)
