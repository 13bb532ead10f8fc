"""Where a customer stands with her host, by her orders and how long she has been quiet."""

from datetime import datetime, timedelta

from apps.customers.models import Relation
from apps.profiles.models import Facts

#: No order and no act for so long is asleep, and for so much longer lost.
ASLEEP_AFTER = timedelta(days=60)
LOST_AFTER = timedelta(days=180)
#: From this many orders that stand, a customer is a regular.
REGULAR_ORDERS = 3

STAGES = Relation.Stage


def stage_of(facts: Facts, now: datetime) -> Relation.Stage:
    quiet = now - facts.last_event_at
    if not facts.is_current or quiet >= LOST_AFTER:
        return Relation.Stage.LOST
    if quiet >= ASLEEP_AFTER:
        return Relation.Stage.SLEEPING
    if facts.orders_count >= REGULAR_ORDERS:
        return Relation.Stage.MATURE
    return Relation.Stage.GROWING if facts.has_ordered else Relation.Stage.NEW
