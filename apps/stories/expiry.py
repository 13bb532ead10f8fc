"""Stories that nobody answered, and those of people who are no customers any more: deleted."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.customers.expiry import past
from apps.customers.models import Relation
from apps.lib.pii import Kept
from apps.records.declarations import Expiry
from apps.records.expiry import held_relations
from apps.stories import taking_back
from apps.stories.models import Story

_AT_ONCE = 100


def _unanswered(before: datetime) -> Any:
    """She never said yes: what her host wrote down has no ground to stay."""
    rows = Story.objects.filter(state=Story.State.ASKED, ask_until__lt=before)
    return rows.exclude(relation_id__in=held_relations())


def _of_the_gone(before: datetime) -> Any:
    """Her relation ended long ago, or has been emptied already."""
    emptied = Relation.objects.filter(blocked_at__isnull=False).values("pk")
    rows = Story.objects.filter(Q(relation_id__in=past(before).values("pk")) | Q(relation_id__in=emptied))
    return rows.exclude(relation_id__in=held_relations())


def _rule(name: str, label: str, kept: Kept, rows: Any) -> Expiry:
    def clear(before: datetime) -> int:
        return taking_back.forget(list(rows(before).order_by("pk")[:_AT_ONCE]))

    return Expiry(name, label, kept, lambda before: rows(before).count(), clear)


EXPIRIES = (
    _rule("stories", "已不是客户的人的故事", Kept.RELATION, _of_the_gone),
    _rule("unanswered stories", "没有回答的故事", Kept.SHORT, _unanswered),
)
