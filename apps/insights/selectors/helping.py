"""Whom to help: every active host by activity, adoption of the issue, and results beside the days before."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from apps.accounts.models import Host, HostQuerySet
from apps.insights import metrics
from apps.insights.metrics import Metric
from apps.insights.models import ActDay
from apps.insights.periods import Span, last_days, span_before, span_of_issue
from apps.insights.replica import alias
from apps.insights.selectors.funnels import materials_of
from apps.insights.selectors.hosts import LAST_SHARE, brought
from apps.library.models import Issue
from apps.tracking.models import Subject

#: Results are those of so many days, beside those of as many days before.
DAYS = 30

#: By what the list can be put in order, whoever needs help most first.
HELP_SORTS = {
    "falling": "成交下滑",
    "sign_in": "久没登录",
    "share": "久没转发",
    "adopted": "本期用得少",
    "gmv": "成交少",
    "orders": "订单少",
    "organisation": "组织",
}


@dataclass(frozen=True, slots=True)
class Helped:
    """How one host stands. `adopted` of the issue's materials she opened, copied, saved or shared."""

    host: Host
    last_sign_in: datetime | None
    last_share: date | None
    adopted: int
    orders: int
    gmv_fen: int
    before_fen: int

    @property
    def change(self) -> int | None:
        """Percent against the days before; None when there was nothing to compare with."""
        if self.before_fen <= 0:
            return None
        return round(100 * (self.gmv_fen - self.before_fen) / self.before_fen)

    @property
    def fewer(self) -> int:
        """By how many percent there was less."""
        return -(self.change or 0)


def hosts_to_help(hosts: HostQuerySet, now: datetime, *, issue: Issue | None, by: str) -> "QuerySet[Host]":
    """Active hosts of `hosts` with what `helped` needs to tell of each, those in need by `by` first."""
    recent = last_days(DAYS, now)
    found: Any = (
        hosts.using(alias())
        .active()
        .select_related("organisation", "user")
        .annotate(
            orders_n=_brought(metrics.ORDERS, recent),
            gmv_n=_brought(metrics.GMV, recent),
            before_n=_brought(metrics.GMV, span_before(recent)),
            share_on=RawSQL(LAST_SHARE.format(host="accounts_host.id"), [], DateField()),  # noqa: S611 - our own SQL
            adopted_n=_adopted(issue, now),
        )
    )
    order = {
        "falling": (F("gmv_n") - F("before_n")).asc(),
        "sign_in": F("user__last_login").asc(nulls_first=True),
        "share": F("share_on").asc(nulls_first=True),
        "adopted": F("adopted_n").asc(),
        "gmv": F("gmv_n").asc(),
        "orders": F("orders_n").asc(),
        "organisation": F("organisation__path").asc(),
    }[by]
    rows: QuerySet[Host] = found.order_by(order, "pk")
    return rows


def helped(rows: "list[Any]") -> list[Helped]:
    """Rows of `hosts_to_help` as they are shown."""
    return [
        Helped(
            host=row,
            last_sign_in=row.user.last_login,
            last_share=row.share_on,
            adopted=row.adopted_n,
            orders=row.orders_n,
            gmv_fen=row.gmv_n,
            before_fen=row.before_n,
        )
        for row in rows
    ]


def _brought(metric: Metric, span: Span) -> Any:
    return Coalesce(brought(metric, span), Value(0))


def _adopted(issue: Issue | None, now: datetime) -> Any:
    if issue is None:
        return Value(0, IntegerField())
    acts = adopting_acts(issue, now).filter(host=OuterRef("pk"))
    rows = acts.order_by().values("host_id").annotate(n=Count("subject_id", distinct=True)).values("n")
    return Coalesce(Subquery(rows, output_field=IntegerField()), Value(0))


def adopting_acts(issue: Issue, now: datetime) -> "QuerySet[ActDay]":
    """What was done with the issue's materials within its fortnight."""
    span = span_of_issue(issue, now)
    return ActDay.objects.filter(
        day__gte=span.first,
        day__lt=span.end,
        subject_kind=Subject.MATERIAL,
        subject_id__in=materials_of(issue),
    )
