"""Relations that ended long ago, or never became any, with no order since.

They are emptied as if she had asked; amounts stay.
"""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.customers.erasure import erase, subject
from apps.customers.models import ImportChunk, Relation
from apps.lib.ids import share_code
from apps.lib.pii import Kept
from apps.records.declarations import Expiry
from apps.records.expiry import held_relations
from apps.tracking.facts import DEALINGS
from apps.tracking.models import Event

_AT_ONCE = 100


def past(before: datetime) -> Any:
    """Ended before that moment, or never a customer, and nothing happened with her since."""
    since = Event.objects.filter(relation_id=OuterRef("pk"), occurred_at__gte=before, name__in=DEALINGS)
    return (
        Relation.objects.open()
        .filter(Q(ended_at__lt=before) | Q(is_customer=False), joined_at__lt=before)
        .exclude(pk__in=held_relations())
        .exclude(Exists(since))
    )


def clear(before: datetime) -> int:
    ids = list(past(before).order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    for pk in ids:
        # What this host knew; another host's relation to the same person has a time of its own.
        erase(subject([pk], False, f"用户{share_code(6)}"), timezone.now())
    return len(ids)


def _chunks(before: datetime) -> Any:
    return ImportChunk.objects.filter(run__finished_at__lt=before).exclude(after="", up_to="")


def _clear_chunks(before: datetime) -> int:
    return int(_chunks(before).update(after="", up_to=""))


EXPIRIES = (
    Expiry("relations", "早已结束的客户关系", Kept.RELATION, lambda before: past(before).count(), clear),
    Expiry("chunks", "导入的行号", Kept.SHORT, lambda before: _chunks(before).count(), _clear_chunks),
)
