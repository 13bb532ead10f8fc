"""该帮谁: whom to call today and why, and how every host stands."""

from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.accounts import access as accounts
from apps.accounts.models import Host
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
    """该帮谁: the ten to call today with the reason, and every host by activity, adoption and results."""
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
        "calls": [
            {
                "call": call,
                "why_href": rows_behind_call(call.host, call.reason),
                "money_href": rows_address(call.host, "gmv", "28d"),
            }
            for call in selectors.hosts_to_call(now, hosts=found)
        ],
        "reasons": selectors.REASONS.values(),
        "rows": selectors.helped(list(shown.object_list)),
        "shown": shown,
        "form": form,
        "issue": issue,
        "materials": materials_of(issue).count() if issue else 0,
        "before": urlencode({"from": before.first, "to": before.last}),
        "sort": sort,
        "sorts": selectors.HELP_SORTS,
        "may_open_hosts": True,
        **frame("该帮谁", icon="group", under=("数据", "insights:hosts")),
    }
    return TemplateResponse(request, "console/home/helping.html", context)


#: The rows that show why a host should be called: number and period.
_BEHIND = {
    "waiting": ("waiting_orders", ""),
    "falling": ("gmv", "14d"),
    "unsold": ("visits", "7d"),
    "absent": ("shares", "30d"),
    "unshared": ("adopted", "issue"),
    "unopened": ("adopted", "issue"),
}


def rows_behind_call(host: Host, reason: str) -> str:
    """The address of what speaks for calling her."""
    return rows_address(host, *_BEHIND[reason])


def rows_address(host: Host, name: str, period: str) -> str:
    query = {"host": host.public_id, **({"period": period} if period else {})}
    return f"{reverse('insights:rows', args=[name])}?{urlencode(query)}"
