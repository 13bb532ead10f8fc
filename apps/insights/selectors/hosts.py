"""Hosts side by side: what each brought in a span."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from apps.accounts.models import Host, HostQuerySet
from apps.insights import metrics
from apps.insights.metrics import Metric, Question, Side
from apps.insights.models import HostDay
from apps.insights.periods import Span
from apps.insights.replica import alias


@dataclass(frozen=True, slots=True)
class HostResult:
    host: Host
    visits: int = 0
    new_customers: int = 0
    orders: int = 0
    shares: int = 0
    gmv_fen: int = 0


#: By what hosts can be put in order.
HOST_SORTS = {
    "gmv": "成交金额",
    "orders": "订单",
    "visits": "来访",
    "new_customers": "新客户",
    "shares": "转发",
    "organisation": "组织",
}


_TOLD = (metrics.VISITS, metrics.NEW_CUSTOMERS, metrics.ORDERS, metrics.SHARES, metrics.GMV)


def ranked_hosts(hosts: HostQuerySet, span: Span, *, by: str) -> HostQuerySet:
    """Active hosts, and whoever else brought something in the span, so that the rows add up to the total.

    Those first who brought most of `by` (a key of HOST_SORTS).
    """
    days = HostDay.objects.filter(host=OuterRef("pk"), day__gte=span.first, day__lt=span.end)
    nothing = Q(**{metrics.column_of(metric): 0 for metric in _TOLD})
    found = (
        hosts.using(alias())
        .filter(Q(status=Host.Status.ACTIVE) | Exists(days.exclude(nothing)))
        .select_related("organisation")
    )
    if by == "organisation":
        return found.order_by("organisation__path", "pk")
    return found.annotate(brought=brought(metrics.BY_NAME[by], span)).order_by(
        F("brought").desc(nulls_last=True), "pk"
    )


def brought(metric: Metric, span: Span) -> Subquery:
    """What each host of a query brought in the span: null when there was nothing at all."""
    days = HostDay.objects.filter(host=OuterRef("pk"), day__gte=span.first, day__lt=span.end)
    summed = days.order_by().values("host_id").annotate(total=Sum(metrics.column_of(metric))).values("total")
    return Subquery(summed, output_field=BigIntegerField())


#: The last day on which a host shared anything, in SQL; `{host}` is her id.
LAST_SHARE = (
    "(SELECT max(d.day) FROM insights_hostday d WHERE d.host_id = {host} AND d.{shares} > 0)".replace(
        "{shares}", metrics.column_of(metrics.SHARES)
    )
)


def host_results(hosts: list[Host], span: Span) -> list[HostResult]:
    """What each of these hosts brought, in their order and in one query."""
    theirs = Host.objects.filter(pk__in=[host.pk for host in hosts])
    asked = Question(hosts=theirs, span=span, now=timezone.now())
    found = metrics.by(Side.HOST, _TOLD, asked)
    return [
        HostResult(host, **{metric.field: found.get(host.pk, {}).get(metric.name, 0) for metric in _TOLD})
        for host in hosts
    ]
