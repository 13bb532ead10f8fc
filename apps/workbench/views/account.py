"""我的, the quiet part: who looked, settings, password, signing out everywhere."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import kept_forms, services
from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.accounts.services.second_step import authenticator_of
from apps.console_kit import edit_conflicts
from apps.customers import access as customers
from apps.media.forms import PICTURE_ACCEPT
from apps.media.selectors import shown_of
from apps.records import selectors as privacy
from apps.workbench import two_tabs
from apps.workbench.forms import HostForm
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest

#: So many changes of her account, newest first, stand on the page.
_CHANGES_SHOWN = 20


@require_safe
@host_required
def access_log(request: HostRequest) -> HttpResponse:
    """Who changed her way in, and who looked at her customers: HQ by default, her own looks on request."""
    mine_too = "mine" in request.GET
    found = privacy.looks_at(request.host.pk)
    page = page_of(found if mine_too else found.filter(is_hq=True), request)
    wanted = {row.relation_id for row in page.rows if row.relation_id is not None}
    people = (
        {row.pk: row for row in customers.relations_of(request.host).filter(pk__in=wanted)} if wanted else {}
    )
    rows = [{"entry": row, "relation": people.get(row.relation_id or 0)} for row in page.rows]
    context = {
        "tab": "me",
        "rows": rows,
        "page": page,
        "mine_too": mine_too,
        "changes": services.by_others(request.user)[:_CHANGES_SHOWN],
    }
    return render(request, "workbench/access_log.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def settings(request: HostRequest) -> HttpResponse:
    form, is_sound = two_tabs.opened_or_sent(
        request,
        lambda posted: HostForm(posted, instance=_as_it_is(request)),
        rows=Host.objects.filter(pk=request.host.pk),
    )
    if is_sound:
        form.instance.save(update_fields=HostForm.Meta.fields)
        messages.success(request, "已保存")
        return redirect("workbench:settings")
    status = 422 if request.method == "POST" else 200
    return render(request, "workbench/settings.html", settings_context(request, form), status=status)


def _as_it_is(request: HostRequest) -> Host:
    """Her row, read anew once somebody may have changed it, for a form to write on."""
    host = copy(request.host)
    if request.method == "POST":
        host.refresh_from_db(fields=HostForm.Meta.fields)
    return host


def settings_context(request: HostRequest, form: HostForm | None = None) -> dict[str, Any]:
    """What the page shows: `form`, or the form as her row reads."""
    if form is None:
        form = HostForm(instance=request.host)
        edit_conflicts.remember(form)
    return {
        "tab": "me",
        "form": form,
        "has_second_step": authenticator_of(request.user) is not None,
        "shown": shown_of(request.host),
        "accept": PICTURE_ACCEPT,
    }


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@host_required
def password(request: HostRequest) -> HttpResponse:
    if not request.user.has_usable_password():
        messages.info(request, "你用企业微信登录，不需要密码。")
        return kept_forms.refused(redirect("workbench:settings"))
    form: Any = PasswordChangeForm(request.user, request.POST or None)
    for field in form.fields.values():
        field.widget.attrs["class"] = "field__input"
        field.help_text = ""
    form.fields["new_password1"].help_text = "至少 10 位，别和姓名、账号太像。"
    status = 200
    if request.method == "POST":
        if form.is_valid():
            # Whoever else is signed in with the old password is out; this phone stays, under a new id.
            services.change_password(request, form.cleaned_data["new_password1"], now=timezone.now())
            messages.success(request, "密码已改好")
            return redirect("workbench:settings")
        status = 422
    return render(request, "workbench/password.html", {"tab": "me", "form": form}, status=status)


@require_POST
@host_required
def sign_out_everywhere(request: HostRequest) -> HttpResponse:
    services.sign_out_everywhere(request.user, now=timezone.now(), by=request.user)
    logout(request)
    return redirect("workbench:sign-in")
