"""Browsers that have not come for long: their mark is cut, so that nobody is recognised by it."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from apps.lib.pii import Kept
from apps.profiles import relation_days
from apps.profiles.models import VisitorRelation
from apps.records.declarations import Expiry
from apps.records.expiry import BATCH
from apps.tracking.models import Event


def past(before: datetime) -> Any:
    since = Event.objects.filter(visitor_id=OuterRef("visitor_id"), occurred_at__gte=before)
    return VisitorRelation.objects.exclude(Exists(since))


def clear(before: datetime) -> int:
    rows = list(past(before)[:BATCH])
    for row in rows:
        row.delete()
    relation_days.recount({row.relation_id for row in rows})
    return len(rows)


EXPIRIES = (Expiry("visitors", "很久没来的设备", Kept.VISIT, lambda before: past(before).count(), clear),)
