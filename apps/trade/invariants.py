"""What must be true of orders at any time."""

from django.db import connection

from apps.tracking.facts import Fact

#: Each SELECT gives the ids of orders of which the sentence is true.
_WRONG = {
    "订单没有一行商品，或者金额不是各行之和": """
        SELECT o.id FROM trade_order o
          LEFT JOIN (SELECT order_id, sum(total_fen) AS fen FROM trade_orderline GROUP BY order_id) l
            ON l.order_id = o.id
         WHERE l.fen IS DISTINCT FROM o.total_fen
    """,
    "退回的钱比订单还多": """
        SELECT o.id FROM trade_order o
          JOIN (SELECT order_id, sum(amount_fen) AS fen FROM trade_orderreversal GROUP BY order_id) r
            ON r.order_id = o.id
         WHERE r.fen > o.total_fen
    """,
    "订单已取消却没有冲回，或冲回了却没有取消": """
        SELECT o.id FROM trade_order o
         WHERE (o.status = 'cancelled')
               <> EXISTS (SELECT FROM trade_orderreversal r WHERE r.order_id = o.id AND r.kind = 'cancel')
    """,
    "已取消的订单还留着钱或佣金": """
        SELECT o.id FROM trade_order o
          LEFT JOIN (SELECT order_id, sum(amount_fen) AS fen FROM trade_orderreversal GROUP BY order_id) r
            ON r.order_id = o.id
          LEFT JOIN (SELECT order_id, sum(amount_fen) AS fen FROM commission_entry GROUP BY order_id) c
            ON c.order_id = o.id
         WHERE o.status = 'cancelled' AND (r.fen IS DISTINCT FROM o.total_fen OR coalesce(c.fen, 0) <> 0)
    """,
    "佣金没有算给下单时的大C，或者和商品行对不上": """
        SELECT c.order_id FROM commission_entry c
          LEFT JOIN trade_order o ON o.id = c.order_id
          LEFT JOIN trade_orderline l ON l.id = c.line_id AND l.order_id = c.order_id
         WHERE c.reversal_id = 0
           AND (coalesce(o.earned_by_id, o.host_id), coalesce(o.agreed_at, o.placed_at), o.holds_stock,
                l.total_fen, l.commission_bp, round(l.total_fen * l.commission_bp / 10000.0))
               IS DISTINCT FROM (c.host_id, c.at, true, c.base_fen, c.rate_bp, c.amount_fen::numeric)
         GROUP BY 1
    """,
    "商品行该有佣金却没有记": """
        SELECT l.order_id FROM trade_orderline l JOIN trade_order o ON o.id = l.order_id
         WHERE l.commission_bp > 0 AND round(l.total_fen * l.commission_bp / 10000.0) > 0 AND o.holds_stock
           AND NOT EXISTS (SELECT FROM commission_entry c
                            WHERE c.order_id = l.order_id AND c.line_id = l.id AND c.reversal_id = 0)
         GROUP BY 1
    """,
    "退回的佣金和退回的钱对不上": """
        SELECT c.order_id
          FROM (SELECT order_id, line_id, sum(amount_fen) FILTER (WHERE reversal_id = 0) AS earned_fen,
                       sum(amount_fen) AS left_fen, count(DISTINCT host_id) AS hosts
                  FROM commission_entry GROUP BY 1, 2) c
          JOIN trade_order o ON o.id = c.order_id
          LEFT JOIN (SELECT order_id, sum(amount_fen) AS fen FROM trade_orderreversal GROUP BY order_id) r
            ON r.order_id = o.id
         WHERE c.hosts <> 1
            OR c.left_fen IS DISTINCT FROM
               c.earned_fen - round(c.earned_fen * coalesce(r.fen, 0) / nullif(o.total_fen, 0)::numeric)
         GROUP BY 1
    """,
    "订单和它的客户不在同一位大C名下": """
        SELECT o.id FROM trade_order o JOIN customers_relation r ON r.id = o.relation_id
         WHERE r.host_id <> o.host_id
    """,
    "下单的人不算客户，订单却不存疑，或者大C点过头": """
        SELECT o.id FROM trade_order o JOIN customers_relation r ON r.id = o.relation_id
         WHERE o.holds_stock AND NOT r.is_customer AND r.blocked_at IS NULL
    """,
    "账本里没有这张订单，或者记了两次": f"""
        SELECT coalesce(o.id, e.subject_id)
          FROM trade_order o
          FULL JOIN (SELECT subject_id, count(*) AS times FROM tracking_event
                      WHERE name = '{Fact.ORDER_PLACED}' AND subject_kind = 'order' GROUP BY subject_id) e
            ON e.subject_id = o.id
         WHERE o.id IS NULL OR e.times IS DISTINCT FROM 1
    """,  # noqa: S608 - a constant of our own
    # What the projections are computed from may lie and agree with itself: the ledger knows what was placed.
    "订单的大C、客户、链接、时间或金额和账本里下单那一条（加上导入的更正）对不上": f"""
        SELECT o.id FROM trade_order o
          JOIN (SELECT subject_id, max(host_id) FILTER (WHERE name = '{Fact.ORDER_PLACED}') AS host_id,
                       max(relation_id) FILTER (WHERE name = '{Fact.ORDER_PLACED}') AS relation_id,
                       max(link_id) FILTER (WHERE name = '{Fact.ORDER_PLACED}') AS link_id,
                       max(occurred_at) FILTER (WHERE name = '{Fact.ORDER_PLACED}') AS at,
                       sum((props ->> CASE name WHEN '{Fact.ORDER_PLACED}' THEN 'total_fen' ELSE 'by_fen' END
                           )::bigint) AS fen
                  FROM tracking_event
                 WHERE name IN ('{Fact.ORDER_PLACED}', '{Fact.ORDER_CHANGED}') AND subject_kind = 'order'
                 GROUP BY subject_id) e ON e.subject_id = o.id
         WHERE (coalesce(o.earned_by_id, o.host_id), o.relation_id, o.link_id, o.placed_at,
                o.total_fen::numeric)
               IS DISTINCT FROM (e.host_id, e.relation_id, e.link_id, e.at, e.fen)
    """,  # noqa: S608 - constants of our own
    "订单的商品或件数和账本里下单那一条（加上导入的更正）对不上": f"""
        SELECT order_id
          FROM (SELECT order_id, product_id, sum(quantity) AS pieces FROM trade_orderline GROUP BY 1, 2) l
          FULL JOIN (SELECT subject_id AS order_id, sold.key::bigint AS product_id,
                            sum(sold.value::numeric) AS pieces
                       FROM tracking_event,
                            jsonb_each_text(coalesce(props -> 'goods', props -> 'by_goods')) AS sold
                      WHERE name IN ('{Fact.ORDER_PLACED}', '{Fact.ORDER_CHANGED}') AND subject_kind = 'order'
                      GROUP BY 1, 2) e USING (order_id, product_id)
         WHERE l.pieces IS DISTINCT FROM e.pieces
         GROUP BY 1
    """,  # noqa: S608 - constants of our own
    "退货和账本里的退货对不上": f"""
        SELECT order_id
          FROM (SELECT order_id, at, amount_fen AS fen, count(*) AS times
                  FROM trade_orderreversal WHERE kind = 'return' GROUP BY 1, 2, 3) r
          FULL JOIN (SELECT subject_id AS order_id, occurred_at AS at, (props ->> 'total_fen')::bigint AS fen,
                            count(*) AS times
                       FROM tracking_event WHERE name = '{Fact.ORDER_RETURNED}' AND subject_kind = 'order'
                      GROUP BY 1, 2, 3) e USING (order_id, at, fen)
         WHERE r.times IS DISTINCT FROM e.times
         GROUP BY 1
    """,  # noqa: S608 - constants of our own
    # An imported order comes in as paid and has no steps of its own.
    "订单收没收款和账本里的收款对不上": f"""
        SELECT o.id
          FROM trade_order o
          LEFT JOIN (SELECT subject_id, min(occurred_at) AS at, count(*) AS times
                       FROM tracking_event WHERE name = '{Fact.ORDER_PAID}' AND subject_kind = 'order'
                      GROUP BY 1) e ON e.subject_id = o.id
         WHERE o.paid_at IS DISTINCT FROM e.at OR e.times > 1
            OR o.is_paid <> (e.at IS NOT NULL
                             OR NOT EXISTS (SELECT FROM trade_ordertransition s WHERE s.order_id = o.id))
    """,  # noqa: S608 - constants of our own
    # An imported order comes in as done and has no steps of its own.
    "订单的状态和它最后一步对不上": """
        SELECT o.id FROM trade_order o
          LEFT JOIN (SELECT DISTINCT ON (order_id) order_id, to_status FROM trade_ordertransition
                      ORDER BY order_id, id DESC) s ON s.order_id = o.id
         WHERE o.status IS DISTINCT FROM coalesce(s.to_status, CASE WHEN o.source <> '' THEN 'done' END)
    """,
}


def check_orders() -> list[str]:
    """Money adds up, nothing stands half, and the ledger knows each order once."""
    found = []
    with connection.cursor() as cursor:
        for sentence, select in _WRONG.items():
            cursor.execute(
                f"SELECT id, count(*) OVER () FROM ({select}) AS wrong (id)"  # noqa: S608 - our own, above
                " ORDER BY id LIMIT 5"
            )
            if rows := cursor.fetchall():
                found.append(f"{sentence}（共 {rows[0][1]} 张：{', '.join(str(id_) for id_, _ in rows)} 等）")
    return found
