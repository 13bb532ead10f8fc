"""Numbers for hosts and for HQ."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import Host
from apps.accounts.permissions import HasRole, IsHost, host_of
from apps.database import db_role
from apps.insights import access, metrics, selectors
from apps.insights.models import ActDay
from apps.insights.selectors import HostResult, Period, Span
from apps.lib import given
from apps.lib.api import MoneyField
from apps.library import access as content_access
from apps.library import selectors as content
from apps.library.models import Material
from apps.tracking.models import Subject

MAX_DAYS = 92
_PERIOD = OpenApiParameter("period", str, enum=Period.values, default=Period.WEEK)


# --- shapes ------------------------------------------------------------------------------------------------


def _count(metric: metrics.Metric) -> serializers.IntegerField:
    """A number as docs/metrics.md explains it."""
    return serializers.IntegerField(help_text=metric.formula)


def _money(metric: metrics.Metric) -> MoneyField:
    return MoneyField(source=metric.field, help_text=metric.formula)


class CountsOutput(serializers.Serializer[Any]):
    visits = _count(metrics.VISITS)
    new_customers = _count(metrics.NEW_CUSTOMERS)
    orders = _count(metrics.ORDERS)
    shares = _count(metrics.SHARES)
    gmv = _money(metrics.GMV)
    commission = _money(metrics.COMMISSION)


class NumbersOutput(CountsOutput):
    first_day = serializers.DateField(source="span.first")
    last_day = serializers.DateField(source="span.last")
    visitors = _count(metrics.VISITORS)
    customers = _count(metrics.CUSTOMERS)
    buyers = _count(metrics.BUYERS)
    returning_buyers = _count(metrics.RETURNING_BUYERS)


class DayOutput(CountsOutput):
    day = serializers.DateField()
    visitors = _count(metrics.VISITORS)


class SeriesOutput(serializers.Serializer[Any]):
    results = DayOutput(many=True)


class ResultOutput(serializers.Serializer[Any]):
    shares = _count(metrics.SHARES)
    reached = _count(metrics.REACHED)
    read = _count(metrics.READ)
    ordered = _count(metrics.ORDERED)
    orders = _count(metrics.ORDERS)
    gmv = _money(metrics.GMV)


class MaterialResultsOutput(serializers.Serializer[Any]):
    mine = ResultOutput()
    everybody_shares = serializers.IntegerField(source="everybody.shares")
    everybody_hosts = serializers.IntegerField(source="everybody.hosts")
    everybody_orders = serializers.IntegerField(source="everybody.orders")


class FunnelOutput(serializers.Serializer[Any]):
    reached = _count(metrics.REACHED)
    read = _count(metrics.READ)
    ordered = _count(metrics.ORDERED)
    shares = _count(metrics.SHARES)


class AdoptionDayOutput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    day = serializers.DateField()
    opened = serializers.IntegerField()
    shared = serializers.IntegerField()


class AdoptionOutput(serializers.Serializer[Any]):
    active = serializers.IntegerField()
    opened = serializers.IntegerField()
    shared = serializers.IntegerField()
    days = AdoptionDayOutput(many=True)


class IssueBrief(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    number = serializers.IntegerField()
    theme = serializers.CharField()


class OverviewOutput(serializers.Serializer[Any]):
    issue = IssueBrief(allow_null=True)
    adoption = AdoptionOutput(allow_null=True)
    funnel = FunnelOutput()
    days = DayOutput(many=True)


class HostResultOutput(serializers.Serializer[HostResult]):
    id = serializers.UUIDField(source="host.public_id")
    name = serializers.CharField(source="host.name")
    organisation = serializers.CharField(source="host.organisation.name")
    status = serializers.CharField(source="host.status")
    visits = _count(metrics.VISITS)
    new_customers = _count(metrics.NEW_CUSTOMERS)
    orders = _count(metrics.ORDERS)
    shares = _count(metrics.SHARES)
    gmv = _money(metrics.GMV)


# --- a host's own ------------------------------------------------------------------------------------------


class NumbersView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="numbers", parameters=[_PERIOD], responses=NumbersOutput)
    def get(self, request: Request) -> Response:
        """What came of it in a period. Every number opens its rows in the workbench."""
        span = _span(request)
        return Response(NumbersOutput(selectors.numbers(span, hosts=host_of(request))).data)


class SeriesView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(
        operation_id="numbers_series",
        parameters=[OpenApiParameter("days", int, default=30, description=f"最多 {MAX_DAYS} 天")],
        responses=SeriesOutput,
    )
    def get(self, request: Request) -> Response:
        """Each of the last days, oldest first; days without anything are there as zeros."""
        days = selectors.host_series(host_of(request), _days(request), timezone.now())
        return Response(SeriesOutput({"results": days}).data)


class MaterialResultsView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="material_results", responses=MaterialResultsOutput)
    def get(self, request: Request, public_id: str) -> Response:
        """What this material brought her, and how often everybody shared it."""
        host = host_of(request)
        material = _material_of(host, public_id)
        mine = selectors.material_results(host, [material.pk])[material.pk]
        with db_role.as_worker():  # sums over all hosts: nobody's rows leave this block
            everybody = selectors.material_results(selectors.EVERYBODY, [material.pk])[material.pk]
        answer = {"mine": mine, "everybody": everybody}
        return Response(MaterialResultsOutput(answer).data)


def _material_of(host: Host, public_id: str) -> Material:
    """A material she may see now, or has worked with before; else the 404 of an absent one."""
    known = ActDay.objects.filter(host=host, subject_kind=Subject.MATERIAL).values("subject_id")
    found = Material.objects.filter(public_id=public_id, pk__in=known).first()
    return found or content_access.material_for(host, public_id, timezone.now())


# --- HQ's --------------------------------------------------------------------------------------------------


class OverviewView(APIView):
    permission_classes = (HasRole,)
    roles = access.ROLES

    @extend_schema(operation_id="hq_overview", responses=OverviewOutput)
    def get(self, request: Request) -> Response:
        """The running issue's adoption and funnel, and the last 14 days."""
        now = timezone.now()
        hosts = access.hosts_counted_for(request.user)
        issue = content.current_issue(now)
        answer = {
            "issue": issue,
            "adoption": selectors.issue_adoption(issue, now, hosts=hosts) if issue else None,
            "funnel": selectors.funnel(selectors.span_of(Period.ISSUE, now), issue=issue, hosts=hosts),
            "days": selectors.series(
                selectors.last_days(14, now), hosts=hosts, told=selectors.OF_DAYS_AND_VISITORS
            ),
        }
        return Response(OverviewOutput(answer).data)


class FunnelView(APIView):
    permission_classes = (HasRole,)
    roles = access.ROLES

    @extend_schema(
        operation_id="hq_funnel",
        parameters=[
            _PERIOD,
            OpenApiParameter("host", str, description="只看这一位大C"),
        ],
        responses=FunnelOutput,
    )
    def get(self, request: Request) -> Response:
        """Reached → read → ordered, with shares beside; of the issue's materials for period `issue`."""
        now = timezone.now()
        issue = content.current_issue(now) if request.query_params.get("period") == Period.ISSUE else None
        found = selectors.funnel(_span(request), issue=issue, hosts=_hosts_asked_for(request))
        return Response(FunnelOutput(found).data)


def _hosts_asked_for(request: Request) -> Any:
    """One host when the query names her, else all that this person may see."""
    asked = request.query_params.get("host")
    if not asked:
        return access.hosts_counted_for(request.user)
    try:
        wanted = serializers.UUIDField().run_validation(asked)
    except ValidationError:
        raise ValidationError({"host": ["这不是一个有效的编号。"]}) from None
    return get_object_or_404(access.hosts_seen_by(request.user), public_id=wanted)


class HostsView(generics.ListAPIView[Host]):
    permission_classes = (HasRole,)
    roles = access.ROLES
    serializer_class = HostResultOutput  # type: ignore[assignment]  # rows are made from the page's hosts

    def get_queryset(self) -> QuerySet[Host]:
        if getattr(self, "swagger_fake_view", False):
            return Host.objects.none()
        return (
            access.hosts_seen_by(self.request.user)
            .select_related("organisation")
            .order_by("organisation__path", "pk")
        )

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return selectors.host_results(list(page or []), _span(self.request))

    @extend_schema(operation_id="hq_hosts", parameters=[_PERIOD])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hosts side by side: what each brought in a period."""
        return super().get(request, *args, **kwargs)


# --- reading the query -------------------------------------------------------------------------------------


def _span(request: Request) -> Span:
    period = request.query_params.get("period", Period.WEEK)
    if period not in Period.values:
        raise ValidationError({"period": [f"没有这个时段，可以选：{'、'.join(Period.values)}。"]})
    return selectors.span_of(period, timezone.now())


def _days(request: Request) -> int:
    asked = given.number(request.query_params.get("days", "30"), least=1, most=MAX_DAYS)
    if asked is None:
        raise ValidationError({"days": [f"请填写 1 到 {MAX_DAYS} 之间的整数。"]})
    return asked


urlpatterns = [
    path("numbers/", NumbersView.as_view(), name="numbers"),
    path("numbers/series/", SeriesView.as_view(), name="numbers-series"),
    path("materials/<uuid:public_id>/results/", MaterialResultsView.as_view(), name="material-results"),
    path("hq/overview/", OverviewView.as_view(), name="hq-overview"),
    path("hq/funnel/", FunnelView.as_view(), name="hq-funnel"),
    path("hq/hosts/", HostsView.as_view(), name="hq-hosts"),
]
