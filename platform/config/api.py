"""Mounts every app's `api.py` at /api/v1/ and gives all errors one shape."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, status
from rest_framework.response import Response

app_name = "api"

_CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
}
_MESSAGES = {
    400: "提交的内容有误，请按提示修改。",
    401: "请先登录，或换一个有效的令牌。",
    403: "你没有这项权限。",
    404: "没有找到。",
    405: "这个地址不支持这种请求方法。",
    413: "内容太大了。",
    415: "不支持这种内容类型。",
    429: "操作太频繁了，请稍后再试。",
}


def only_ours(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """For the schema: the console brings an API of its own that is not part of the contract."""
    return [endpoint for endpoint in endpoints if str(endpoint[0]).startswith("/api/v1/")]


def _fields(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        return {}
    flat: dict[str, list[str]] = {}
    for name, value in detail.items():
        if isinstance(value, dict):
            # What is wrong with a list as a whole is told of the list.
            flat.update(
                {
                    str(name) if inner == "non_field_errors" else f"{name}.{inner}": texts
                    for inner, texts in _fields(value).items()
                }
            )
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            for index, item in enumerate(value):
                flat.update({f"{name}.{index}.{inner}": texts for inner, texts in _fields(item).items()})
        else:
            flat[str(name)] = [str(item) for item in value] if isinstance(value, list) else [str(value)]
    return flat


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """`{"code", "message", "fields"}` for every refusal; None lets an unexpected error become a 500."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ValidationError):
        detail = error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        error = exceptions.ValidationError(detail)
    if not isinstance(error, exceptions.APIException):
        return None
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    number = error.status_code
    code = _CODES.get(number, "error")
    message = _MESSAGES.get(number, "请求没有成功。")
    fields = _fields(error.detail) if number == status.HTTP_400_BAD_REQUEST else {}
    if number == 409 or (not fields and isinstance(error.detail, list | str) and number in {400, 409}):
        message = " ".join(map(str, error.detail)) if isinstance(error.detail, list) else str(error.detail)
        code = str(getattr(error, "default_code", code)) if number == 409 else code
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    return Response({"code": code, "message": message, "fields": fields}, status=number, headers=headers)


urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("apps.accounts.api")),
    path("", include("apps.catalog.api")),
    path("", include("apps.customers.api")),
    path("", include("apps.sharing.api")),
    path("", include("apps.library.api")),
    path("", include("apps.reach.api")),
    path("", include("apps.trade.api")),
    path("", include("apps.profiles.api")),
    path("", include("apps.insights.api")),
    path("", include("apps.privacy.api")),
]
