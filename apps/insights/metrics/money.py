"""Money and orders, for the host who earned them. The one sum that is GMV is here."""

from apps.insights.metrics.base import (
    YUAN,
    Condition,
    Listed,
    Metric,
    Question,
    Rollup,
    Source,
    When,
    host_of,
    say_link,
)
from apps.insights.metrics.days import DAYS
from apps.insights.periods import WAITING_AFTER
from apps.lib import humanize
from apps.lib.clock import day_of
from apps.profiles import wording

MONEY = Source(
    "money",
    "(SELECT *, -fen AS back_fen FROM insights_moneymove) t",
    When.MOMENT,
    at="t.at",
    has_subject=True,
    channel="t.channel",
    listed="t.host_id, t.relation_id, t.order_id, t.kind AS what, t.link_id, t.subject_kind, t.subject_id, "
    "t.channel, t.imported_at, t.counted_at AS at",
)


def _long_unconfirmed(asked: Question) -> Condition:
    return Condition("t.status = 'placed' AND t.placed_at < %s", (asked.now - WAITING_AFTER,))


WAITING = Source(
    "waiting",
    "trade_order t",
    When.NOW,
    condition=_long_unconfirmed,
    listed="t.host_id, t.relation_id, t.id AS order_id, 'placed' AS what, t.link_id, t.placed_at AS at",
)
KINDS = {"placed": "下单", "cancel": "取消", "return": "退货"}


def _say_money(row: Listed, subjects: wording.Subjects) -> str:
    what = KINDS[row["what"]]
    told = f"{what}，来自{say_link(row, subjects)}" if row.get("subject_kind") else what
    imported_at = row.get("imported_at")
    if imported_at is None or day_of(imported_at) <= day_of(row["at"]):
        return told
    return f"{told}（{day_of(imported_at):%Y-%m-%d} 由导入写入）"


def _say_buyer(row: Listed, subjects: wording.Subjects) -> str:
    told = f"下了 {humanize.say_count(row['times'])} 单"
    if row["hosts"] == 1:
        return told
    return f"一共{told}，算给 {row['hosts']} 位大C；这里是最近一单的大C和时间"


_PLACED = "t.kind = 'placed'"
_ORDER = "at DESC, order_id DESC"
_BUYER = f"{host_of('t.counted_at DESC', then='t.order_id DESC')}, max(t.counted_at) AS at, count(*) AS times"

ORDERS = Metric(
    name="orders",
    title="订单",
    unit="单",
    rows_unit="笔",
    formula="这段时间里下的订单，算给下单时的大C；存疑的从大C点头那天算起，后来取消的也在内。",
    source=MONEY,
    where=_PLACED,
    rollups=(Rollup(DAYS, "orders"),),
    fen="fen",
    order=_ORDER,
    say=_say_money,
)
GMV = Metric(
    name="gmv",
    title="成交金额",
    unit=YUAN,
    rows_unit="笔",
    formula="订单金额算在下单那天（存疑的在大C点头那天），取消和退货在发生那天减去，都算给下单时的大C。",
    source=MONEY,
    sums="fen",
    rollups=(Rollup(DAYS, "gmv_fen"),),
    fen="fen",
    order=_ORDER,
    say=_say_money,
)
PLACED = Metric(
    name="placed",
    title="下单金额",
    unit=YUAN,
    rows_unit="笔",
    formula="这段时间里下的订单的金额，没有减去取消和退货；存疑的从大C点头那天算起。",
    source=MONEY,
    where=_PLACED,
    sums="fen",
    rollups=(Rollup(DAYS, "placed_fen"),),
    fen="fen",
    order=_ORDER,
    say=_say_money,
)
TAKEN_BACK = Metric(
    name="taken_back",
    title="取消和退货",
    unit=YUAN,
    rows_unit="笔",
    formula="这段时间里发生的取消和退货的金额，不管订单是哪天下的；没点过头的存疑单没算进来过，也不减。",
    source=MONEY,
    where="t.kind <> 'placed'",
    sums="back_fen",
    rollups=(Rollup(DAYS, "taken_back_fen"),),
    fen="back_fen",
    order=_ORDER,
    say=_say_money,
)
COMMISSION = Metric(
    name="commission",
    title="佣金",
    unit=YUAN,
    rows_unit="笔",
    formula="订单的佣金算在下单那天（存疑的在大C点头那天），取消和退货的佣金在发生那天减去。",
    source=MONEY,
    sums="commission_fen",
    rollups=(Rollup(DAYS, "commission_fen"),),
    fen="commission_fen",
    order=_ORDER,
    say=_say_money,
)
BUYERS = Metric(
    name="buyers",
    title="下单客户",
    unit="位",
    formula="这段时间里下过单的客户，一位算一次；存疑的从大C点头那天算起，后来取消的也在内。",
    source=MONEY,
    where=_PLACED,
    each=("relation_id",),
    listed=f"t.relation_id, {_BUYER}",
    order="at DESC, relation_id DESC",
    say=_say_buyer,
)
RETURNING_BUYERS = Metric(
    name="returning_buyers",
    title="复购客户",
    unit="位",
    formula="下单客户里，下单时已经在同一位大C这里下过单的（那时已取消的不算）。",
    source=MONEY,
    where=f"{_PLACED} AND t.is_repeat",
    each=("relation_id",),
    listed=f"t.relation_id, {_BUYER}",
    order="at DESC, relation_id DESC",
    say=_say_buyer,
)
WAITING_ORDERS = Metric(
    name="waiting_orders",
    title="等确认的订单",
    unit="单",
    rows_unit="笔",
    formula="现在还没确认、下单已经超过一天的订单，算给现在服务客户的大C。",
    source=WAITING,
    fen="total_fen",
    order=_ORDER,
    say=_say_money,
)
