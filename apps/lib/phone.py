"""Telephone numbers: one stored form, E.164 such as `+8613800008000`, with `;ext=801` behind an extension.

Parsing is strict: digits and what people put between them, nothing else. The library we parse with reads
letters as the keys of an old telephone, so that `139OOOO1111` would be somebody's real number.
"""

import re
import unicodedata

import phonenumbers

#: What people put between digits. A vertical bar, a comma or a word is none of it.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−－().·/]+")
_EXTENSION = re.compile(
    r"(?P<base>.+?)\s*\(?\s*(?:转|轉|分机|;ext=|ext\.?|x|#|,)\s*[:.]?\s*(?P<ext>[0-9]{1,8})\s*号?\s*\)?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"(?P<base>.+\d)\s*\((?P<ext>[0-9]{1,6})\)")
#: What a sentence leaves behind a number that was copied out of it.
_ENDS = " \t\r\n,;，。；、"
#: `0571-88888888-801`, `13800008000-1234`: an extension without a word, or a shop's number for a parcel.
_LAST_GROUP = re.compile(r"(?P<base>.+\d)[-‐‑‒–—―−－](?P<ext>[0-9]{1,6})")
#: Ranges are given out faster than the library learns of them, so that any of this shape is taken.
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_LOOKS_LIKE = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1", "L": "1"}
_MARK = ";ext="
#: Between a number and its extension in a text, as letters or as JSON may spell them.
_TO_EXTENSION = r"(?:;ext=|,|-|\s*(?:转|\\u8f6c)\s*)"
#: What can be nothing else: behind a comma or a hyphen may stand a date or how many.
_OUR_EXTENSION = r"(?:;ext=|\s*(?:转|\\u8f6c)\s*)"
LONGEST = 40  # as typed

MEND = "请填 11 位手机号，例如 13800008000；座机带上区号，例如 0571-88888888。"


class NotAPhoneError(ValueError):
    """The text is no telephone number that can exist. `str()` is the sentence with the mend."""


def normalise(text: str) -> str:
    """The stored form of what a person typed, such as `138 0000 8000` or `0571-88888888 转 801`.

    Another way of writing the same number gives the same form. NotAPhoneError.
    """
    plain = _seen(text).strip(_ENDS)
    bare = _BETWEEN.sub("", plain)
    if mobile := _MOBILE.fullmatch(bare):  # the common case, and no work for the library
        return f"+86{mobile[1]}"
    if _SCIENTIFIC.fullmatch(bare) or _SCIENTIFIC.fullmatch(plain):
        raise NotAPhoneError(f"“{plain[:20]}”是表格改过的写法，后几位已经看不出来：{_AS_TEXT}")
    base, extension = plain, ""
    if said := _EXTENSION.fullmatch(plain):
        base, extension = said["base"], said["ext"]
    elif (in_brackets := _IN_BRACKETS.fullmatch(plain)) and _e164(in_brackets["base"]):
        base, extension = in_brackets["base"], in_brackets["ext"]
    _refuse_letters(base)
    if not extension and _e164(base) is None and (grouped := _LAST_GROUP.fullmatch(plain)):
        base, extension = grouped["base"], grouped["ext"]
    number = _e164(base)
    if number is None:
        raise NotAPhoneError(f"手机号不对：{MEND}")
    return f"{number}{_MARK}{extension}" if extension else number


def what_is_amiss(words: str) -> str:
    """The mend for words of a search that are meant as a phone number and hold letters; "" for all others."""
    words = _seen(words)
    bare = _BETWEEN.sub("", words)
    if sum(one.isdigit() for one in bare) < 5 or not any(one.isascii() and one.isalpha() for one in bare):
        return ""
    try:
        _refuse_letters(words)
    except NotAPhoneError as error:
        return str(error)
    return ""


def _seen(text: str) -> str:
    """Without the marks of direction around a number from an address book, and others that nobody sees."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one) != "Cf")


_AS_TEXT = "请把这一列设为文本，再把号码重新填一遍。"


def _refuse_letters(text: str) -> None:
    strange = [one for one in dict.fromkeys(_BETWEEN.sub("", text)) if not (one.isascii() and one.isdigit())]
    strange = [one for one in strange if one != "+"]
    if not strange:
        return
    named = "、".join(strange[:5])
    if all(one in _LOOKS_LIKE for one in strange):
        mends = "，".join(f"{one} 改成数字 {_LOOKS_LIKE[one]}" for one in strange)
        raise NotAPhoneError(f"手机号里有字母 {named}：请把 {mends}。")
    if all(one.isascii() and one.isalpha() for one in strange):
        raise NotAPhoneError(f"手机号里有字母 {named}：请换成数字。")
    raise NotAPhoneError(f"手机号不对，里面有“{''.join(strange[:5])}”：只填一个号码，不写别的字。{MEND}")


def _e164(text: str) -> str | None:
    bare = _BETWEEN.sub("", text)
    if not re.fullmatch(r"\+?[0-9]{5,20}", bare):
        return None
    if mobile := _MOBILE.fullmatch(bare):
        return f"+86{mobile[1]}"
    try:
        number = phonenumbers.parse(bare, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national(stored: str) -> str:
    """What people write and read: `13800008000`, `0571-88888888 转 801`, `400-812-3456`; foreign: `+852…`.

    `normalise` gives the stored form back. Text in no stored form stays as it is.
    """
    area, rest, extension = parts(stored)
    shown = "-".join(part for part in (area, rest) if part)
    return f"{shown} 转 {extension}" if extension else shown


def dialled(stored: str) -> str:
    """What a telephone dials (the address of a `tel:` link); after a pause the extension."""
    area, rest, extension = parts(stored)
    number = (area + rest).replace("-", "")
    return f"{number},{extension}" if extension else number


def parts(stored: str) -> tuple[str, str, str]:
    """Area (`0571`, or empty for mobile and foreign numbers), the number in it, and the extension."""
    number, _, extension = stored.partition(_MARK)
    if not number.startswith("+86"):
        return "", number, extension
    rest = number.removeprefix("+86")
    if _MOBILE.fullmatch(rest):
        return "", rest, extension
    if re.fullmatch(r"[48]00\d{7}", rest):
        return rest[:3], f"{rest[3:6]}-{rest[6:]}", extension
    try:
        length = phonenumbers.length_of_geographical_area_code(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        length = 0
    return (f"0{rest[:length]}", rest[length:], extension) if length else ("", rest, extension)


def country_of(stored: str) -> str:
    """`+852` of a foreign number; empty for ours, and for text in no stored form."""
    if not stored.startswith("+") or stored.startswith("+86"):
        return ""
    try:
        return f"+{phonenumbers.parse(main(stored)).country_code}"
    except phonenumbers.NumberParseException:
        return ""


def main(stored: str) -> str:
    """The number itself, without an extension: for finding, never for telling who somebody is.

    A person is the whole stored form. Behind a shop's number for parcels the extension alone tells one buyer
    from another, as it tells colleagues behind a landline.
    """
    return stored.partition(_MARK)[0]


def for_limits(stored: str) -> str:
    """What counts as one buyer where a limit is to hold: of a mobile whatever stands behind it.

    `13800008000-1` and `-2` ring on one phone and would buy twice; colleagues behind a landline are counted
    each. For limits alone: two who share a mobile are two people everywhere else.
    """
    number = main(stored)
    return number if _MOBILE.fullmatch(number) else stored


def last4(stored: str) -> str:
    """The last four digits of the number itself, without an extension."""
    return main(stored)[-4:]


def standing_in_text(stored: str) -> re.Pattern[str]:
    """Finds the number in a text that somebody wrote or a machine kept, and no other extension of it."""
    number, _, extension = stored.partition(_MARK)
    forms = "|".join(sorted(map(re.escape, {number, national(number), dialled(number)})))
    rest = rf"{_TO_EXTENSION}{extension}(?!\d)" if extension else rf"(?!{_OUR_EXTENSION}\d)"
    return re.compile(f"(?:{forms}){rest}")
