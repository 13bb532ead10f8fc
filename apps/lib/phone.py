"""Telephone numbers of mainland China, in one stored form: E.164, such as `+8613800008000`."""

import re

import phonenumbers

_MOBILE = re.compile(r"1[3-9]\d{9}")
_NOISE = re.compile(r"[\s\-().（）－—]+")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９＋", "0123456789+")


class NotAPhoneError(ValueError):
    """The text is not a telephone number that can exist."""


def normalise(text: str) -> str:
    """E.164 of what a person typed (`138 0000 8000`, `+86 138…`, full-width digits); NotAPhoneError."""
    plain = _NOISE.sub("", text.translate(_FULL_WIDTH))
    if _MOBILE.fullmatch(plain):  # the common case, a hundred times cheaper than the library
        return f"+86{plain}"
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise NotAPhoneError(text) from None
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        raise NotAPhoneError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(e164: str) -> str:
    """What people dial: `+8613800008000` is `13800008000`; foreign numbers stay as they are."""
    return e164.removeprefix("+86")
