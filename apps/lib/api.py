"""Serializer fields and errors that every app's `api.py` shares."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException

from apps.lib import money


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
        except money.NotMoneyError:
            self.fail("invalid")


class ConflictError(APIException):
    """409: the request is sound, but the world has moved on."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = "这条记录刚刚变了，请刷新后再试。"
