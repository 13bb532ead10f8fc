"""400, 403, 404, 500 and 503 in the product's look; JSON for the API."""

import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)
    # No request context: the page must render when the session or the database is what broke.
    return HttpResponse(loader.get_template(f"{status}.html").render({"message": message}), status=status)


def malformed(request: HttpRequest) -> HttpResponse:
    words = "表单不完整，或者里面的编号不对，什么都没有改动。请回到上一页，刷新后再填一次。"
    return _answer(request, 400, "malformed", words)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "permission_denied", "你没有这项权限。")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "没有找到这个页面。")


def is_database_away(error: BaseException | None) -> bool:
    """Whether the request failed since the connection was refused or has been lost."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return connection.connection is None or bool(connection.connection.closed)


def unavailable(request: HttpRequest) -> HttpResponse:
    answer = _answer(request, 503, "unavailable", "数据库暂时连不上，请过一会儿再试；刚才的操作没有生效。")
    answer["Retry-After"] = "5"
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles what the view raised.
    if is_database_away(sys.exception()):
        return unavailable(request)
    return _answer(request, 500, "error", "出了点问题，我们已经记下。刚才的操作没有生效，可以再试一次。")
