import pytest

from apps.lib import masks, phone, pinyin


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


def test_masks_hide_the_middle() -> None:
    assert masks.mask_phone("+8613800008000") == "138****8000"
    assert masks.mask_phone("123") == "***"
    assert masks.mask_name("张小雨") == "张**"
    assert masks.mask_name("李") == "*"
    assert masks.mask_address("上海市静安区幸福路 1 号") == "上海市静安区****"
    assert masks.mask_address("") == ""


def test_pinyin_orders_and_finds_names() -> None:
    assert sorted(["周", "阿珍", "林姐"], key=pinyin.sort_key) == ["阿珍", "林姐", "周"]
    assert pinyin.initials("林姐 A1") == "lja1"
