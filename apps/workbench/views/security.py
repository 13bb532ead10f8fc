"""我的 → 设置: tokens for other systems, and the second step."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import roles, services
from apps.accounts.access import has_taken_second_step, host_required, second_step_due
from apps.workbench.forms import TokenForm
from apps.workbench.requests import HostRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def tokens(request: HostRequest) -> HttpResponse:
    """Her tokens; a new one is shown this once, on the answer to its form."""
    now = timezone.now()
    form = TokenForm(request.POST or None)
    status, text = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            status = 200
            life = timedelta(days=form.cleaned_data["days"])
            text, _token = services.issue_token(
                request.user,
                now=now,
                is_verified=has_taken_second_step(request.user),
                name=form.cleaned_data["name"],
                life=life,
            )
            form = TokenForm()
    context = {
        "tab": "me",
        "form": form,
        "text": text,
        "tokens": services.tokens_of(request.user, now=now),
        "is_second_step_due": second_step_due(request.user),
        "works_at_hq": request.user.groups.filter(name__in=roles.ALL).exists(),
    }
    return render(request, "workbench/tokens.html", context, status=status)


@require_POST
@host_required
def revoke(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    token = services.tokens_of(request.user, now=now).filter(public_id=public_id).first()
    if token is None:
        raise Http404
    services.revoke_token(token, now=now, by=request.user)
    messages.success(request, "已停用，用它的系统马上连不上了")
    return redirect("workbench:tokens")
