"""HQ's home in numbers: how the issue is taken up, money, whom to call, delivery health."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.console.home.panel import Panel
from apps.insights import metrics, selectors
from apps.insights.console.adopting import curve
from apps.insights.console.evidence import rows_address, rows_behind_call
from apps.insights.metrics import Metric, Question
from apps.insights.periods import Span, fortnight_before, span_before
from apps.insights.selectors import DayNumbers, Funnel
from apps.lib import humanize, money
from apps.library.models import Issue

DAYS = 14


class NumbersPanel(Panel):
    """A panel about the hosts whose numbers this person may see."""

    permission = "insights.view_hostday"

    class Media:
        js = ("vendor/echarts/echarts.common.min.js", "js/chart.js")


class RecountingPanel(Panel):
    """Above the numbers, while they are counted anew: a sentence."""

    name = "recounting"
    permission = NumbersPanel.permission
    template_name = "console/home/recounting.html"

    def told(self) -> dict[str, Any]:
        return {}


class AdoptionPanel(NumbersPanel):
    """How the running issue is taken up, day by day."""

    name = "adoption"
    template_name = "console/home/adoption.html"

    def told(self) -> dict[str, Any]:
        issue = self.asked.issue
        if issue is None:
            return {"issue": None}
        adoption = selectors.issue_adoption(issue, self.asked.now, hosts=self.asked.hosts)
        return {
            "issue": issue,
            "figures": [
                _figure("opener_hosts", "位打开了", adoption.opened, issue),
                _figure("sharer_hosts", "位转发了", adoption.shared, issue),
                _figure("idle_hosts", "位还没打开", adoption.idle, issue),
            ],
            "active": _figure("active_hosts", "位在用", adoption.active, issue),
            "curve": curve(issue, adoption),
        }


class FunnelPanel(NumbersPanel):
    """What came of the running issue: from opening to ordering."""

    name = "funnel"
    template_name = "console/home/funnel.html"

    def told(self) -> dict[str, Any]:
        issue = self.asked.issue
        if issue is None:
            return {"issue": None}
        span = selectors.span_of_issue(issue, self.asked.now)
        funnel = selectors.funnel(span, issue=issue, hosts=self.asked.hosts)
        return {
            "issue": issue,
            "funnel": funnel,
            "steps": _steps(funnel, issue),
            "shares": _figure("shares", "次转发", funnel.shares, issue),
        }


@dataclass(frozen=True)
class Compared:
    """A number of this fortnight beside the same days of the one before; each opens its rows."""

    metric: Metric
    now: int
    before: int
    now_href: str
    before_href: str

    @property
    def word(self) -> str:
        return self.metric.title

    @property
    def is_money(self) -> bool:
        return self.metric.is_money

    @property
    def shown(self) -> str:
        return self._show(self.now)

    @property
    def shown_before(self) -> str:
        return self._show(self.before)

    @property
    def change(self) -> str:
        """In words; a percentage of nothing says nothing."""
        if self.now == self.before:
            return "一样多"
        if self.before <= 0:
            return "多了" if self.now > self.before else "少了"
        percent = round(100 * abs(self.now - self.before) / self.before)
        return f"{'多' if self.now > self.before else '少'} {percent or '不到 1'}%"

    @property
    def is_less(self) -> bool:
        return self.now < self.before

    def _show(self, count: int) -> str:
        return money.show_yuan(count) if self.is_money else f"{humanize.say_count(count)} {self.metric.unit}"


#: What the fortnight brought, the money first.
_COMPARED = (metrics.GMV, metrics.ORDERS, metrics.NEW_CUSTOMERS, metrics.VISITS)


class MoneyPanel(NumbersPanel):
    """Money and orders of this fortnight beside the same days of the last one."""

    name = "money"
    template_name = "console/home/money.html"

    def told(self) -> dict[str, Any]:
        issue = self.asked.issue
        if issue is not None:
            span = selectors.span_of_issue(issue, self.asked.now)
            before = fortnight_before(span)
        else:
            span = selectors.last_days(DAYS, self.asked.now)
            before = span_before(span)
        return {
            "issue": issue,
            "day": len(span.days),
            "count": DAYS,
            "before": before,
            "figures": self._compared(span, before),
        }

    def _compared(self, span: Span, before: Span) -> list[Compared]:
        counted, counted_before = (
            metrics.totals(_COMPARED, Question(hosts=self.asked.hosts, span=one, now=self.asked.now))
            for one in (span, before)
        )
        return [
            Compared(
                metric,
                counted[metric.name],
                counted_before[metric.name],
                _rows_of_days(metric.name, span),
                _rows_of_days(metric.name, before),
            )
            for metric in _COMPARED
        ]


class DaysPanel(NumbersPanel):
    """Money and orders by day."""

    name = "days"
    template_name = "console/home/days.html"

    def told(self) -> dict[str, Any]:
        days = selectors.series(selectors.last_days(DAYS, self.asked.now), hosts=self.asked.hosts)
        days = selectors.with_amendments(days, hosts=self.asked.hosts)
        return {
            "days": days,
            "count": DAYS,
            "is_empty": not any(day.orders or day.taken_back_fen or day.visits for day in days),
            "chart": _money_chart(days),
        }


class CallsPanel(NumbersPanel):
    """Ten hosts to call and why; the worklist is a tap away."""

    name = "calls"
    template_name = "console/home/calls.html"

    def is_shown(self) -> bool:
        return super().is_shown() and bool(self.asked.user.has_perm("accounts.view_host"))

    def told(self) -> dict[str, Any]:
        return {
            "calls": [
                {
                    "call": call,
                    "why_href": rows_behind_call(call.host, call.reason, self.asked.issue),
                    "money_href": rows_address(call.host, "gmv", "28d"),
                }
                for call in selectors.hosts_to_call(
                    self.asked.now,
                    hosts=self.asked.hosts,
                    issue=self.asked.issue,
                    for_=self.asked.user,
                )
            ],
        }


class HealthPanel(Panel):
    """Do messages leave, and are the numbers fresh: one line."""

    name = "health"
    permission = "outbox.view_delivery"
    template_name = "console/home/health.html"

    def told(self) -> dict[str, Any]:
        return {"health": selectors.delivery_health(self.asked.now)}


PANELS: list[type[Panel]] = [
    RecountingPanel,
    AdoptionPanel,
    FunnelPanel,
    MoneyPanel,
    DaysPanel,
    CallsPanel,
    HealthPanel,
]


def _rows_of_days(name: str, span: Span) -> str:
    ends = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    return f"{reverse('insights:rows', args=[name])}?{urlencode(ends)}"


def _figure(name: str, word: str, count: int, issue: Issue) -> dict[str, Any]:
    """A number of the issue's materials, its word, and where its rows are."""
    return {
        "word": word,
        "count": count,
        "shown": humanize.say_count(count),
        "href": f"{reverse('insights:rows', args=[name])}?{urlencode({'issue': issue.public_id})}",
    }


def _steps(funnel: Funnel, issue: Issue) -> list[dict[str, Any]]:
    """Each step with its share of the first one."""
    return [
        {
            **_figure(name, word, count, issue),
            "share": round(100 * count / funnel.reached) if funnel.reached else 0,
        }
        for name, word, count in funnel.steps
    ]


def _money_chart(days: list[DayNumbers]) -> dict[str, Any]:
    return {
        "labels": [f"{day.day:%-m/%-d}" for day in days],
        "series": [
            {"name": "成交金额", "unit": "元", "kind": "bar", "values": [day.gmv_fen / 100 for day in days]},
            {"name": "订单", "unit": "单", "kind": "line", "values": [day.orders for day in days]},
        ],
    }
