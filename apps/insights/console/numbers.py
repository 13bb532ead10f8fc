"""The rows behind HQ's numbers, and the hosts side by side."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from wagtail.admin.auth import permission_required

from apps.accounts import access as accounts
from apps.accounts.scope import EVERYBODY
from apps.console_kit.viewsets import page as frame
from apps.customers.console import SEE as SEE_CUSTOMERS
from apps.customers.console import SHOWN, write_down_looks
from apps.insights import access, selectors
from apps.insights.console.asked import PERIODS, PERMISSION, Asked
from apps.insights.metrics import UnknownFilterError
from apps.insights.periods import Period
from apps.insights.selectors.rows import PAGE_SIZE, Rows, UnknownNumberError, rows_behind
from apps.tracking.models import Subject


@permission_required(PERMISSION)
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """What a number counts, one line each; customers masked, and every look at them written down.

    An issue's materials are meant only where the address names it by `issue`; `period=issue` is its days.
    """
    now = timezone.now()
    is_about_hosts = name.endswith("_hosts")
    asked = Asked(request, now, period=Period.ISSUE.value if is_about_hosts else "")
    try:
        found = rows_behind(
            name,
            span=asked.span,
            now=now,
            hosts=asked.hosts,
            issue=asked.issue,
            subject=(Subject.MATERIAL, asked.material.pk) if asked.material else None,
            channel=asked.channel,
            hour=asked.hour,
            kind=asked.kind,
            organisation=asked.organisation,
            page=asked.page,
        )
    except (UnknownNumberError, UnknownFilterError):  # an address that no page of ours gives
        raise Http404 from None
    named = set(accounts.hosts_visible_to(request.user, SEE_CUSTOMERS).values_list("pk", flat=True))
    if looked_at := {
        row.relation.pk: row.relation.host_id
        for row in found.rows
        if row.relation and row.relation.host_id in named
    }:
        write_down_looks(request, Counter(looked_at.values()), fields=SHOWN)
    context = {
        "found": found,
        "lines": [
            {
                "row": row,
                "who": _who(row.relation, row.visitor, named),
                "may_open": row.relation is not None and row.relation.host_id in named,
            }
            for row in found.rows
        ],
        "asked": asked,
        "issue": asked.issue,
        "periods": {} if found.metric.is_of_now or is_about_hosts or asked.is_fixed else asked.periods,
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        "may_open_orders": request.user.has_perm("trade.view_order"),
        "is_about_hosts": is_about_hosts,
        "has_people": not is_about_hosts and name != "shares",
        "page_count": -(-found.count // PAGE_SIZE),
        **frame(found.title, icon="list-ul", under=("数据", "insights:hosts"), subtitle=_about(found, asked)),
    }
    return TemplateResponse(request, "console/home/rows.html", context)


@permission_required(PERMISSION)
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts side by side: what each brought. Each number opens its rows."""
    asked = Asked(request, timezone.now())
    sort = request.GET.get("sort", "gmv")
    sort = sort if sort in selectors.HOST_SORTS else "gmv"
    ranked = selectors.ranked_hosts(access.hosts_seen_by(request.user), asked.span, by=sort)
    shown = Paginator(ranked, PAGE_SIZE).get_page(asked.page)
    context = {
        "results": selectors.host_results(list(shown.object_list), asked.span),
        "shown": shown,
        "asked": asked,
        "sort": sort,
        "sorts": selectors.HOST_SORTS,
        "periods": PERIODS,
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        "is_branch": access.hosts_counted_for(request.user) is not EVERYBODY,
        **frame("数据", icon="table", subtitle="每位大C带来了什么"),
    }
    return TemplateResponse(request, "console/home/hosts.html", context)


def _who(relation: Any, visitor: str, named: set[int]) -> str:
    if relation is None:
        return visitor or "—"
    return relation.masked_name if relation.host_id in named else "客户"


def _about(found: Rows, asked: Asked) -> str:
    return " · ".join([*asked.narrowed, found.span.label if not found.metric.is_of_now else "现在"])
