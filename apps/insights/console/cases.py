"""Who does as a case did, and what became of it."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.console_kit.viewsets import page as frame
from apps.insights import access
from apps.insights.console.asked import PERMISSION
from apps.insights.selectors.followers import case_effect
from apps.learning.models import Case

UNDER = ("案例成效", "insights:cases")


@permission_required(PERMISSION)
def cases(request: HttpRequest) -> HttpResponse:
    """Published cases, the newest month first."""
    rows = Case.objects.filter(first_published_at__isnull=False).select_related("host").order_by("-month")
    context = {"cases": rows, **frame(UNDER[0], icon="pick")}
    return TemplateResponse(request, "console/results/cases.html", context)


@permission_required(PERMISSION)
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Adopters beside non-adopters, and each adopter with her own numbers."""
    wanted = Case.objects.filter(public_id=public_id, first_published_at__isnull=False).first()
    if wanted is None:
        raise Http404
    effect = case_effect(wanted, timezone.now(), hosts=access.hosts_counted_for(request.user))
    context = {
        "case": wanted,
        "effect": effect,
        "groups": [("照着做的", effect.adopters), ("没照着做的", effect.others)],
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        **frame("案例成效", icon="pick", under=UNDER, subtitle=wanted.title),
    }
    return TemplateResponse(request, "console/results/case.html", context)
