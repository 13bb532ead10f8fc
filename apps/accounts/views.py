"""Pages on the way in: the second step, setting it up, and choosing a password by a link."""

from datetime import datetime
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import access, services
from apps.accounts.models import OneTimeLink, User
from apps.accounts.services import second_step as steps
from apps.accounts.services.rate_limits import wait_s
from apps.lib.requests import network_of, own_address

_LOST = "登录等得太久了，请重新输入账号和密码。"


class CodeForm(forms.Form):
    code = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages={"required": "请填验证码。"},
        widget=forms.TextInput(
            attrs={
                "class": "field__input field__input_code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "autofocus": True,
            }
        ),
    )


def _who(request: HttpRequest, now: datetime) -> User | None:
    """The person in front: signed in, or with the right password in this browser a moment ago."""
    if request.user.is_authenticated:
        return request.user
    return steps.who_waits(request, now=now)


def _target(request: HttpRequest, user: User) -> str:
    """Where to go afterwards: an address of ours, else home."""
    wanted = own_address(request.POST.get("next", ""), request.GET.get("next", ""))
    return wanted or resolve_url("workbench:today" if access.host_of(user) else "wagtailadmin_home")


def _back_to_sign_in(request: HttpRequest) -> HttpResponse:
    messages.info(request, _LOST)
    return redirect(settings.LOGIN_URL)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the code of the authenticator app, or for a recovery code."""
    now = timezone.now()
    user = _who(request, now)
    if user is None:
        return _back_to_sign_in(request)
    if request.user.is_authenticated and not access.awaits_second_step(request.user):
        return redirect(_target(request, user))
    if steps.authenticator_of(user) is None:
        query = request.META["QUERY_STRING"]
        return redirect(resolve_url("accounts:second-step-set-up") + (f"?{query}" if query else ""))
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                device = steps.check_code(user, form.cleaned_data["code"], now=now)
            except steps.WrongCodeError:
                form.add_error("code", "验证码不对，或者已经用过了。等验证器换一个新的再试。")
            except steps.WaitError as error:
                status = 429
                form.add_error("code", _wait_words(error.until, now))
            else:
                target = _target(request, user)
                steps.finish(request, user, device)
                return redirect(target)
    context = {"form": form, "next": request.POST.get("next") or request.GET.get("next", ""), "person": user}
    return render(request, "accounts/second_step.html", context, status=status)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Show the QR code of a new authenticator; its first right code switches it on."""
    now = timezone.now()
    user = _who(request, now)
    if user is None:
        return _back_to_sign_in(request)
    # Who has one must show it first: else a password alone would be enough to replace it.
    if steps.authenticator_of(user) is not None and not _is_verified(request):
        return redirect("accounts:second-step")
    device = steps.begin_set_up(user, now=now)
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                device, codes = steps.confirm_set_up(user, form.cleaned_data["code"], now=now)
            except steps.WrongCodeError:
                form.add_error("code", "验证码不对。看看手机的时间准不准，等验证器换一个新的再试。")
            except steps.WaitError as error:
                status = 429
                form.add_error("code", _wait_words(error.until, now))
            else:
                target = _target(request, user)
                steps.finish(request, user, device)
                return render(request, "accounts/recovery_codes.html", {"codes": codes, "target": target})
    code = segno.make(steps.address_for_app(device), error="m")
    context = {
        "form": form,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "person": user,
        "picture": code.svg_data_uri(scale=5, border=2, light="#fff"),
        "secret": steps.secret_for_hand(device),
    }
    return render(request, "accounts/set_up.html", context, status=status)


def _is_verified(request: HttpRequest) -> bool:
    return request.user.is_authenticated and bool(request.user.is_verified())  # type: ignore[attr-defined]


def _wait_words(until: datetime, now: datetime) -> str:
    seconds = max(1, round((until - now).total_seconds()))
    return f"错得太多了，请等 {seconds} 秒（{timezone.localtime(until):%H:%M:%S} 以后）再试。"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_password(request: HttpRequest, token: str) -> HttpResponse:
    """A new password by a link from an administrator. Looking at the page does not use the link up."""
    now = timezone.now()
    if wait_s("password-link", network_of(request), limit=20, window=steps.PATIENCE, now=now):
        return _answer(request, "accounts/link_problem.html", {"busy": True}, status=429)
    try:
        link = services.find_link(token, purpose=OneTimeLink.Purpose.PASSWORD, now=now)
    except services.LinkNotValidError:
        return _answer(request, "accounts/link_problem.html", {}, status=404)
    form: Any = SetPasswordForm(link.user, request.POST or None)
    for field in form.fields.values():
        field.widget.attrs["class"] = "field__input"
        field.help_text = ""
    form.fields["new_password1"].help_text = "至少 10 位，别和姓名、账号太像。"
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.choose_password(token, form.cleaned_data["new_password1"], now=now)
            except services.LinkNotValidError:
                return _answer(request, "accounts/link_problem.html", {}, status=404)
            if request.user == link.user:
                logout(request)  # hers is ended: this device forgets what she typed (kept_forms.py)
            messages.success(request, "新密码设好了，请用它登录。")
            return redirect(settings.LOGIN_URL)
    context = {"form": form, "person": link.user}
    return _answer(request, "accounts/choose_password.html", context, status=status)


def _answer(request: HttpRequest, template: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """A page behind a private link: nobody indexes it."""
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
