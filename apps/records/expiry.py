"""The rules by which rows end, for every app that declares some."""

from datetime import datetime
from typing import Any

from apps.lib.pii import Kept
from apps.records.declarations import Expiry
from apps.records.models import LegalHold

BATCH = 1_000


def held_relations() -> Any:
    """The relations that must be kept for now, as a subquery."""
    return LegalHold.objects.filter(released_at=None).values("relation_id")


def of_rows(name: str, label: str, kept: Kept, rows: Any) -> Expiry:
    """A rule that deletes rows; `rows` is a function of the moment, giving a query."""

    def clear(before: datetime) -> int:
        model = rows(before).model
        ids = list(rows(before).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if ids:
            model._default_manager.filter(pk__in=ids).delete()
        return len(ids)

    return Expiry(name, label, kept, lambda before: rows(before).count(), clear)
