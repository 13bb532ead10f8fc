"""案例: reading it, doing as it did, ticking its steps."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import kept_forms
from apps.accounts.access import host_required
from apps.learning.cases import access, selectors, services
from apps.learning.models import Adoption, Case
from apps.learning.models.cases import figures_of
from apps.lib.requests import own_address
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.workbench import pictures
from apps.workbench.requests import HostRequest


@dataclass(frozen=True, slots=True)
class Card:
    """A case in the list, and how far she is with it."""

    case: Case
    picture: pictures.Picture | None
    mark: str


@require_safe
@host_required
def cases(request: HostRequest) -> HttpResponse:
    rows = list(selectors.live_cases(timezone.now())[:36])
    covers = pictures.sized((row.cover_id for row in rows if row.cover_id), pictures.THUMB)
    mine = {row.case_id: row for row in Adoption.objects.filter(host=request.host, case__in=rows)}
    context = {
        "tab": "me",
        "cards": [Card(row, covers.get(row.cover_id or 0), _mark(mine.get(row.pk))) for row in rows],
    }
    return render(request, "workbench/cases.html", context)


def _mark(adoption: Adoption | None) -> str:
    if adoption is None or adoption.dropped_at:
        return ""
    return "做完了" if adoption.finished_at else "正在照着做"


@require_safe
@host_required
def case(request: HostRequest, public_id: UUID) -> HttpResponse:
    now = timezone.now()
    found = access.case_for(request.host, public_id, now)
    if request.method == "GET":
        tracking.record(
            Fact.CASE_OPENED,
            at=now,
            host_id=request.host.pk,
            actor_id=request.user.pk,
            subject_kind=services.SUBJECT,
            subject_id=found.pk,
        )
    context = {
        "tab": "me",
        "case": found,
        "figures": figures_of(found, now),
        "picture": pictures.sized([found.cover_id], pictures.LARGE).get(found.cover_id)
        if found.cover_id
        else None,
        "adoption": selectors.adoption_of(found, request.host),
    }
    return render(request, "workbench/case.html", context)


@require_POST
@host_required
def adopt(request: HostRequest, public_id: UUID) -> HttpResponse:
    """「照着做」: the steps are on her list, once."""
    now = timezone.now()
    services.adopt(access.case_for(request.host, public_id, now), request.host, now=now)
    messages.success(request, "放进「今日」了，做一步勾一步。")
    return redirect("workbench:case", public_id)


@require_POST
@host_required
def tick(request: HostRequest, public_id: UUID) -> HttpResponse:
    step = access.step_for(request.host, public_id)
    try:
        services.tick(step, is_done=request.POST.get("done") == "1", now=timezone.now())
    except services.ClosedError:
        messages.info(request, "这几步你刚才放下了。")
        return kept_forms.refused(redirect("workbench:case", step.adoption.case.public_id))
    if request.htmx:
        fresh = Adoption.objects.select_related("case").prefetch_related("steps__material")
        return render(request, "workbench/_checklist.html", {"list": fresh.get(pk=step.adoption_id)})
    return redirect(own_address(request.POST.get("back", "")) or "workbench:today")


@require_POST
@host_required
def drop(request: HostRequest, public_id: UUID) -> HttpResponse:
    services.drop(access.adoption_for(request.host, public_id), now=timezone.now())
    messages.info(request, "先放下了，案例还在「我的」里。")
    return redirect("workbench:today")
