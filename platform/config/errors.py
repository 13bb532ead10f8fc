"""403, 404 and 500 in the product's look; JSON for the API."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader


def _answer(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)
    # No request context: the page must render when the session or the database is what broke.
    return HttpResponse(loader.get_template(f"{status}.html").render({"message": message}), status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "permission_denied", "你没有这项权限。")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404, "not_found", "没有找到这个页面。")


def broken(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "error", "出了点问题，我们已经记下。刚才的操作没有生效，可以再试一次。")
