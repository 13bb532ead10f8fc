"""Where a customer stands with her host: one table of rules, which Python and SQL both read.

The rules are asked from the top; the first that holds is the answer. Nothing stores the outcome: the passing
of time alone moves a customer on. docs/ledger.md says the rules in words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.lookups import Exact

from apps.customers.models import Relation
from apps.profiles.models import Facts

Stage = Relation.Stage

#: No order and no act for so long is asleep, and for so much longer lost.
ASLEEP_AFTER = timedelta(days=60)
LOST_AFTER = timedelta(days=180)
#: From this many orders that stand, a customer is a regular.
REGULAR_ORDERS = 3


@dataclass(frozen=True, slots=True)
class Rule:
    """All of its conditions together give the stage; a condition that is left out is not asked."""

    stage: Relation.Stage
    #: The relation has ended: one of the two deleted the other.
    has_left: bool = False
    #: Her last act lies at least so far back.
    quiet_for: timedelta | None = None
    #: So many orders stand, or more.
    orders: int = 0

    def holds(self, facts: Facts, now: datetime) -> bool:
        return (
            not (self.has_left and facts.is_current)
            and (self.quiet_for is None or facts.last_event_at <= now - self.quiet_for)
            and facts.orders_count >= self.orders
        )

    def condition(self, now: datetime, facts: str) -> Q:
        """The same in SQL; `facts` leads from the model that is asked to the facts (`""`, `"facts__"`)."""
        found = Q()
        if self.has_left:
            found &= Q(**{f"{facts}is_current": False})
        if self.quiet_for is not None:
            found &= Q(**{f"{facts}last_event_at__lte": now - self.quiet_for})
        if self.orders:
            found &= Q(**{f"{facts}orders_count__gte": self.orders})
        return found

    def sql(self, facts: str) -> str:
        """The same as text, over a table or alias named `facts`; `%(now)s` is filled in when it is asked."""
        found = []
        if self.has_left:
            found.append(f"NOT {facts}.is_current")
        if self.quiet_for is not None:
            seconds = int(self.quiet_for.total_seconds())
            found.append(f"{facts}.last_event_at <= %(now)s - interval '{seconds} seconds'")
        if self.orders:
            found.append(f"{facts}.orders_count >= {self.orders}")
        return " AND ".join(found)


RULES = (
    Rule(Stage.LOST, has_left=True),
    Rule(Stage.LOST, quiet_for=LOST_AFTER),
    Rule(Stage.SLEEPING, quiet_for=ASLEEP_AFTER),
    Rule(Stage.MATURE, orders=REGULAR_ORDERS),
    Rule(Stage.GROWING, orders=1),
)
#: When no rule holds.
OTHERWISE = Stage.NEW


def stage_of(facts: Facts, now: datetime) -> Relation.Stage:
    return next((rule.stage for rule in RULES if rule.holds(facts, now)), OTHERWISE)


def stage_at(now: datetime, facts: str = "") -> Case:
    """The stage as an SQL expression over `Facts`, or over a model from which `facts` leads there."""
    return Case(
        *(When(rule.condition(now, facts), then=Value(rule.stage.value)) for rule in RULES),
        default=Value(OTHERWISE.value),
        output_field=CharField(),
    )


def stage_sql(facts: str) -> str:
    """The stage for SQL that is written by hand, over a table or alias named `facts`, with `%(now)s`."""
    rules = " ".join(f"WHEN {rule.sql(facts)} THEN '{rule.stage.value}'" for rule in RULES)
    return f"CASE {rules} ELSE '{OTHERWISE.value}' END"


def is_in(stage: Relation.Stage, now: datetime) -> Q:
    """Whether `Facts` are at this stage, as a condition."""
    return Q(Exact(stage_at(now), stage.value))


def stage_of_relation(now: datetime) -> Case:
    """What `customers` asks for its own lists (`customers.stages`)."""
    return stage_at(now, "facts__")
