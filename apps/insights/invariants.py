"""What must be true of the numbers once the projection has caught up."""

from django.db import connection

from apps.insights.projection import PROJECTION
from apps.tracking import reader


def check_numbers() -> list[str]:
    """Every host's every day holds what her orders, cancellations and new customers say."""
    if reader.lag(PROJECTION.name).waiting:
        return []  # what has not been read yet may well differ
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERING)
        wrong = cursor.fetchall()
    if not wrong:
        return []
    named = "、".join(f"大C {host_id} {day:%Y-%m-%d}" for host_id, day in wrong[:5])
    return [f"{len(wrong)} 个大C日的数字和订单、客户对不上（{named} 等）"]


_DIFFERING = """
WITH orders AS (
    SELECT coalesce(earned_by_id, host_id) AS host_id,
           (coalesce(agreed_at, placed_at) AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS orders,
           sum(total_fen) AS placed_fen
      FROM trade_order WHERE holds_stock GROUP BY 1, 2
), reversals AS (
    SELECT coalesce(o.earned_by_id, o.host_id) AS host_id,
           (r.at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(r.amount_fen) AS reversed_fen
      FROM trade_orderreversal r JOIN trade_order o ON o.id = r.order_id
     WHERE o.holds_stock GROUP BY 1, 2
), earned AS (
    SELECT host_id, (at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(amount_fen) AS commission_fen
      FROM commission_entry GROUP BY 1, 2
), joined AS (
    SELECT coalesce(began_with_id, host_id) AS host_id,
           (joined_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS new_customers
      FROM customers_relation WHERE is_customer GROUP BY 1, 2
), counted AS (
    SELECT host_id, day, coalesce(o.orders, 0) AS orders, coalesce(o.placed_fen, 0) AS placed_fen,
           coalesce(r.reversed_fen, 0) AS reversed_fen,
           coalesce(e.commission_fen, 0) AS commission_fen,
           coalesce(j.new_customers, 0) AS new_customers
      FROM orders o
      FULL JOIN reversals r USING (host_id, day)
      FULL JOIN earned e USING (host_id, day)
      FULL JOIN joined j USING (host_id, day)
)
SELECT host_id, day
  FROM counted c
  FULL JOIN insights_hostday d USING (host_id, day)
 WHERE (coalesce(c.orders, 0), coalesce(c.placed_fen, 0), coalesce(c.reversed_fen, 0),
        coalesce(c.placed_fen, 0) - coalesce(c.reversed_fen, 0),
        coalesce(c.commission_fen, 0), coalesce(c.new_customers, 0))
       IS DISTINCT FROM
       (coalesce(d.orders, 0), coalesce(d.placed_fen, 0), coalesce(d.taken_back_fen, 0),
        coalesce(d.gmv_fen, 0), coalesce(d.commission_fen, 0), coalesce(d.new_customers, 0))
 ORDER BY host_id, day
 LIMIT 1000
"""
