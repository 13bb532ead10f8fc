"""400, 403, 404, 500 and 503 in the product's look, for whoever's page it is; JSON for the API."""

import json
import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware import csrf
from django.template import loader

from apps.accounts import kept_forms

#: Who reads an address, by its first part; what is not here is the host's when she is signed in.
_WHOSE = {
    "s": "consumer",
    "o": "consumer",
    "u": "consumer",
    "agree": "consumer",
    "my-data": "consumer",
    "join": "guest",
    "password": "guest",
    "hq": "hq",
}
_HOMES = {"host": "/", "hq": "/hq/"}


def whose(request: HttpRequest) -> str:
    """Whose page this address is: a "consumer"'s, "hq"'s, a "host"'s, or some "guest"'s.

    Only the host's and HQ's error pages lead into the product: nobody else could enter there.
    """
    known = _WHOSE.get(request.path.split("/", 2)[1])
    # Set for who is signed in; nothing is asked of the session, which may be what broke.
    return known or ("host" if getattr(request, "host", None) else "guest")


def _answer(
    request: HttpRequest, status: int, code: str, message: str, *, template: str = ""
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)
    # No request context: the page must render when the session or the database is what broke.
    page, reader = loader.get_template(template or f"{status}.html"), whose(request)
    context = {"message": message, "whose": reader, "home": _HOMES.get(reader, "")}
    return HttpResponse(page.render(context), status=status)


def malformed(request: HttpRequest) -> HttpResponse:
    words = "表单不完整，或者里面的编号不对，什么都没有改动。请回到上一页，刷新后再填一次。"
    return _answer(request, 400, "malformed", words)


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = "地址或提交的内容里有读不懂的字符，什么都没有改动。请回到上一页，去掉它们再试一次。"
    return _answer(request, 400, "malformed", words)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, "permission_denied", "你没有这项权限。")


_NO_ORIGIN = (
    "浏览器没有说明这张表是从哪一页提交的，为了安全没有收下。多半是隐私保护、广告拦截或转码浏览拦掉了："
    "请用手机自带的浏览器或微信重新打开原来的链接，再提交一次。"
)
_OTHER_SITE = "这张表是从别的网站提交过来的，为了安全没有收下。请从原来的链接打开页面，再提交一次。"
_NO_COOKIE = (
    "浏览器没有带上 Cookie，认不出这张表是你刚才打开的那一张。请在浏览器设置里允许本站的 Cookie"
    "（无痕浏览有时会关掉它），返回上一页刷新，再提交一次。"
)
_OLD_PAGE = "这一页打开以后，这个浏览器里登录或退出过，页面已经旧了。返回上一页刷新，再提交一次。"


_OTHER_ACCOUNT = (
    "这一页是用另一个账号打开的，现在这里登录的不是那个账号，所以没有替它提交。换回原来的账号再提交一次；"
    "刚才写的只留在这台设备上，只给原来的账号看。"
)


def not_from_our_page(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose origin could not be proved, with the reason as the person in front can mend it."""
    is_strangers = kept_forms.is_strangers(request)
    if is_strangers:
        words = _OTHER_ACCOUNT
    elif reason == csrf.REASON_NO_CSRF_COOKIE:
        words = _NO_COOKIE
    elif request.headers.get("Origin") == "null" or reason == csrf.REASON_NO_REFERER:
        words = _NO_ORIGIN
    elif reason.startswith(("Origin checking", "Referer checking")):
        words = _OTHER_SITE
    else:
        words = _OLD_PAGE
    answer = _answer(request, 403, "permission_denied", words, template="403_csrf.html")
    if request.headers.get("HX-Request"):
        answer["HX-Trigger"] = json.dumps({"dac:toast": words})  # ASCII, as a header must be
    return kept_forms.at_the_door(answer) if is_strangers else answer


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
