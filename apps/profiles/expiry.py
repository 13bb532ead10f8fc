"""Browsers that have not come for long: their mark is cut, so that nobody is recognised by it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.lib.pii import Kept
from apps.profiles import projection
from apps.profiles.models import VisitorRelation
from apps.records.declarations import Expiry
from apps.records.expiry import BATCH
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event


def past(before: datetime) -> Any:
    came = Event.objects.filter(visitor_id=OuterRef("visitor_id"), occurred_at__gte=before)
    return VisitorRelation.objects.exclude(Exists(came.exclude(name=Fact.BROWSER_FORGOTTEN)))


@transaction.atomic
def clear(before: datetime) -> int:
    """Each is told to the ledger, or a rebuild would know them again by their old orders."""
    rows = list(past(before).order_by("host_id", "visitor_id", "since")[:BATCH])
    for host_id, visitor_id in {(row.host_id, row.visitor_id): None for row in rows}:
        tracking.record(Fact.BROWSER_FORGOTTEN, at=timezone.now(), host_id=host_id, visitor_id=visitor_id)
    projection.forget(rows)
    return len(rows)


EXPIRIES = (Expiry("visitors", "很久没来的设备", Kept.VISIT, lambda before: past(before).count(), clear),)
