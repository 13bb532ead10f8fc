"""The rows behind HQ's numbers, and the hosts side by side."""

import re
from collections import Counter
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.auth import permission_required

from apps.accounts import access as accounts
from apps.accounts.models import Host
from apps.content import selectors as content
from apps.customers.console import SHOWN, write_down_looks
from apps.insights import access, selectors
from apps.insights.periods import Period, Span, last_days, one_day, span_of
from apps.insights.scope import Whose
from apps.insights.selectors.rows import PAGE_SIZE, Rows, UnknownNumberError, rows_behind
from apps.lib.console import page as frame
from apps.lib.masks import mask_name

PERMISSION = "insights.view_hostday"
FORTNIGHT = "14d"
PERIODS = {
    Period.TODAY.value: _("今日"),
    Period.WEEK.value: _("7 天"),
    FORTNIGHT: _("14 天"),
    Period.MONTH.value: _("30 天"),
    Period.ISSUE.value: _("本期"),
}
_LAST_DAYS = re.compile(r"[1-9][0-9]{0,2}d", re.ASCII)
#: Numbers that are about the issue's materials when the period is the issue.
OF_ISSUE = {
    "reached",
    "read",
    "ordered",
    "shares",
    "active_hosts",
    "opened_hosts",
    "sharing_hosts",
    "idle_hosts",
}
#: Numbers that have no period: they are of now.
OF_NOW = {"customers", "waiting_orders"}


@permission_required(PERMISSION)
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """What a number counts, one line each; customers masked, and every look at them written down."""
    now = timezone.now()
    is_about_hosts = name.endswith("_hosts")
    asked = _Asked(request, now, period=Period.ISSUE.value if is_about_hosts else "")
    issue = content.current_issue(now) if asked.period == Period.ISSUE and name in OF_ISSUE else None
    try:
        found = rows_behind(name, span=asked.span, now=now, hosts=asked.hosts, issue=issue, page=asked.page)
    except UnknownNumberError:
        raise Http404 from None
    names_people = request.user.has_perm("customers.view_relation")
    if names_people:
        looked_at = {row.relation.pk: row.relation.host_id for row in found.rows if row.relation}
        write_down_looks(request, Counter(looked_at.values()), fields=SHOWN)
    context = {
        "found": found,
        "lines": [
            {
                "row": row,
                "who": _who(row.relation, row.visitor, names_people),
                "may_open": names_people and row.relation is not None,
            }
            for row in found.rows
        ],
        "asked": asked,
        "issue": issue,
        "periods": {} if name in OF_NOW or is_about_hosts else PERIODS,
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        "may_open_orders": request.user.has_perm("trade.view_order"),
        "is_about_hosts": is_about_hosts,
        "has_people": not is_about_hosts and name != "shares",
        "page_count": -(-found.count // PAGE_SIZE),
        **frame(
            found.title, icon="list-ul", under=(_("数据"), "insights:hosts"), subtitle=_about(found, asked)
        ),
    }
    return TemplateResponse(request, "console/home/rows.html", context)


@permission_required(PERMISSION)
def hosts(request: HttpRequest) -> HttpResponse:
    """Hosts side by side: what each brought. Each number opens its rows."""
    asked = _Asked(request, timezone.now())
    sort = request.GET.get("sort", "gmv")
    sort = sort if sort in selectors.HOST_SORTS else "gmv"
    ranked = selectors.ranked_hosts(accounts.hosts_visible_to(request.user), asked.span, by=sort)
    shown = Paginator(ranked, PAGE_SIZE).get_page(asked.page)
    context = {
        "results": selectors.host_results(list(shown.object_list), asked.span),
        "shown": shown,
        "asked": asked,
        "sort": sort,
        "sorts": selectors.HOST_SORTS,
        "periods": PERIODS,
        "may_open_hosts": request.user.has_perm("accounts.view_host"),
        **frame(_("数据"), icon="table", subtitle=_("每位大C带来了什么")),
    }
    return TemplateResponse(request, "console/home/hosts.html", context)


def _who(relation: Any, visitor: str, names_people: bool) -> str:
    if relation is None:
        return visitor or "—"
    return (mask_name(relation.name) or "未留名") if names_people else "客户"


def _about(found: Rows, asked: "_Asked") -> str:
    whose = f"{asked.host.name} · " if asked.host else ""
    return f"{whose}{found.span.label if found.name not in OF_NOW else '现在'}"


class _Asked:
    """What the address asks for: which days, whose, which page. What makes no sense is left out."""

    def __init__(self, request: HttpRequest, now: datetime, *, period: str = "") -> None:
        self.day = None if period else _day(request.GET.get("day", ""))
        asked = period or request.GET.get("period", "")
        is_known = asked in PERIODS or _LAST_DAYS.fullmatch(asked) is not None
        self.period = "" if self.day else asked if is_known else FORTNIGHT
        self.span = _span(self.day, self.period, now)
        number = request.GET.get("page", "")
        self.page = int(number[:6]) if number.isascii() and number.isdigit() else 1
        self.host = _host(request)
        self.hosts: Whose = self.host or access.hosts_counted_for(request.user)

    @property
    def query(self) -> str:
        """The same question, for a link to another number or page."""
        fixed = {"host": self.host.public_id} if self.host else {}
        return urlencode({**({"day": self.day} if self.day else {"period": self.period}), **fixed})

    @property
    def host_query(self) -> str:
        return urlencode({"host": self.host.public_id}) if self.host else ""


def _host(request: HttpRequest) -> Host | None:
    """The one host the address names; the 404 of an absent one for whom this person may not see."""
    wanted = request.GET.get("host", "")
    if not wanted:
        return None
    try:
        return accounts.host_for(request.user, wanted)
    except ValidationError:
        raise Http404 from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _span(day: date | None, period: str, now: datetime) -> Span:
    if day is not None:
        return one_day(day)
    return last_days(int(period[:-1]), now) if _LAST_DAYS.fullmatch(period) else span_of(period, now)


urlpatterns = [
    path("", hosts, name="hosts"),
    path("<slug:name>/", rows, name="rows"),
]
