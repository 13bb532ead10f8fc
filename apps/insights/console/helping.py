"""How every host stands: by activity, adoption and results, whoever needs help most first."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.accounts import access as accounts
from apps.console_kit.viewsets import page as frame
from apps.insights import selectors
from apps.insights.console.asked import PERMISSION
from apps.insights.forms import HelpFilter
from apps.insights.periods import last_days, span_before
from apps.insights.selectors.funnels import materials_of
from apps.insights.selectors.rows import PAGE_SIZE
from apps.lib import given
from apps.library import selectors as content


@permission_required(PERMISSION)
def helping(request: HttpRequest) -> HttpResponse:
    """Every active host by activity, adoption and results, beside the days before."""
    if not request.user.has_perm(accounts.SEE_HOSTS):
        raise PermissionDenied
    now = timezone.now()
    visible = accounts.hosts_visible_to(request.user, PERMISSION, accounts.SEE_HOSTS)
    form = HelpFilter(
        request.GET, nodes=accounts.organisations_of(request.user, PERMISSION, accounts.SEE_HOSTS)
    )
    form.is_valid()
    chosen = form.cleaned_data
    found = visible
    if node := chosen.get("organisation"):
        found = found.below(node)
    if level := chosen.get("level"):
        found = found.filter(level=level)
    if kind := chosen.get("kind"):
        found = found.filter(kind=kind)
    sort = request.GET.get("sort", "falling")
    sort = sort if sort in selectors.HELP_SORTS else "falling"
    issue = content.current_issue(now)
    before = span_before(last_days(selectors.HELP_DAYS, now))
    ranked = selectors.hosts_to_help(found, now, issue=issue, by=sort)
    shown = Paginator(ranked, PAGE_SIZE).get_page(given.page(request.GET.get("page", "")))
    context = {
        "rows": selectors.helped(list(shown.object_list)),
        "shown": shown,
        "form": form,
        "issue": issue,
        "materials": materials_of(issue).count() if issue else 0,
        "before": urlencode({"from": before.first, "to": before.last}),
        "sort": sort,
        "sorts": selectors.HELP_SORTS,
        **frame("所有大C对照", icon="table", under=("该帮谁", "helping:index")),
    }
    return TemplateResponse(request, "console/home/helping.html", context)
