"""On a customer's page at HQ: whether she gets offers and why, and when she was contacted."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from apps.customers.models import Relation
from apps.reach import asking
from apps.reach.models import Touch

_SHOWN = 10


def contacts_of_customer(request: HttpRequest, relation: Relation) -> dict[str, Any]:
    reason = asking.refusal(relation, now=timezone.now())
    return {
        "heading": "新品和优惠",
        "template": "console/_customer_contacts.html",
        "reason": reason.label if reason is not None else "",
        "touches": Touch.objects.filter(relation=relation).order_by("-at", "-pk")[:_SHOWN],
    }
