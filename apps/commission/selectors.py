"""Reading commission. Whose is always said: one host's, or (None) that of whoever earned it, which is HQ's.

After a hand-over an order's commission is another host's than the one who serves it.
"""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from apps.commission.models import Entry


def of_order(earner_id: int | None) -> Coalesce:
    """As a column of an order: what is left of its commission for this host, in fen."""
    entries = _of(earner_id).filter(order_id=OuterRef("pk")).order_by().values("order_id")
    return Coalesce(Subquery(entries.annotate(left=Sum("amount_fen")).values("left")), Value(0))


def entries_of(order_id: int, earner_id: int | None) -> Sequence[Entry]:
    """What an order's lines earned this host and gave back, in the order in which it happened."""
    return list(_of(earner_id).filter(order_id=order_id).order_by("at", "pk"))


def _of(earner_id: int | None) -> "QuerySet[Entry]":
    return Entry.objects.all() if earner_id is None else Entry.objects.filter(host_id=earner_id)
