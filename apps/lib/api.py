"""Serializer fields and errors that every app's `api.py` shares."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.fields import empty
from rest_framework.parsers import JSONParser

from apps.lib import birthdays, given, money, phone, words


@extend_schema_field({"type": "string", "format": "decimal", "example": "1234.50"})
class MoneyField(serializers.Field[int, str, str, Any]):
    """Whole fen inside, a decimal string such as `"1234.50"` outside."""

    default_error_messages = {"invalid": "请填写金额，最多两位小数，例如 12.50。"}

    def to_representation(self, value: int) -> str:
        return money.decimal_yuan(value)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str | int):
            self.fail("invalid")
        try:
            return money.parse_yuan(str(data))
        except money.CommaError as error:
            raise serializers.ValidationError(str(error), code="invalid") from None
        except money.NotMoneyError:
            self.fail("invalid")


class WholeNumberInput(serializers.IntegerField):
    """A whole number, as JSON has it or as `apps.lib.given.typed_number` reads it."""

    def to_internal_value(self, data: Any) -> int:
        found = given.typed_number(data) if isinstance(data, str) else data
        if not isinstance(found, int) or isinstance(found, bool):
            self.fail("invalid")
        return found


@extend_schema_field({"type": "string", "example": "13800008000"})
class PhoneInput(serializers.CharField):
    """A telephone number, cleaned to the stored form (`apps.lib.phone`); empty where that is allowed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "手机号", "max_length": phone.LONGEST, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return phone.normalise(text) if text else ""
        except phone.NotAPhoneError as error:
            raise serializers.ValidationError(str(error), code="phone") from None


@extend_schema_field({"type": "string", "example": "3月5日"})
class BirthdayInput(serializers.CharField):
    """A day of the year as people type it (`apps.lib.birthdays`); None when empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "生日", "max_length": 20, "allow_blank": True, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        try:
            return birthdays.read(text) if text else None
        except birthdays.NotABirthdayError as error:
            raise serializers.ValidationError(str(error), code="birthday") from None


class PlainTextInput(serializers.CharField):
    """One line of words, cleaned by `apps.lib.words.plain`; of what nobody would see nothing is left."""

    def run_validation(self, data: Any = empty) -> Any:
        return super().run_validation(words.plain(data) if isinstance(data, str) else data)


class JsonParser(JSONParser):
    """JSON; what is nested deeper than Python can follow is refused like any other that can't be read."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("这段 JSON 嵌套太深了，读不了。") from None


class ConflictError(APIException):
    """409: the request is sound, but the world has moved on."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "这条记录刚刚变了，请刷新后再试。"
