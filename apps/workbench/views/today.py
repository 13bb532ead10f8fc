"""今日: what to post, whom to care for, what yesterday brought."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from apps.accounts.access import host_required
from apps.accounts.models import Host
from apps.insights import selectors as insights
from apps.learning.cases import selectors as cases
from apps.lib import clock
from apps.library import access as content
from apps.library import services as library
from apps.profiles import selectors as profiles
from apps.trade import access as trade
from apps.workbench import access_log
from apps.workbench.requests import HostRequest
from apps.workbench.selectors import posts_of, top_of_today
from apps.workbench.views.materials import about_material
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
        "late": issue.late if issue else None,
        "care": profiles.who_to_care_for(host, now, limit=PEOPLE),
        "yesterday": _brought(host, now),
        "lists": cases.lists_of(host),
        "has_code": has_code,
        "waiting": trade.orders_to_confirm(host),
    }
    return render(request, "workbench/today.html", context)


@require_POST
@host_required
@about_material
def let_go(request: HostRequest, public_id: UUID) -> HttpResponse:
    """She won't share it any more. What is late besides takes its place on the page."""
    now = timezone.now()
    library.let_go(request.host, content.material_for(request.host, public_id, now), now=now)
    said = "好，不再提它。想发的时候，整期安排里还找得到。"
    if not request.htmx:
        messages.success(request, said)
        return redirect("workbench:today")
    issue, _ = top_of_today(request.host, now)
    part = render(request, "workbench/_late.html", {"late": issue.late if issue else None})
    return trigger_client_event(part, "dac:toast", {"value": said})


def _brought(host: Host, now: datetime) -> list[Figure]:
    """Visits, customers, orders and commission of yesterday, each with its rows."""
    day = insights.yesterday(host, now)
    visits, customers, orders, _, _, commission = figures_of(day, day=day.day.isoformat())
    return [visits, customers, orders, commission]


def greeting(hour: int) -> str:
    return next(words for until, words in _GREETINGS if hour < until)
