"""交接记录: which customers came to her or went, by whose act and why."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.access import host_required
from apps.customers.handover import selectors
from apps.workbench.paging import page_of
from apps.workbench.requests import HostRequest


@require_safe
@host_required
def hand_overs(request: HostRequest) -> HttpResponse:
    page = page_of(selectors.hand_overs_of(request.host), request)
    return render(request, "workbench/hand_overs.html", {"tab": "me", "rows": page.rows, "page": page})
