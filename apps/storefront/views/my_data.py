"""我的资料: anyone may ask for her data or its end; the way to it opens once she has proved who she is."""

import json
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.models import Host
from apps.lib.masks import mask_phone
from apps.privacy.files import download
from apps.privacy.models import RightsRequest
from apps.privacy.services import data_requests
from apps.records.models import Consent
from apps.records.services import consents
from apps.storefront import previews, throttles
from apps.storefront.forms import CodeForm, Last4Form, MyDataForm
from apps.storefront.views.frame import View, consumer_page


@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
def start(request: HttpRequest) -> HttpResponse:
    """What she may ask for; asking needs a phone and says nothing about whether we know it."""
    form = MyDataForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if request.user.is_authenticated:
            return _not_hers(request)
        if wait := throttles.my_data_wait_s(request):
            return _busy(request, wait)
        status = 400
        if form.is_valid():
            phone = form.cleaned_data["phone"]
            if not throttles.asks_again_wait_s(request, phone):
                token = data_requests.ask(phone=phone, kind=form.cleaned_data["kind"], now=timezone.now())
                return redirect("storefront:my-data-page", token)
            form.add_error("phone", "刚刚已经提过几次了，我们会在 15 天内打电话给你，请等等。")
    return render(request, "storefront/my_data.html", {"form": form}, status=status)


def hers_alone(view: View) -> View:
    """A request's pages open for her: where nobody of the platform is signed in, nor her host has worked.

    She sees whole what the host, or HQ, reads masked, or reveals with a line in the log. HQ knows the code,
    and the host the link.
    """

    @wraps(view)
    def guarded(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        host_id = _behind(token).host_id
        host = Host.objects.filter(pk=host_id).first() if host_id else None
        if request.user.is_authenticated or (host is not None and previews.is_of_the_house(request, host)):
            return _not_hers(request)
        return view(request, token, *args, **kwargs)

    return guarded


def _not_hers(request: HttpRequest) -> HttpResponse:
    return render(request, "storefront/my_data_hers.html", status=403)


@sensitive_post_parameters("code", "last4")
@require_http_methods(["GET", "HEAD", "POST"])
@consumer_page
@hers_alone
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Her private page: where it stands, and the next thing to do."""
    found = _behind(token)
    by_host = found.proof == RightsRequest.Proof.HOST
    form: Any = Last4Form(request.POST or None) if by_host else CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if wait := throttles.my_data_wait_s(request):
            return _busy(request, wait)
        status = 400
        if form.is_valid():
            try:
                _prove(found, form.cleaned_data, by_host=by_host)
            except data_requests.WrongCodeError as error:
                word = "四位数" if by_host else "验证码"
                left = (
                    f"还可以试 {error.left} 次。" if error.left else "次数用完了，请联系服务你的人重新核实。"
                )
                form.add_error(None, f"{word}不对，{left}")
            except data_requests.TooLateError:
                return kept_forms.refused(redirect("storefront:my-data-page", token))
            else:
                return redirect("storefront:my-data-page", token)
    found = _behind(token)
    context = {
        "request_": found,
        "token": token,
        "form": form,
        "by_host": by_host,
        "phone": mask_phone(found.phone) if found.phone else "",
        "host": _host_of(found),
        "consents": consents.of_relations(found.relation_ids) if _is_open(found) else [],
        "is_held": found.kind == RightsRequest.Kind.ERASE and found.state == RightsRequest.State.VERIFIED,
    }
    return render(request, "storefront/my_data_page.html", context, status=status)


def _host_of(found: RightsRequest) -> Host | None:
    """Who handed her the link, while it leads anywhere: after its end, a hand-over's too, it is nobody's."""
    state = RightsRequest.State
    if found.host_id is None or found.state in {state.REFUSED, state.EXPIRED, state.ERASED}:
        return None
    return Host.objects.filter(pk=found.host_id).first()


def _prove(found: RightsRequest, data: dict[str, Any], *, by_host: bool) -> None:
    now = timezone.now()
    if by_host:
        data_requests.prove_by_host(found, kind=data["kind"], last4=data["last4"], now=now)
    else:
        data_requests.prove_by_code(found, code=data["code"], now=now)


@require_safe
@consumer_page
@hers_alone
def file(request: HttpRequest, token: str) -> HttpResponse:
    """Her copy as JSON, for another service to read."""
    content = json.dumps(_copy(token), ensure_ascii=False, indent=2).encode()
    return download(content, filename="我的资料.json", kind="application/json; charset=utf-8")


@require_safe
@consumer_page
@hers_alone
def read(request: HttpRequest, token: str) -> HttpResponse:
    """Her copy as a page, for herself to read."""
    copy = _copy(token)
    parts = [(heading, rows) for heading, rows in copy.items() if isinstance(rows, list)]
    about = {heading: text for heading, text in copy.items() if not isinstance(text, list)}
    return render(request, "storefront/my_data_copy.html", {"token": token, "about": about, "parts": parts})


@require_POST
@consumer_page
@hers_alone
def withdraw(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    found = _behind(token)
    if not _is_open(found):
        raise Http404
    consents.withdraw(public_id, relation_ids=found.relation_ids, now=timezone.now())
    return redirect("storefront:my-data-page", token)


@require_POST
@consumer_page
@hers_alone
def confirm(request: HttpRequest, token: str, public_id: UUID) -> HttpResponse:
    """The tick on an order with her phone was hers: she says so, having proved the phone."""
    found = _behind(token)
    if not _is_open(found):
        raise Http404
    by_code = found.proof == RightsRequest.Proof.HQ
    consents.confirm_one(
        public_id,
        relation_ids=found.relation_ids,
        proof=Consent.Proof.CODE if by_code else Consent.Proof.LINK,
        now=timezone.now(),
    )
    return redirect("storefront:my-data-page", token)


def _behind(token: str) -> RightsRequest:
    found = data_requests.behind(token, now=timezone.now())
    if found is None:
        raise Http404
    return found


def _copy(token: str) -> dict[str, Any]:
    try:
        return data_requests.copy_of(_behind(token), now=timezone.now())
    except data_requests.TooLateError:
        raise Http404 from None


def _is_open(found: RightsRequest) -> bool:
    """She has proved herself, and what she asked for is a copy."""
    return found.kind == RightsRequest.Kind.EXPORT and found.state in {
        RightsRequest.State.VERIFIED,
        RightsRequest.State.READY,
    }


def _busy(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "storefront/busy.html", {}, status=429)
    response["Retry-After"] = str(wait)
    return response
