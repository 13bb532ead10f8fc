"""Hosts side by side: what each brought in a span."""

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, F, OuterRef, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Host, HostQuerySet
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
    "gmv": _("成交金额"),
    "orders": _("订单"),
    "visits": _("来访"),
    "new_customers": _("新客户"),
    "shares": _("转发"),
    "organisation": _("组织"),
}


def ranked_hosts(hosts: HostQuerySet, span: Span, *, by: str) -> HostQuerySet:
    """Active hosts, those first who brought most of `by` (a key of HOST_SORTS) in the span."""
    found = hosts.using(alias()).active().select_related("organisation")
    if by == "organisation":
        return found.order_by("organisation__path", "pk")
    total = Sum("placed_fen") - Sum("reversed_fen") if by == "gmv" else Sum(by)
    brought = (
        HostDay.objects.filter(host=OuterRef("pk"), day__gte=span.first, day__lt=span.end)
        .order_by()
        .values("host_id")
        .annotate(total=total)
        .values("total")
    )
    return found.annotate(brought=Subquery(brought, output_field=BigIntegerField())).order_by(
        F("brought").desc(nulls_last=True), "pk"
    )


def host_results(hosts: list[Host], span: Span) -> list[HostResult]:
    """What each of these hosts brought, in their order and in one query."""
    days: Any = (
        HostDay.objects.using(alias())
        .filter(host__in=[host.pk for host in hosts], day__gte=span.first, day__lt=span.end)
        .order_by()
        .values("host_id")
        .annotate(
            v=Sum("visits"),
            n=Sum("new_customers"),
            o=Sum("orders"),
            s=Sum("shares"),
            gmv=Sum("placed_fen") - Sum("reversed_fen"),
        )
    )
    found = {row["host_id"]: row for row in days}
    results = []
    for host in hosts:
        row = found.get(host.pk)
        results.append(
            HostResult(host, row["v"], row["n"], row["o"], row["s"], int(row["gmv"]))
            if row
            else HostResult(host)
        )
    return results
