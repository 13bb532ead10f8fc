"""今日: what to post, whom to care for, what yesterday brought."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.insights import selectors as insights
from apps.learning.cases import selectors as cases
from apps.lib import clock
from apps.profiles import selectors as profiles
from apps.trade import access as trade
from apps.workbench import access_log
from apps.workbench.requests import HostRequest
from apps.workbench.selectors import posts_of, top_of_today
from apps.workbench.views.me import Figure, figures_of

_GREETINGS = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))
POSTS = 3
PEOPLE = 5


@require_safe
@host_required
def today(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    access_log.note_reading(request, now=now)
    host = request.host
    issue, has_code = top_of_today(host, now)
    context = {
        "tab": "today",
        "greeting": greeting(now.astimezone(clock.SHANGHAI).hour),
        "today": clock.day_of(now),
        "issue": issue,
        "posts": posts_of(issue, host, now, limit=POSTS) if issue else [],
        "care": profiles.who_to_care_for(host, now, limit=PEOPLE),
        "yesterday": _brought(host, now),
        "lists": cases.lists_of(host),
        "has_code": has_code,
        "waiting": trade.orders_to_confirm(host),
    }
    return render(request, "workbench/today.html", context)


def _brought(host: Host, now: datetime) -> list[Figure]:
    """Visits, customers, orders and commission of yesterday, each with its rows."""
    day = insights.yesterday(host, now)
    visits, customers, orders, _, _, commission = figures_of(day, day=day.day.isoformat())
    return [visits, customers, orders, commission]


def greeting(hour: int) -> str:
    return next(words for until, words in _GREETINGS if hour < until)
