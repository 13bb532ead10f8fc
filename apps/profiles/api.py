"""A customer's facts and timeline, for her host."""

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from apps.customers.api import CustomersOf
from apps.customers.models import Relation
from apps.lib import clock, given
from apps.lib.api import MoneyField
from apps.profiles import selectors
from apps.profiles.lifecycle import stage_of
from apps.profiles.selectors import Entry

PAGE_SIZE = 30
MAX_PAGE_SIZE = 100


class FactsOutput(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(choices=Relation.Stage.choices, help_text="按订单和安静多久得出")
    orders = serializers.IntegerField(help_text="成立的订单，不含已取消")
    gmv = MoneyField(help_text="成交金额，已减去取消和退货")
    gmv_this_year = MoneyField()
    visits = serializers.IntegerField(help_text="同一人、同一链接、同一天算一次")
    first_order_at = serializers.DateTimeField(allow_null=True)
    last_order_at = serializers.DateTimeField(allow_null=True)
    last_act_at = serializers.DateTimeField()


class GrownOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField()


class StepOutput(serializers.Serializer[Entry]):
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["visit", "order", "note", "tag", "contact"])
    words = serializers.CharField()
    text = serializers.CharField(allow_blank=True, help_text="笔记的内容")
    amount = MoneyField(source="fen", allow_null=True)
    order = serializers.UUIDField(source="order_id", allow_null=True)
    goods = serializers.CharField(allow_blank=True, help_text="订单买了什么")
    steps = GrownOutput(many=True, help_text="订单后来的每一步；一张订单只有一行，站在最近一步的时间上")


class TimelineOutput(serializers.Serializer[Any]):
    count = serializers.IntegerField(allow_null=True, help_text="总是空：数一遍比取一页还慢")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StepOutput(many=True)


class FactsView(CustomersOf):
    @extend_schema(operation_id="customer_facts", responses=FactsOutput)
    def get(self, request: Request, public_id: str) -> Response:
        relation = self.relation(request, public_id)
        facts, now = relation.facts, timezone.now()
        answer = {
            "stage": stage_of(facts, now),
            "orders": facts.orders_count,
            "gmv": facts.gmv_fen,
            "gmv_this_year": facts.gmv_in(clock.day_of(now).year),
            "visits": facts.visits,
            "first_order_at": facts.first_order_at if facts.has_ordered else None,
            "last_order_at": facts.last_order_at if facts.has_ordered else None,
            "last_act_at": facts.last_event_at,
        }
        return Response(FactsOutput(answer).data)


class TimelineView(CustomersOf):
    @extend_schema(
        operation_id="customer_timeline",
        parameters=[
            OpenApiParameter("cursor", str, description="上一页的 next 里带的位置"),
            OpenApiParameter("page_size", int, description=f"一页多少条，最多 {MAX_PAGE_SIZE}"),
        ],
        responses=TimelineOutput,
    )
    def get(self, request: Request, public_id: str) -> Response:
        """What she did, ordered and was noted for, newest first."""
        relation = self.relation(request, public_id)
        page = selectors.timeline(
            relation, before=request.query_params.get("cursor", ""), limit=_page_size(request)
        )
        here = request.build_absolute_uri()
        answer = {
            "count": None,
            "next": replace_query_param(here, "cursor", page.next) if page.next else None,
            "previous": None,
            "results": page,
        }
        return Response(TimelineOutput(answer).data)


def _page_size(request: Request) -> int:
    asked = given.number(request.query_params.get("page_size", ""), least=1)
    return PAGE_SIZE if asked is None else min(asked, MAX_PAGE_SIZE)


urlpatterns = [
    path("customers/<uuid:public_id>/facts/", FactsView.as_view(), name="customer-facts"),
    path("customers/<uuid:public_id>/timeline/", TimelineView.as_view(), name="customer-timeline"),
]
