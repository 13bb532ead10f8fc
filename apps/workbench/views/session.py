"""Signing in and out."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import access, services
from apps.accounts.models import User
from apps.database import db_role
from apps.lib import clock
from apps.lib.requests import own_address
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.workbench.forms import SignInForm


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _safe_target(request)
    if request.user.is_authenticated:
        return redirect(target or _home_of(request.user))
    form = SignInForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            now = timezone.now()
            if wait := services.wait_at_sign_in(request, now=now):
                form.add_error(None, f"这里登录得太频繁了，请等 {wait} 秒再试。")
                return _page(request, form, target, status=429)
            try:
                user = services.check_password(request, **form.cleaned_data, now=now)
            except services.WrongCredentialsError:
                form.add_error(None, "账号或密码不对，再看一眼大小写。忘了密码请找总部同事重置。")
            except services.LockedOutError as error:
                status = 429
                form.add_error(None, _locked_words(error.until, now))
            else:
                if access.host_of(user) is None and not access.is_hq(user):
                    form.add_error(None, "这个账号现在不能进工作台（还没开通或已停用），请联系总部同事。")
                elif _begin(request, user, now):
                    return redirect(target or _home_of(user))
                else:
                    return redirect(f"{reverse('accounts:second-step')}?{urlencode({'next': target})}")
    return _page(request, form, target, status=status)


def _page(request: HttpRequest, form: SignInForm, target: str, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "next": target,
        "has_ended": "ended" in request.GET,
        "in_wecom": "wxwork" in request.headers.get("User-Agent", "").lower(),
    }
    return render(request, "workbench/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGIN_URL)


def _begin(request: HttpRequest, user: User, now: datetime) -> bool:
    """True: signed in. False: the second step comes first."""
    signed_in = services.start_session(request, user, now=now)
    host = access.host_of(user)
    if host is not None:
        with db_role.acting_as(host.pk):  # the request began as nobody's
            tracking.record(Fact.HOST_SIGNED_IN, at=now, host_id=host.pk, actor_id=user.pk)
    return signed_in


def _home_of(user: object) -> str:
    return "workbench:today" if access.host_of(user) else "wagtailadmin_home"  # type: ignore[arg-type]


def _safe_target(request: HttpRequest) -> str:
    """Where to go after signing in: only an address of our own."""
    return own_address(request.POST.get("next", ""), request.GET.get("next", ""))


def _locked_words(until: datetime, now: datetime) -> str:
    minutes = max(1, -int((now - until).total_seconds() // 60))
    clock_time = until.astimezone(clock.SHANGHAI)
    times = services.MAX_FAILURES
    return f"密码连续错了 {times} 次，先锁上了。请在 {minutes} 分钟后（{clock_time:%H:%M}）再试。"
