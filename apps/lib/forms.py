"""Form fields that several surfaces share."""

import re
import unicodedata
from typing import Any

from django import forms

from apps.lib import birthdays, given, words
from apps.lib.phone import LONGEST, NotAPhoneError, national, normalise

_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")


class PhoneField(forms.CharField):
    """A telephone number, cleaned to its stored form (`apps.lib.phone`); empty when not required."""

    default_error_messages = {"max_length": "手机号太长了，应是 11 位数字。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, "label": "手机号", **kwargs})
        self.widget.attrs.update({"inputmode": "tel", "autocomplete": "tel"})

    def prepare_value(self, value: Any) -> Any:
        return national(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return normalise(text)
        except NotAPhoneError as error:
            raise forms.ValidationError(str(error), code="phone") from None


class PlainTextField(forms.CharField):
    """One line of words, cleaned by `apps.lib.words.plain`."""

    def to_python(self, value: Any) -> str:
        return super().to_python(words.plain(str(value or ""))) or ""


class BirthdayField(forms.CharField):
    """A day of the year as people type it (`apps.lib.birthdays`); None when empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 20, "label": "生日", "required": False, **kwargs})
        self.widget.attrs.update({"placeholder": "例如：3月5日", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return birthdays.read(text)
        except birthdays.NotABirthdayError as error:
            raise forms.ValidationError(str(error), code="birthday") from None


class DigitsField(forms.CharField):
    """So many digits as people type them, full width or with blanks between, of no other script."""

    default_error_messages = {"invalid": "请填数字。"}

    def __init__(self, *, count: int, **kwargs: Any) -> None:
        self.count = count
        super().__init__(**{"max_length": 4 * count, **kwargs})

    def to_python(self, value: Any) -> str:
        text = super().to_python(words.squeezed(str(value or ""))) or ""
        if text and not (text.isascii() and text.isdigit() and len(text) == self.count):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return text


class WholeNumberField(forms.IntegerField):
    """A whole number that somebody types, read by `apps.lib.given.typed_number`."""

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or isinstance(value, int):
            return super().to_python(value)
        found = given.typed_number(str(value))
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class DecimalField(forms.DecimalField):
    """A number with a decimal point that somebody types: no comma, `1e1`, `1_0` or `٣`, as Python would."""

    default_error_messages = {"invalid": "请写成数字，小数用点，例如 5.5。"}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
            if value and not _DECIMAL.fullmatch(value):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)
