"""我的: her numbers, and the rows behind each of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.access import host_required
from apps.insights import metrics
from apps.insights import selectors as insights
from apps.lib import given, humanize, money
from apps.library import access as content
from apps.tracking.models import Subject
from apps.workbench import access_log
from apps.workbench.paging import page_number
from apps.workbench.requests import HostRequest

#: What a chart can show: one message each.
CHARTS = {metric.field: metric.title for metric in (metrics.GMV, metrics.VISITS, metrics.ORDERS)}
#: What the line under her figures tells.
_TOLD_IN_WORDS = (metrics.BUYERS, metrics.RETURNING_BUYERS, metrics.CUSTOMERS)
#: The numbers whose rows a host may open: her own.
HERS = {
    metric.name
    for metric in (
        metrics.VISITS,
        metrics.VISITORS,
        metrics.CUSTOMERS,
        metrics.NEW_CUSTOMERS,
        metrics.ORDERS,
        metrics.GMV,
        metrics.TAKEN_BACK,
        metrics.COMMISSION,
        metrics.BUYERS,
        metrics.RETURNING_BUYERS,
        metrics.SHARES,
        metrics.REACHED,
        metrics.READ,
        metrics.ORDERED,
    )
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its word and the address of its rows."""

    word: str
    value: str
    href: str
    is_money: bool = False


@require_safe
@host_required
def me(request: HostRequest) -> HttpResponse:
    now = timezone.now()
    period = request.GET.get("period", "")
    period = period if period in insights.Period.values else insights.Period.WEEK
    drawn = request.GET.get("chart", "")
    drawn = drawn if drawn in CHARTS else "gmv_fen"
    numbers = insights.host_numbers(request.host, period, now)
    # One day makes no chart: then the week around it does.
    span = insights.last_days(7, now) if period == insights.Period.TODAY else numbers.span
    days = insights.series(span, hosts=request.host)
    context = {
        "tab": "me",
        "period": period,
        "periods": insights.Period.choices,
        "numbers": numbers,
        "figures": figures_of(numbers, period=period),
        "opens": {metric.name: address_of(metric, period=period) for metric in _TOLD_IN_WORDS},
        "drawn": drawn,
        "charts": CHARTS,
        "chart_word": CHARTS[drawn],
        "chart": chart_of(days, drawn),
        "chart_span": span,
        "days": insights.with_amendments(days, hosts=request.host)[::-1],
    }
    return render(request, "workbench/me.html", context)


@require_safe
@never_cache
@host_required
def rows(request: HostRequest, name: str) -> HttpResponse:
    """What one of her numbers counts, line by line."""
    now = timezone.now()
    if name not in HERS:
        raise Http404
    access_log.note_reading(request, now=now)
    span, period, about = (
        insights.span_of(request.GET.get("period", ""), now),
        request.GET.get("period", ""),
        None,
    )
    day = given.day(request.GET.get("day", ""))
    if "material" in request.GET:
        about = content.material_for(request.host, given.uuid(request.GET["material"]), now)
        span, period = insights.so_far(now), ""
    elif day is not None:
        span, period = insights.one_day(day), ""
    elif ends := given.days(request.GET.get("from", ""), request.GET.get("to", "")):
        span, period = insights.Span(ends[0], ends[1] + timedelta(days=1), _say_days(*ends)), ""
    found = insights.rows_behind(
        name,
        span=span,
        now=now,
        hosts=request.host,
        subject=(Subject.MATERIAL, about.pk) if about else None,
        page=page_number(request),
    )
    following = request.GET.copy()
    following["page"] = str(found.page + 1)
    context = {
        "tab": "me",
        "found": found,
        "next_query": following.urlencode(),
        "about": about,
        "period": period if period in insights.Period.values else "",
        "periods": insights.Period.choices,
        "unit": found.metric.rows_unit or found.metric.unit,
    }
    return render(request, "workbench/rows.html", context)


def _say_days(first: date, last: date) -> str:
    return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def address_of(metric: metrics.Metric, **query: str) -> str:
    """Where the rows of one of her numbers are; `query` names the span."""
    return f"{reverse('workbench:numbers', args=[metric.name])}?{urlencode(query)}"


def figure_of(metric: metrics.Metric, found: Any, word: str = "", **query: str) -> Figure:
    """A number of hers as it is shown, and where its rows are."""
    value = getattr(found, metric.field)
    shown = money.show_yuan(value) if metric.is_money else humanize.say_count(value)
    return Figure(word or metric.title, shown, address_of(metric, **query), is_money=metric.is_money)


def figures_of(numbers: Any, **query: str) -> list[Figure]:
    """Her six numbers, of a span or of a day; `query` names the span in the address of the rows."""
    counts = (metrics.VISITS, metrics.NEW_CUSTOMERS, metrics.ORDERS, metrics.SHARES, metrics.GMV)
    return [
        *(figure_of(metric, numbers, **query) for metric in counts),
        figure_of(metrics.COMMISSION, numbers, "佣金（预估）", **query),
    ]


def figures_of_material(result: insights.MaterialResult, **query: str) -> list[Figure]:
    """What one material brought her so far."""
    told = (metrics.SHARES, metrics.REACHED, metrics.READ, metrics.ORDERS, metrics.GMV)
    return [figure_of(metric, result, **query) for metric in told]


def chart_of(days: list[insights.DayNumbers], name: str) -> dict[str, Any]:
    values = [getattr(day, name) for day in days]
    drawn = next(metric for metric in metrics.ALL if metric.field == name)
    return {
        "labels": [f"{day.day.month}/{day.day.day}" for day in days],
        "series": [
            {
                "name": CHARTS[name],
                "unit": drawn.unit,
                "values": [value / 100 for value in values] if drawn.is_money else values,
                "kind": "bar",
            }
        ],
    }
