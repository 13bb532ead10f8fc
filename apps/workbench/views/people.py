"""加客户: somebody she knows, added by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.access import host_required
from apps.customers import access, adding
from apps.workbench import access_log
from apps.workbench.forms import NewPersonForm
from apps.workbench.requests import HostRequest

#: So many of the tags that she has are offered.
_OFFERED = 12


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@host_required
def add(request: HostRequest) -> HttpResponse:
    """A form of which one field is needed. Whoever is hers already by this phone is shown instead."""
    now = timezone.now()
    access_log.note_reading(request, now=now)
    form = NewPersonForm(request.POST or None)
    known = None
    if request.method == "POST" and form.is_valid():
        try:
            relation = adding.add_by_hand(request.host, **form.cleaned_data, by=request.user, now=now)
        except adding.KnownAlreadyError as error:
            known = error.relation
            form.add_error("phone", str(error))
        else:
            messages.success(request, f"{relation.shown_name}加好了")
            return redirect("workbench:customer", relation.public_id)
    context = {
        "tab": "customers",
        "form": form,
        "known": known,
        "offered_tags": access.tags_of(request.host)[:_OFFERED],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "workbench/person_new.html", context, status=status)
