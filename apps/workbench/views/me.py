"""我的: her numbers, and the rows behind each of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.access import host_required
from apps.content import access as content
from apps.insights import selectors as insights
from apps.lib import money, spoken
from apps.tracking.models import Subject
from apps.workbench import looks
from apps.workbench.paging import page_number
from apps.workbench.requests import HostRequest

#: What a chart can show: one message each.
CHARTS = {"gmv_fen": "成交金额", "visits": "来访", "orders": "订单"}
#: The numbers whose rows a host may open: her own.
HERS = {
    "visits",
    "visitors",
    "customers",
    "new_customers",
    "orders",
    "gmv",
    "commission",
    "buyers",
    "returning_buyers",
    "shares",
    "reached",
    "read",
    "ordered",
}
#: What the rows of a number are counted in; a visit or share is one 次.
UNITS = {
    **dict.fromkeys(("customers", "new_customers", "buyers", "returning_buyers", "visitors"), "位"),
    **dict.fromkeys(("orders", "gmv", "commission"), "笔"),
    **dict.fromkeys(("reached", "read", "ordered"), "人次"),
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
        "drawn": drawn,
        "charts": CHARTS,
        "chart_word": CHARTS[drawn],
        "chart": chart_of(days, drawn),
        "chart_span": span,
        "days": days[::-1],
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
    looks.note_reading(request, now=now)
    span, period, about = (
        insights.span_of(request.GET.get("period", ""), now),
        request.GET.get("period", ""),
        None,
    )
    day = _day(request.GET.get("day", ""))
    if "material" in request.GET:
        about = content.material_for(request.host, uuid_or_none(request.GET["material"]), now)
        span, period = insights.so_far(now), ""
    elif day is not None:
        span, period = insights.one_day(day), ""
    elif (ends := _ends(request)) is not None:
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
        "unit": UNITS.get(name, "次"),
    }
    return render(request, "workbench/rows.html", context)


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ends(request: HostRequest) -> tuple[date, date] | None:
    """The two days that the address names, if they make a span."""
    first, last = _day(request.GET.get("from", "")), _day(request.GET.get("to", ""))
    if first is None or last is None or not date(2000, 1, 1) < first <= last < date(2200, 1, 1):
        return None
    return first, last


def _say_days(first: date, last: date) -> str:
    return f"{first:%Y-%m-%d} 至 {last:%Y-%m-%d}"


def figures_of(numbers: Any, **query: str) -> list[Figure]:
    """Her six numbers, of a span or of a day; `query` names the span in the address of the rows."""

    def to(name: str) -> str:
        return f"{reverse('workbench:numbers', args=[name])}?{urlencode(query)}"

    return [
        Figure("来访", spoken.say_count(numbers.visits), to("visits")),
        Figure("新客户", spoken.say_count(numbers.new_customers), to("new_customers")),
        Figure("订单", spoken.say_count(numbers.orders), to("orders")),
        Figure("转发", spoken.say_count(numbers.shares), to("shares")),
        Figure("成交金额", money.show_yuan(numbers.gmv_fen), to("gmv"), is_money=True),
        Figure("佣金（预估）", money.show_yuan(numbers.commission_fen), to("commission"), is_money=True),
    ]


def figures_of_material(result: insights.MaterialResult, **query: str) -> list[Figure]:
    """What one material brought her so far."""

    def to(name: str) -> str:
        return f"{reverse('workbench:numbers', args=[name])}?{urlencode(query)}"

    return [
        Figure("转发", spoken.say_count(result.shares), to("shares")),
        Figure("打开", spoken.say_count(result.reached), to("reached")),
        Figure("阅读", spoken.say_count(result.read), to("read")),
        Figure("订单", spoken.say_count(result.orders), to("orders")),
        Figure("成交金额", money.show_yuan(result.gmv_fen), to("gmv"), is_money=True),
    ]


def chart_of(days: list[insights.DayNumbers], name: str) -> dict[str, Any]:
    values = [getattr(day, name) for day in days]
    is_money = name.endswith("_fen")
    return {
        "labels": [f"{day.day.month}/{day.day.day}" for day in days],
        "series": [
            {
                "name": CHARTS[name],
                "unit": "元" if is_money else {"visits": "次", "orders": "单"}[name],
                "values": [value / 100 for value in values] if is_money else values,
                "kind": "bar",
            }
        ],
    }
