"""Whether a host's customers may be sent offers, and why not: the gate's word, for other programs."""

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.permissions import IsHost, host_of
from apps.customers import access
from apps.customers.api import CustomersOf
from apps.reach import asking, gate
from apps.reach.models import Purpose, Reason, Way

_REASON_HELP = "为什么不能发；能发时是空的"


class LeftOutOutput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=Reason.choices)
    text = serializers.CharField()
    count = serializers.IntegerField()


class OffersOutput(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="企业微信群发够得着的客户和够不着的，一共多少位")
    agreed = serializers.IntegerField(help_text="同意收到、现在就能群发的")
    left_out = LeftOutOutput(many=True)


class MayOutput(serializers.Serializer[Any]):
    may = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=Reason.choices, allow_blank=True, help_text=_REASON_HELP)
    text = serializers.CharField(allow_blank=True, help_text=_REASON_HELP)


class OffersView(APIView):
    permission_classes = (IsHost,)

    @extend_schema(operation_id="customers_offers", responses=OffersOutput)
    def get(self, request: Request) -> Response:
        """How many of her customers a mass message reaches now, and why not the others."""
        hers = access.relations_of(host_of(request)).current()
        decision = gate.may_reach(hers, Purpose.OFFERS, Way.MASS, now=timezone.now())
        answer = {
            "total": decision.total,
            "agreed": len(decision.allowed.relation_ids),
            "left_out": [
                {"reason": str(reason), "text": reason.label, "count": count}
                for reason, count in decision.counts()
            ],
        }
        return Response(OffersOutput(answer).data)


class MayView(CustomersOf):
    @extend_schema(operation_id="customer_offers", responses=MayOutput)
    def get(self, request: Request, public_id: str) -> Response:
        """Whether this customer agreed to offers."""
        reason = asking.refusal(self.relation(request, public_id), now=timezone.now())
        answer = {
            "may": reason is None,
            "reason": str(reason) if reason is not None else "",
            "text": str(reason.label) if reason is not None else "",
        }
        return Response(MayOutput(answer).data)


urlpatterns = [
    path("customers/offers/", OffersView.as_view()),
    path("customers/<uuid:public_id>/offers/", MayView.as_view()),
]
