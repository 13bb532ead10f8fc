"""WeCom's login pages: choose who you are, and go back with a code."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from apps.sandbox import ids
from apps.sandbox.control.knobs import CODE_LIFE
from apps.sandbox.models import App, Customer, LoginCode, Member, Simulation
from apps.sandbox.pages.people import found_members
from apps.sandbox.urlsafe import same_host


@require_GET
def in_client(request: HttpRequest) -> HttpResponse:
    """https://open.weixin.qq.com/connect/oauth2/authorize: inside the WeCom client."""
    if request.GET.get("response_type") != "code":
        return refused(request, 40058, "response_type 应为 code")
    if request.GET.get("scope") not in ("snsapi_base", "snsapi_privateinfo"):
        return refused(request, 40058, "scope 应为 snsapi_base 或 snsapi_privateinfo")
    return chooser(request, kind="client")


@require_GET
def in_browser(request: HttpRequest) -> HttpResponse:
    """https://login.work.weixin.qq.com/wwlogin/sso/login: a QR code in a PC browser."""
    if request.GET.get("login_type", "CorpApp") != "CorpApp":
        return refused(request, 40058, "login_type 应为 CorpApp")
    return chooser(request, kind="browser")


def chooser(request: HttpRequest, *, kind: str) -> HttpResponse:
    redirect_uri = request.GET.get("redirect_uri", "")
    if request.GET.get("appid") != settings.WECOM_CORP_ID:
        return refused(request, 40013, "appid 不是这家企业的 corpid")
    app = app_of(request.GET.get("agentid", ""))
    if app is None:
        return refused(request, 40056, "agentid 不是这家企业的应用")
    if not same_host(redirect_uri, app.redirect_host):
        return refused(
            request,
            50001,
            f"redirect_uri 需使用应用的可信域名 {app.redirect_host or '（未设置）'}，"
            f"这次是 {urlsplit(redirect_uri).hostname or '空'}",
        )
    asked = request.GET.get("q", "").strip()
    members = found_members(asked).exclude(status=Member.Status.LEFT)
    hidden = {
        "redirect_uri": redirect_uri,
        "state": request.GET.get("state", ""),
        "agentid": app.agent_id,
        "scope": request.GET.get("scope", "snsapi_base"),
    }
    return render(
        request,
        "sandbox/login.html",
        {
            "kind": kind,
            "app": app,
            "members": members[:60],
            "member_count": members.count(),
            "hidden": hidden,
            "carried": [(key, value) for key, value in request.GET.items() if key != "q"],
            "q": asked,
            "host": urlsplit(redirect_uri).netloc,
        },
    )


def app_of(agent_id: str) -> App | None:
    """Without an agentid the main app is meant."""
    if not agent_id:
        return App.objects.get(role=App.Role.MAIN)
    if not agent_id.isdecimal() or len(agent_id) > 9:
        return None
    return App.objects.filter(agent_id=int(agent_id)).first()


def refused(request: HttpRequest, errcode: int, reason: str) -> HttpResponse:
    return render(request, "sandbox/login_refused.html", {"errcode": errcode, "reason": reason}, status=400)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    app = app_of(request.POST.get("agentid", ""))
    redirect_uri = request.POST.get("redirect_uri", "")
    if app is None or not same_host(redirect_uri, app.redirect_host):
        return refused(request, 50001, "redirect_uri 不在应用的可信域名内")
    now = Simulation.load().now()
    login = LoginCode(
        code=ids.opaque("", 43),
        app=app,
        scope=request.POST.get("scope", "snsapi_base"),
        created_at=now,
        expires_at=now + CODE_LIFE,
    )
    if request.POST.get("userid"):
        login.member = get_object_or_404(Member, userid__iexact=request.POST["userid"])
    else:
        login.customer = Customer.objects.filter(
            external_userid=request.POST.get("external_userid", "")
        ).first()
        login.openid = login.customer.openid if login.customer else ids.opaque("o", 28)
    login.save()
    return BackToApp(with_query(redirect_uri, code=login.code, state=request.POST.get("state", "")))


class BackToApp(HttpResponseRedirect):
    allowed_schemes = ["http", "https"]


def with_query(address: str, **more: str) -> str:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *more.items()])
    return urlunsplit(parts._replace(query=query))
