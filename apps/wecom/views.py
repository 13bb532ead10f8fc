"""The callback address, and signing in with WeCom."""

from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from apps.accounts.access import host_required
from apps.accounts.services import hold_bound, sign_in
from apps.database import db_role
from apps.database.transactions import own_transaction
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.wecom import crypto
from apps.wecom.errors import WecomError
from apps.wecom.services import callbacks, jssdk, logins

_LARGEST_CALLBACK = 64 * 1024


@own_transaction
@csrf_exempt
def callback(request: HttpRequest) -> HttpResponse:
    """WeCom's callback address: GET proves that it is ours, POST brings events and messages.

    What is too big is 413; every other refusal is the same 403, whatever the reason.
    """
    try:
        if request.method == "GET":
            return _plain(_open(request, request.GET.get("echostr", "").replace(" ", "+")))
        if request.method == "POST":
            body = _body(request)
            if body is None:
                return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            reply = callbacks.receive(_open(request, crypto.cipher_in(body)), now=timezone.now())
            return HttpResponse(reply, content_type="application/xml") if reply else _plain("")
    except crypto.RefusedError:
        pass
    return HttpResponse(status=HTTPStatus.FORBIDDEN)


def _open(request: HttpRequest, cipher: str) -> str:
    return crypto.our_box().open(
        signature=request.GET.get("msg_signature", ""),
        timestamp=request.GET.get("timestamp", ""),
        nonce=request.GET.get("nonce", ""),
        cipher=cipher,
    )


def _body(request: HttpRequest) -> bytes | None:
    """The posted bytes, or None when there are too many: no more than the limit is read."""
    body = request.read(_LARGEST_CALLBACK + 1)
    return body if len(body) <= _LARGEST_CALLBACK else None


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@never_cache
@require_GET
def login(request: HttpRequest) -> HttpResponse:
    """Sign in inside the WeCom client."""
    state = logins.start(request, next_path=request.GET.get("next", "/"), now=timezone.now())
    return redirect(logins.url_inside_wecom(state))


@never_cache
@require_GET
def login_by_qr(request: HttpRequest) -> HttpResponse:
    """Sign in on a computer by scanning."""
    state = logins.start(request, next_path=request.GET.get("next", "/"), now=timezone.now())
    return redirect(logins.url_with_qr(state))


@own_transaction
@never_cache
@require_GET
def login_callback(request: HttpRequest) -> HttpResponse:
    """WeCom sends the browser back. Asking it who that is must not hold a transaction open."""
    now = timezone.now()
    try:
        returned = logins.return_with(request, state=request.GET.get("state", ""), now=now)
        host = logins.host_behind(request.GET.get("code", ""))
    except logins.StaleLoginError:
        return _problem(
            request,
            title="这次登录已失效",
            text="登录链接只能用一次，五分钟内有效。重新登录一下就好，刚才的操作没有影响。",
            status=HTTPStatus.FORBIDDEN,
        )
    except logins.UnknownMemberError:
        return _unknown(request)
    except WecomError:
        return _problem(
            request,
            title="企业微信暂时没有回应",
            text="不是你的问题，过一会儿再登录一次。",
            status=HTTPStatus.SERVICE_UNAVAILABLE,
        )
    with transaction.atomic(), db_role.acting_as(host.pk):
        bound = hold_bound(host)
        if bound is not None:
            logins.finish(request)
            sign_in(request, bound.user)
            # Within the lock, or a change of the binding would not find it.
            request.session.save()
            tracking.record(
                Fact.HOST_SIGNED_IN, at=now, host_id=host.pk, actor_id=host.user_id, props={"by": "wecom"}
            )
    return redirect(returned.next_path) if bound is not None else _unknown(request)


@never_cache
@require_GET
@host_required
def sign(request: HttpRequest) -> HttpResponse:
    """What the page at `?url=` needs to use WeCom's client: who we are, and its two signatures."""
    try:
        signed = jssdk.signatures_for(request.GET.get("url", ""), now=timezone.now())
    except jssdk.NotOurPageError:
        return JsonResponse({"message": "只给本站的页面签名。"}, status=HTTPStatus.BAD_REQUEST)
    if signed is None:
        headers = {"Retry-After": "600"}
        message = {"message": "企业微信还没有准备好，先复制了去粘贴。"}
        return JsonResponse(message, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    return JsonResponse(
        {
            "corpId": settings.WECOM_CORP_ID,
            "agentId": settings.WECOM_AGENT_ID,
            **{
                kind: {"timestamp": one.timestamp, "nonceStr": one.nonce, "signature": one.signature}
                for kind, one in signed.items()
            },
        }
    )


def _unknown(request: HttpRequest) -> HttpResponse:
    return _problem(
        request,
        title="还没有绑定大C账号",
        text="你的企业微信还没有和大C账号绑定，或账号已停用。请联系总部，绑好再来。",
        status=HTTPStatus.FORBIDDEN,
    )


def _problem(request: HttpRequest, *, title: str, text: str, status: HTTPStatus) -> HttpResponse:
    inside = "wxwork" in request.headers.get("User-Agent", "").lower()
    retry = reverse("wecom:login" if inside else "wecom:login-qr")
    return render(
        request, "wecom/login_problem.html", {"title": title, "text": text, "retry": retry}, status=status
    )
