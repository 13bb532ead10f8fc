"""One chunk of imported orders, written by a handful of statements over sets."""

from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.customers.imports.importer import Counts
from apps.customers.imports.staging import Staging
from apps.customers.models import ImportChunk
from apps.lib.ids import uuid7_sql
from apps.tracking import services as tracking
from apps.tracking.facts import Fact

#: The chunk's orders and lines, in tables of this connection.
_ORDERS = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_orders (
    id bigint, is_new boolean, order_no text, host_id bigint, served_by bigint, relation_id bigint,
    placed_at timestamptz, total_fen bigint, quantity bigint, rows int
) ON COMMIT DELETE ROWS
"""
_LINES = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_lines (
    order_id bigint, product_id bigint, quantity bigint, total_fen bigint, rows int,
    line_id bigint, had_quantity bigint, had_fen bigint
) ON COMMIT DELETE ROWS
"""


_PRODUCT_TWICE = "line_once"


class Job(Protocol):
    """What a chunk needs to know of the import it belongs to."""

    staging: Staging
    source: str
    now: datetime
    merge: bool

    def sound_orders(self) -> str: ...


class OrderChunk:
    """Orders with numbers in one range: those we do not have are made, those we have are compared.

    `merge` says that a product may stand twice in one order of this file; it is found out on the way.
    """

    def __init__(self, job: Job, chunk: ImportChunk) -> None:
        self.job = job
        self.staging = job.staging
        self.now = job.now
        self.range = "order_no > %(after)s AND order_no <= %(up_to)s"
        self.values: dict[str, Any] = {
            "after": chunk.after,
            "up_to": chunk.up_to,
            "source": job.source,
            "chunk": chunk.number,
        }

    def write(self) -> Counts:
        for table in (_ORDERS, _LINES):
            self._do(table)
        self._do("DELETE FROM import_orders")  # several chunks in one transaction happen in tests
        self._do("DELETE FROM import_lines")
        staged = self._number(f"SELECT sum(rows) FROM {self.staging.table('orders')} WHERE {self.range}")
        self._gather()
        created = self._number("SELECT coalesce(sum(rows), 0) FROM import_orders WHERE is_new")
        if created:
            self._make_orders()
        changed = unchanged = 0
        if self._number("SELECT count(*) FROM import_orders WHERE NOT is_new"):
            more, changed, unchanged = self._compare()
            created += more
        return Counts(created, changed, unchanged, staged - created - changed - unchanged)

    def _do(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return int(cursor.rowcount)

    def _number(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return int(cursor.fetchone()[0])

    def _gather(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence('trade_order', 'id')")
            sequence = cursor.fetchone()[0]
        self._do(
            f"""
            INSERT INTO import_orders
            SELECT coalesce(o.id, nextval('{sequence}')), o.id IS NULL, f.order_no,
                   r.host_id, c.host_id, c.id, f.placed_at AT TIME ZONE 'Asia/Shanghai',
                   f.total_fen, f.quantity, f.rows
              FROM (SELECT * FROM {self.staging.table("orders")}
                     WHERE {self.range} AND {self.job.sound_orders()}) AS f
              LEFT JOIN trade_order AS o
                ON o.source = %(source)s AND o.external_no = f.order_no AND o.external_no <> ''
              LEFT JOIN {self.staging.table("relations")} AS r
                ON o.id IS NULL AND r.host = f.host AND r.customer = f.customer
              LEFT JOIN customers_relation AS c ON c.id = r.relation_id
             ORDER BY f.placed_at, f.order_no
            """
        )
        self._do("ANALYZE import_orders")

    # --- orders we do not have

    def _make_orders(self) -> None:
        """They count for the host of their store, and stand with whoever serves the customer now."""
        self._do(
            f"""
            INSERT INTO trade_order
                   (id, public_id, host_id, earned_by_id, relation_id, status, source, external_no,
                    total_fen, receiver_name, receiver_phone, receiver_address, buyer_note, is_paid,
                    placed_at)
            SELECT id, {uuid7_sql(timezone.now())}, served_by, nullif(host_id, served_by), relation_id,
                   'done', %(source)s, order_no, total_fen, '', '', '', '', true, placed_at
              FROM import_orders WHERE is_new
            """
        )
        try:
            with transaction.atomic():
                self._make_lines(merge=self.job.merge)
        except IntegrityError as error:
            if self.job.merge or _PRODUCT_TWICE not in str(error):
                raise
            self.job.merge = True
            self._make_lines(merge=True)
        tracking.record_selected(
            Fact.ORDER_PLACED,
            """
            SELECT placed_at, host_id, relation_id, 'order', id,
                   jsonb_build_object('total_fen', total_fen, 'quantity', quantity, 'goods', lines.goods)
              FROM import_orders
              JOIN (SELECT order_id, jsonb_object_agg(product_id, quantity) AS goods
                      FROM (SELECT order_id, product_id, sum(quantity) AS quantity
                              FROM trade_orderline
                             WHERE order_id IN (SELECT id FROM import_orders WHERE is_new)
                             GROUP BY 1, 2) AS sold
                     GROUP BY 1) AS lines ON lines.order_id = id
             WHERE is_new
            """,
            [],
            now=self.now,
        )

    def _make_lines(self, *, merge: bool) -> None:
        quantity, total = "f.quantity", "(f.total * 100)::bigint"
        if merge:
            quantity, total = f"sum({quantity})", f"sum({total})"
        with connection.cursor() as cursor:
            # The products are many and the planner thinks the lines few: a hash beats 50,000 look-ups.
            cursor.execute("SET LOCAL enable_nestloop = off")
            self._do(
                f"""
                INSERT INTO trade_orderline (order_id, product_id, quantity, total_fen)
                SELECT o.id, p.product_id, {quantity}, {total}
                  FROM {self.staging.rows} AS f
                  JOIN import_orders AS o USING (order_no)
                  JOIN {self.staging.table("products")} AS p ON p.code = f.product
                 WHERE o.is_new AND {self.range}
                 {"GROUP BY o.id, p.product_id" if merge else ""}
                """
            )
            cursor.execute("SET LOCAL enable_nestloop = on")

    # --- orders we have

    def _compare(self) -> tuple[int, int, int]:
        """Lines added, changed and found as they were, in rows of the file."""
        self._do(
            f"""
            INSERT INTO import_lines
            SELECT g.*, l.id, l.quantity, l.total_fen
              FROM (SELECT o.id AS order_id, p.product_id, sum(f.quantity) AS quantity,
                           sum((f.total * 100)::bigint) AS total_fen, count(*) AS rows
                      FROM {self.staging.rows} AS f
                      JOIN import_orders AS o USING (order_no)
                      JOIN {self.staging.table("products")} AS p ON p.code = f.product
                     WHERE NOT o.is_new AND {self.range}
                     GROUP BY o.id, p.product_id) AS g
              LEFT JOIN trade_orderline AS l
                ON l.order_id = g.order_id AND l.product_id = g.product_id AND l.sku_id IS NULL
            """
        )
        differs = "(line_id IS NULL OR had_quantity <> quantity OR had_fen <> total_fen)"
        self._reject_known(
            f"""
            SELECT DISTINCT l.order_id AS id, '这张订单在平台里已取消或退过货，金额请人工核对' AS reason
              FROM import_lines AS l
             WHERE {differs} AND EXISTS (SELECT FROM trade_orderreversal AS r WHERE r.order_id = l.order_id)
            """
        )
        self._do("DELETE FROM import_lines WHERE order_id NOT IN (SELECT id FROM import_orders)")
        created = self._number("SELECT coalesce(sum(rows), 0) FROM import_lines WHERE line_id IS NULL")
        unchanged = self._number(f"SELECT coalesce(sum(rows), 0) FROM import_lines WHERE NOT {differs}")
        changed = self._number("SELECT coalesce(sum(rows), 0) FROM import_lines") - created - unchanged
        if created or changed:
            self._change_orders(differs)
        return created, changed, unchanged

    def _reject_known(self, select: str) -> None:
        """Send back the orders (id, reason) of a SELECT and take them out of the chunk."""
        self._do(
            f"""
            WITH bad AS ({select}),
                 gone AS (DELETE FROM import_orders AS o USING bad WHERE o.id = bad.id
                          RETURNING o.order_no, bad.reason)
            INSERT INTO {self.staging.rejects} (key, reason, chunk)
            SELECT order_no, reason, %(chunk)s FROM gone
            """
        )

    def _change_orders(self, differs: str) -> None:
        """New lines in, old ones corrected; the order's total follows, and the ledger says by how much."""
        self._do(
            """
            INSERT INTO trade_orderline (order_id, product_id, quantity, total_fen)
            SELECT order_id, product_id, quantity, total_fen FROM import_lines WHERE line_id IS NULL
            """
        )
        self._do(
            """
            UPDATE trade_orderline AS l SET quantity = n.quantity, total_fen = n.total_fen
              FROM import_lines AS n
             WHERE l.id = n.line_id AND (n.had_quantity <> n.quantity OR n.had_fen <> n.total_fen)
            """
        )
        touched = f"""
            SELECT order_id AS id, sum(total_fen - coalesce(had_fen, 0)) AS by_fen,
                   jsonb_object_agg(product_id, quantity - coalesce(had_quantity, 0)) AS by_goods
              FROM import_lines WHERE {differs} GROUP BY order_id
        """
        self._do(
            f"""
            UPDATE trade_order AS o SET total_fen = o.total_fen + t.by_fen
              FROM ({touched}) AS t WHERE o.id = t.id
            """
        )
        tracking.record_selected(
            Fact.ORDER_CHANGED,
            f"""
            SELECT %s::timestamptz, o.host_id, o.relation_id, 'order', o.id,
                   jsonb_build_object('total_fen', o.total_fen, 'by_fen', t.by_fen, 'by_goods', t.by_goods)
              FROM ({touched}) AS t JOIN trade_order AS o ON o.id = t.id
            """,
            [self.now],
            now=self.now,
        )
