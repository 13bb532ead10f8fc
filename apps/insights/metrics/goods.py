"""Goods: how many customers bought one, with whoever serves them now."""

from apps.insights.metrics.base import Filter, Listed, Metric, Source, When, host_of
from apps.lib import humanize
from apps.profiles import wording

#: Each line of an order that stands, under its product. Her yes makes a doubtful one count, as everywhere.
BOUGHT = Source(
    "bought",
    "(SELECT o.host_id, o.relation_id, o.id AS order_id, o.placed_at AS at,"
    " 'product' AS subject_kind, l.product_id AS subject_id"
    " FROM trade_order o JOIN trade_orderline l ON l.order_id = o.id"
    " WHERE o.status <> 'cancelled' AND o.holds_stock) t",
    When.NOW,
    has_subject=True,
    listed="t.host_id, t.relation_id, t.order_id, t.at",
)


def _say_times(row: Listed, subjects: wording.Subjects) -> str:
    return f"买过 {humanize.say_count(row['times'])} 次"


GOODS_BUYERS = Metric(
    name="goods_buyers",
    title="买过的客户",
    unit="位",
    formula="现在由这位大C服务、订单里有这些商品而没有取消的客户，一位算一次；存疑的单要等大C点头。",
    source=BOUGHT,
    each=("relation_id",),
    filters=frozenset({Filter.SUBJECT}),
    listed=f"t.relation_id, {host_of('t.at DESC', then='t.order_id DESC')}, max(t.at) AS at, "
    "count(DISTINCT t.order_id) AS times",
    order="at DESC, relation_id DESC",
    say=_say_times,
)
