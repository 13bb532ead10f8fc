"""Receivers and reasons of old orders: emptied once the law lets them go; amounts stay."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.lib.pii import Kept
from apps.records.declarations import Expiry
from apps.records.expiry import BATCH, held_relations, of_rows
from apps.trade.models import IdempotencyKey, Order, OrderReversal

_FILLED = (
    ~Q(receiver_name="") | ~Q(receiver_phone="") | ~Q(receiver_address="") | ~Q(buyer_note="")
    | Q(view_digest__isnull=False)
)  # fmt: skip


def past(before: datetime) -> Any:
    return Order.objects.filter(_FILLED, placed_at__lt=before).exclude(relation_id__in=held_relations())


def clear(before: datetime) -> int:
    ids = list(past(before).order_by("pk").values_list("pk", flat=True)[:BATCH])
    Order.objects.filter(pk__in=ids).update(
        receiver_name="", receiver_phone="", receiver_address="", buyer_note="", view_digest=None
    )
    return len(ids)


def reasons(before: datetime) -> Any:
    found = OrderReversal.objects.filter(at__lt=before).exclude(reason="")
    return found.exclude(order__relation_id__in=held_relations())


EXPIRIES = (
    Expiry("receivers", "旧订单的收货信息", Kept.TRADE, lambda before: past(before).count(), clear),
    Expiry(
        "reasons",
        "旧退货的原因",
        Kept.TRADE,
        lambda before: reasons(before).count(),
        lambda before: int(reasons(before).update(reason="")),
    ),
    of_rows(
        "order keys",
        "防重复下单的标记",
        Kept.SHORT,
        lambda before: IdempotencyKey.objects.filter(created_at__lt=before),
    ),
)
