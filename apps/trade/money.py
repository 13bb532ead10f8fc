"""How the money of orders moves: the one place that spells it out.

Whoever tells money (a customer's, a host's, everybody's) adds up `fen` of these rows: GMV is their sum.
"""

from apps.lib.ids import uuid7_moment_sql


def _commission(order: str, reversal: str) -> str:
    return (
        "coalesce((SELECT sum(c.amount_fen)::bigint FROM commission_entry c"  # noqa: S608 - our own columns
        f" WHERE c.order_id = {order} AND c.reversal_id = {reversal}), 0)"
    )


#: One row for each order that counts (on the day it was placed, a doubtful one on that of its host's yes;
#: `reversal_id` 0), and for each cancellation and return of it (on the day it happened, negative). `host_id`
#: is who earned it, whoever serves the customer now; `imported_at` is when an import wrote it, null for what
#: happened here. A doubtful order that nobody has said yes to has no row.
MOVES = f"""
SELECT o.id AS order_id, 0::bigint AS reversal_id, o.relation_id,
       coalesce(o.earned_by_id, o.host_id) AS host_id, o.link_id,
       coalesce(o.agreed_at, o.placed_at) AS at, 'placed' AS kind, o.total_fen AS fen,
       {_commission("o.id", "0")} AS commission_fen,
       CASE WHEN o.source <> '' THEN {uuid7_moment_sql("o.public_id")} END AS imported_at
  FROM trade_order o
 WHERE o.holds_stock
 UNION ALL
SELECT o.id, r.id, o.relation_id, coalesce(o.earned_by_id, o.host_id),
       o.link_id, r.at, r.kind, -r.amount_fen,
       {_commission("o.id", "r.id")},
       CASE WHEN o.source <> '' THEN {uuid7_moment_sql("r.public_id")} END
  FROM trade_orderreversal r
  JOIN trade_order o ON o.id = r.order_id
 WHERE o.holds_stock
"""  # noqa: S608 - our own expressions
