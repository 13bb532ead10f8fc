"""Reading commission: for who asks, the entries that are hers to see."""

from collections.abc import Sequence

from django.db.models import OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.commission.models import Entry


def of_order() -> Coalesce:
    """As a column of an order: what is left of its commission, in fen."""
    entries = Entry.objects.filter(order_id=OuterRef("pk")).order_by().values("order_id")
    return Coalesce(Subquery(entries.annotate(left=Sum("amount_fen")).values("left")), Value(0))


def entries_of(order_id: int) -> Sequence[Entry]:
    """What an order's lines earned and gave back, in the order in which it happened."""
    return list(Entry.objects.filter(order_id=order_id).order_by("at", "pk"))
