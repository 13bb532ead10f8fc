"""Customers: how many there are, and who came newly."""

from apps.customers.models import Relation
from apps.insights.metrics.base import Listed, Metric, Rollup, Source, When
from apps.insights.metrics.days import DAYS
from apps.lib.clock import day_of
from apps.profiles import wording

#: Each customer once, with the host and on the day she began with.
NEWCOMERS = Source(
    "newcomers",
    "insights_newcustomer t",
    When.MOMENT,
    at="t.at",
    listed="t.host_id, t.relation_id, t.source, t.learned_at, t.counted_at AS at",
)
CURRENT = Source(
    "current",
    "customers_relation t",
    When.NOW,
    where="t.ended_at IS NULL AND t.is_customer",
    listed="t.host_id, t.id AS relation_id, t.source, t.joined_at AS at",
)


def _say_source(row: Listed, subjects: wording.Subjects) -> str:
    known = row["source"] in Relation.Source.values
    told = f"来自{Relation.Source(row['source']).label}" if known else ""
    learned_at = row.get("learned_at")
    return f"{told}（{day_of(learned_at):%Y-%m-%d} 补记）" if learned_at else told


NEW_CUSTOMERS = Metric(
    name="new_customers",
    title="新客户",
    unit="位",
    formula="这段时间里成为客户的人，算给当时的大C，后来交接走了也不变；只下过存疑的单的，从大C点头那天算起。",
    source=NEWCOMERS,
    rollups=(Rollup(DAYS, "new_customers"),),
    order="at DESC, relation_id DESC",
    say=_say_source,
)
CUSTOMERS = Metric(
    name="customers",
    title="客户",
    unit="位",
    formula="现在的客户，算给现在服务她的大C；已经离开的、只下过存疑的单还没点头的不算。",
    source=CURRENT,
    order="at DESC, relation_id DESC",
    say=_say_source,
)
