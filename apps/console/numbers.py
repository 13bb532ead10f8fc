"""HQ's home in numbers: the issue's adoption and funnel, money by day, whom to call, delivery health."""

from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone

from apps.console.panels import Panel
from apps.insights import access, selectors
from apps.insights.console.helping import rows_address, rows_behind_call
from apps.insights.selectors import Adoption, DayNumbers, Funnel, Period, Whose
from apps.lib import humanize, money
from apps.library import selectors as content

DAYS = 14


class NumbersPanel(Panel):
    """A panel about the hosts whose numbers this person may see."""

    permission = "insights.view_hostday"

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("css/console-home.css",)}
        js = ("vendor/echarts/echarts.common.min.js", "js/chart.js")

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        return self.told(access.hosts_counted_for(user), timezone.now(), user)

    def told(self, hosts: Whose, now: datetime, user: Any) -> dict[str, Any]:
        raise NotImplementedError


class RecountingPanel(Panel):
    """Above the numbers, while they are counted anew: a sentence."""

    name = "recounting"
    order = 55
    permission = NumbersPanel.permission
    template_name = "console/home/recounting.html"


class IssuePanel(NumbersPanel):
    """How the running issue is taken up, and what came of it."""

    name = "issue"
    order = 60
    template_name = "console/home/issue.html"

    def told(self, hosts: Whose, now: datetime, user: Any) -> dict[str, Any]:
        issue = content.current_issue(now)
        if issue is None:
            return {"issue": None}
        adoption = selectors.issue_adoption(issue, now, hosts=hosts)
        funnel = selectors.funnel(selectors.span_of_issue(issue, now), issue=issue, hosts=hosts)
        return {
            "issue": issue,
            "adoption": adoption,
            "figures": [
                _figure("opener_hosts", "位打开了", adoption.opened),
                _figure("sharer_hosts", "位转发了", adoption.shared),
                _figure("idle_hosts", "位还没打开", adoption.idle),
            ],
            "active": _figure("active_hosts", "位在用", adoption.active),
            "chart": _adoption_chart(adoption),
            "funnel": funnel,
            "steps": _steps(funnel),
            "shares": _figure("shares", "次转发", funnel.shares),
        }


class MoneyPanel(NumbersPanel):
    """Money and orders by day."""

    name = "money"
    order = 70
    template_name = "console/home/money.html"

    def told(self, hosts: Whose, now: datetime, user: Any) -> dict[str, Any]:
        days = selectors.series(selectors.last_days(DAYS, now), hosts=hosts)
        days = selectors.with_amendments(days, hosts=hosts)
        total = sum(day.gmv_fen for day in days)
        orders = sum(day.orders for day in days)
        period = f"{DAYS}d"
        return {
            "days": days,
            "count": DAYS,
            "is_empty": not any(day.orders or day.taken_back_fen or day.visits for day in days),
            "figures": [
                {
                    **_figure("gmv", "成交金额", total, period),
                    "shown": money.show_yuan(total),
                    "is_money": True,
                },
                _figure("orders", "订单", orders, period),
                _figure("visits", "来访", sum(day.visits for day in days), period),
                _figure("new_customers", "新客户", sum(day.new_customers for day in days), period),
            ],
            "chart": _money_chart(days),
        }


class CallsPanel(NumbersPanel):
    """Ten hosts to call, why, and what to talk about."""

    name = "calls"
    order = 80
    template_name = "console/home/calls.html"

    def is_shown(self, user: Any) -> bool:
        return super().is_shown(user) and user.has_perm("accounts.view_host")

    def told(self, hosts: Whose, now: datetime, user: Any) -> dict[str, Any]:
        return {
            "calls": [
                {
                    "call": call,
                    "why_href": rows_behind_call(call.host, call.reason),
                    "money_href": rows_address(call.host, "gmv", "28d"),
                }
                for call in selectors.hosts_to_call(now, hosts=hosts)
            ],
        }


class HealthPanel(Panel):
    """Do messages leave, and are the numbers fresh: one line."""

    name = "health"
    order = 90
    permission = "outbox.view_delivery"
    template_name = "console/home/health.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"health": selectors.delivery_health(timezone.now())}


PANELS: list[type[Panel]] = [RecountingPanel, IssuePanel, MoneyPanel, CallsPanel, HealthPanel]


def _figure(name: str, word: str, count: int, period: str = Period.ISSUE.value) -> dict[str, Any]:
    """A number, its word, and where its rows are."""
    return {
        "word": word,
        "count": count,
        "shown": humanize.say_count(count),
        "href": f"{reverse('insights:rows', args=[name])}?period={period}",
    }


def _steps(funnel: Funnel) -> list[dict[str, Any]]:
    """Each step with its share of the first one."""
    return [
        {**_figure(name, word, count), "share": round(100 * count / funnel.reached) if funnel.reached else 0}
        for name, word, count in funnel.steps
    ]


def _adoption_chart(adoption: Adoption) -> dict[str, Any]:
    return {
        "labels": [f"第{day.number}天" for day in adoption.days],
        "series": [
            {"name": "打开", "unit": "位", "kind": "line", "values": [day.opened for day in adoption.days]},
            {"name": "转发", "unit": "位", "kind": "line", "values": [day.shared for day in adoption.days]},
        ],
    }


def _money_chart(days: list[DayNumbers]) -> dict[str, Any]:
    return {
        "labels": [f"{day.day:%-m/%-d}" for day in days],
        "series": [
            {"name": "成交金额", "unit": "元", "kind": "bar", "values": [day.gmv_fen / 100 for day in days]},
            {"name": "订单", "unit": "单", "kind": "line", "values": [day.orders for day in days]},
        ],
    }
