"""Becoming a host, for somebody without an account: apply by an invitation, see how it stands, begin."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import access, kept_forms, services
from apps.accounts.joining.notice import NOTICE_PURPOSE, notice_text
from apps.accounts.models import Application, Invitation, OneTimeLink
from apps.accounts.services import joining
from apps.database import db_role
from apps.lib import masks
from apps.records import services as privacy
from apps.records.models import Consent
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.workbench.joining import FirstPasswordForm, JoinForm, wait_s

View = Callable[..., HttpResponse]
#: The cookie of the invitation's address that leads her on to her application, and for how long.
_APPLIED = "a"
_WAY_BACK = timedelta(minutes=30)
#: The applicant's link lives in her chat: these headers keep it out of caches and search engines.
_PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def private_page(view: View) -> View:
    """The address is the key: whatever is wrong with it, there is one kind page, and no cache keeps any."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except (Http404, joining.InvitationNotValidError, services.LinkNotValidError):
            response = render(request, "workbench/join/closed.html", status=404)
        for name, value in _PRIVATE.items():
            response[name] = value
        return response

    return guarded


@sensitive_variables("token")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def application_form(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        invitation = joining.find_invitation(token, now=now)
    except joining.InvitationNotValidError:
        if request.method == "GET" and (hers := _just_applied(request)):
            return redirect("workbench:join-state", token=hers)
        raise
    form = JoinForm(request.POST or None)
    if request.method != "POST":
        return _form_page(request, invitation, form)
    if wait := wait_s(request):
        form.add_error(None, "这个网络上申请得太频繁了，过一会儿再提交，填好的内容都留着。")
        response = _form_page(request, invitation, form, status=429)
        response["Retry-After"] = str(wait)
        return response
    if not form.is_valid():
        return _form_page(request, invitation, form, status=422)
    data = form.cleaned_data
    company = str(invitation.organisation.get_root().name)
    notice = privacy.notice_for(NOTICE_PURPOSE, notice_text(company), now=now)
    if request.POST.get("seen") != privacy.mark_of(notice):
        form.add_error(None, "资料怎么用的说明刚刚改过，请再看一遍，没问题再点一次提交。")
        return _form_page(request, invitation, form, status=409)
    try:
        secret, application = joining.submit_application(
            token,
            name=data["name"],
            phone=data["phone"],
            wecom_userid=data["wecom_userid"],
            why=data["why"],
            notice_sha256=bytes(notice.sha256),
            now=now,
        )
    except joining.AlreadyAppliedError:
        form.add_error("phone", "这个手机号已经有一份申请在等审核，不用再填。提交后收藏的那一页能看进度。")
        return _form_page(request, invitation, form, status=409)
    privacy.give_consent(
        notice=notice,
        recipient=company,
        host_id=None,
        channel=NOTICE_PURPOSE,
        proof=Consent.Proof.LINK,
        now=now,
        evidence={"application": str(application.public_id)},
    )
    messages.success(request, "收到你的申请了")
    response = redirect("workbench:join-state", token=secret)
    response.set_signed_cookie(
        _APPLIED,
        secret,
        max_age=_WAY_BACK,
        path=request.path,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def _just_applied(request: HttpRequest) -> str:
    """Her own link, if this browser applied by this invitation a moment ago and its way back led here."""
    secret = str(request.get_signed_cookie(_APPLIED, default="", max_age=_WAY_BACK))
    return secret if joining.application_behind(secret, now=timezone.now()) is not None else ""


def _form_page(
    request: HttpRequest, invitation: Invitation, form: JoinForm, *, status: int = 200
) -> HttpResponse:
    company = str(invitation.organisation.get_root().name)
    notice = privacy.notice_for(NOTICE_PURPOSE, notice_text(company), now=timezone.now())
    context = {
        "form": form,
        "invitation": invitation,
        "company": company,
        "notice": notice.text,
        "seen": privacy.mark_of(notice),
    }
    return render(request, "workbench/join/apply.html", context, status=status)


@sensitive_variables("token")
@require_http_methods(["GET", "HEAD"])
@private_page
def state(request: HttpRequest, token: str) -> HttpResponse:
    """How her application stands."""
    application = _application(token)
    context = {
        "application": application,
        "token": token,
        "invitation": application.invitation,
        "phone": masks.mask_phone(application.phone),
        "may_begin": application.may_begin,
        "needs_link": application.closed_at is not None
        and application.host is not None
        and not application.host.user.has_usable_password(),
    }
    return render(request, "workbench/join/state.html", context)


@sensitive_variables("token")
@require_POST
@private_page
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    application = _application(token)
    try:
        joining.withdraw(application, now=timezone.now())
        messages.success(request, "已撤回，你填的内容也删掉了")
    except joining.AlreadyDecidedError:
        messages.info(request, "这份申请刚刚有结果了")
        return kept_forms.refused(redirect("workbench:join-state", token=token))
    return redirect("workbench:join-state", token=token)


@sensitive_variables("token")
@require_POST
@private_page
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """From her own application, once approved, to choosing a password: by a link that works once."""
    application = _application(token)
    secret = joining.begin(application, now=timezone.now())
    if secret is None:
        return redirect("workbench:join-state", token=token)
    return redirect("workbench:join-start", token=secret)


@sensitive_variables("token", "form")
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@private_page
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Her first password, by the link that HQ gave her; then she is signed in."""
    now = timezone.now()
    purpose = OneTimeLink.Purpose.ACTIVATION
    link = services.find_link(token, purpose=purpose, now=now)
    host = access.host_of(link.user)
    if host is None:
        raise Http404
    form = FirstPasswordForm(link.user, request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            user = services.choose_password(
                token, form.cleaned_data["new_password1"], now=now, purpose=purpose
            )
            services.sign_in(request, user)
            with db_role.acting_as(host.pk):  # the request began as nobody's
                tracking.record(Fact.HOST_SIGNED_IN, at=now, host_id=host.pk, actor_id=user.pk)
            messages.success(request, f"欢迎你，{host.name}")
            return redirect("workbench:today")
        status = 422
    return render(request, "workbench/join/start.html", {"form": form, "host": host}, status=status)


def _application(token: str) -> Application:
    found = joining.application_behind(token, now=timezone.now())
    if found is None:
        raise Http404
    return found
