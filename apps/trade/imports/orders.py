"""Importing the orders of an outside shop: a line of the file is a line of an order."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import connection, transaction

from apps.accounts.models import Organisation
from apps.catalog.models import Category, Product
from apps.customers.imports import columns as cell
from apps.customers.imports import hosts as host_codes
from apps.customers.imports.columns import Column
from apps.customers.imports.importer import CHUNK, Cells, Counts, Import
from apps.customers.imports.people import Buyer, buyers_of, numbered
from apps.customers.models import ImportChunk, ImportRun
from apps.files.tables import Table
from apps.lib.clock import SHANGHAI
from apps.tracking import services as tracking
from apps.trade.imports.order_chunks import OrderChunk
from apps.trade.imports.products import UNSORTED, add_products

#: Rows of one transaction; an order is never cut.
_MAX_ROWS = 50_000
#: No statement that holds a transaction open for long takes more rows than this.
_LARGE = 4_000_000
_KEY = rb"[0-9A-Za-z][0-9A-Za-z._-]{0,49}+"


class OrderImport(Import):
    """Keyed by (source, order number, product). Orders come in as done and paid: they happened elsewhere.

    Staged lines are cut into chunks by ranges of order numbers. When one line of an order goes back, the
    whole order does: a total is never known by half.
    """

    kind = ImportRun.Kind.ORDERS
    columns = (
        Column(
            "order_no", "订单号", ("订单编号", "单号", "basket", "basket_id", "order_id"), is_required=True
        ),
        Column(
            "host", "门店编号", ("大C编号", "大C", "导购", "store", "store_id", "host_code"), is_required=True
        ),
        Column("customer", "客户编号", ("会员号", "household_id", "customer_no"), is_required=True),
        Column("product", "商品编号", ("货号", "sku", "product_no", "product_id"), is_required=True),
        Column("title", "商品名", ("商品名称", "标题")),
        Column("quantity", "数量", ("件数", "qty"), is_required=True),
        Column("total", "金额", ("实付金额", "小计", "amount", "sales_value"), is_required=True),
        Column("placed_at", "下单时间", ("时间", "付款时间", "transaction_timestamp"), is_required=True),
    )
    sound: ClassVar[dict[str, bytes]] = {
        "order_no": _KEY,
        "host": _KEY,
        "customer": _KEY,
        "product": _KEY,
        "title": rb"(?:[^,\"'\x00-\x20\x7f][^,\"\x00-\x1f\x7f]{0,180}+)?+",
        "quantity": rb"[0-9]{1,9}+",
        "total": rb"[0-9]{1,10}+(?:\.[0-9]{1,2}+)?+",
        "placed_at": rb"20[0-9]{2}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?+",
    }
    staged: ClassVar[dict[str, str]] = {
        "order_no": "text NOT NULL",
        "host": "text NOT NULL",
        "customer": "text NOT NULL",
        "product": "text NOT NULL",
        "title": "text",
        "quantity": "int NOT NULL",
        "total": "numeric(14, 2) NOT NULL",
        "placed_at": "timestamp NOT NULL",
    }

    def __init__(
        self,
        table: Table,
        *,
        source: str,
        now: datetime,
        make_hosts_under: Organisation | None = None,
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(table, source=source, now=now, renamed=renamed)
        self._make_hosts_under = make_hosts_under
        self._notes: list[str] = []
        #: Whether a product stands twice in one order of this file.
        self.merge = False
        if make_hosts_under is not None:
            self.options["--make-hosts"] = str(make_hosts_under.pk)

    # --- reading and checking

    def check(self, cells: Cells) -> Sequence[Any]:
        total = cells.read("total", cell.fen)
        placed_at = cells.read("placed_at", cell.moment)
        return (
            cells.read("order_no", cell.key),
            cells.read("host", cell.key),
            cells.read("customer", cell.key),
            cells.read("product", cell.key),
            cells.read_if_given("title", lambda text: cell.words(text, longest=200)),
            cells.read("quantity", cell.quantity),
            cell.yuan(total or 0),
            placed_at.astimezone(SHANGHAI).replace(tzinfo=None) if placed_at else None,
        )

    def reject_key(self, cells: Cells) -> str | None:
        try:
            return cell.key(cells.text("order_no"))
        except cell.BadCellError:
            return None

    def reject_whole(self) -> None:
        rows, orders, rejects = self.staging.rows, self.staging.table("orders"), self.staging.rejects
        count = self.staging.count()
        large = not connection.in_atomic_block and count > _LARGE
        self.staging.do(f"CREATE INDEX {'CONCURRENTLY' if large else ''} ON {rows} (order_no)")
        self.staging.do(f"ANALYZE {rows}")
        self._sum_up(pieces=1 + count // _LARGE)
        self.staging.do(
            f"INSERT INTO {rejects} (key, reason, chunk)"
            f" SELECT order_no, trouble, 0 FROM {orders} WHERE trouble IS NOT NULL"
        )
        codes = self._codes()
        self._send_back_of(codes.refused)
        if codes.unknown and self._make_hosts_under is None:
            self._send_back_of({code: f"没有编号是 {code} 的大C" for code in codes.unknown})
            self._notes.append(
                f"有 {len(codes.unknown)} 个门店编号我们不认识；"
                "加上 --make-hosts 组织 就会为它们各建一位导购。"
            )
        self._reject_of_others(codes.known)

    def _send_back_of(self, reasons: Mapping[str, str]) -> None:
        """Send back the orders of these stores, each with its reason."""
        if reasons:
            self.staging.do(
                f"""
                INSERT INTO {self.staging.rejects} (key, reason, chunk)
                SELECT order_no, why.reason, 0
                  FROM {self.staging.table("orders")}
                  JOIN unnest(%s::text[], %s::text[]) AS why (host, reason) USING (host)
                 WHERE {self._sound()}
                """,
                [list(reasons), list(reasons.values())],
            )

    def _reject_of_others(self, hosts: Mapping[str, int]) -> None:
        """Send back the orders that we have as another host's, another customer's, or of another time.

        Before anything is made for them: what goes back makes nobody. An order that was handed over is still
        that of the host who earned it, and nobody can tell any more whose number an erased buyer had.
        """
        known = f"""
            {self.staging.table("orders")} AS f
            JOIN trade_order AS t ON t.source = %(source)s AND t.external_no = f.order_no
                                 AND t.external_no <> ''
            JOIN customers_relation AS r ON r.id = t.relation_id
        """
        values = {"source": self.source, "codes": list(hosts), "ids": list(hosts.values())}
        # A number that the new host's other customer had stays with the person, not with her relation.
        numberless = self.staging.ask(
            f"SELECT f.order_no, f.customer, r.customer_id FROM {known}"
            " WHERE r.source_key = '' AND r.blocked_at IS NULL",
            values,
        )
        people = numbered(self.source, [number for _, number, _ in numberless])
        values["hers"] = [order_no for order_no, number, one in numberless if people.get(number) == one]
        is_hosts = "coalesce(h.id IN (t.host_id, coalesce(t.earned_by_id, t.host_id)), false)"
        is_hers = (
            "(r.blocked_at IS NOT NULL OR r.source_key = %(source)s || ':' || f.customer"
            " OR f.order_no = ANY(%(hers)s::text[]))"
        )
        is_then = "t.placed_at = f.placed_at AT TIME ZONE 'Asia/Shanghai'"
        self.staging.do(
            f"""
            INSERT INTO {self.staging.rejects} (key, reason, chunk)
            SELECT f.order_no, CASE WHEN NOT {is_hosts} THEN '这张订单已记在另一位大C名下'
                                    WHEN NOT {is_hers} THEN '这张订单已记在另一位客户名下'
                                    ELSE '下单时间和已导入的不同' END, 0
              FROM {known}
              LEFT JOIN unnest(%(codes)s::text[], %(ids)s::bigint[]) AS h (code, id) ON h.code = f.host
             WHERE {self._sound()} AND NOT ({is_hosts} AND {is_hers} AND {is_then})
            """,
            values,
        )

    def _sum_up(self, *, pieces: int) -> None:
        """The staged orders, one row each, with what keeps an order from coming in."""
        orders = self.staging.table("orders")
        latest = (self.now + timedelta(days=1)).astimezone(SHANGHAI).replace(tzinfo=None)
        self.staging.do(f"DROP TABLE IF EXISTS {orders}")
        self.staging.do(
            f"""
            CREATE UNLOGGED TABLE {orders} (order_no text, host text, customer text, placed_at timestamp,
                                            total_fen bigint, quantity bigint, rows int, trouble text)
            """
        )
        for piece in range(pieces):
            self.staging.do(
                f"""
                INSERT INTO {orders}
                SELECT order_no, min(host), min(customer), min(placed_at), (sum(total) * 100)::bigint,
                       sum(quantity), count(*),
                       CASE WHEN min(host) <> max(host) THEN '同一个订单号出现在两个门店'
                            WHEN min(customer) <> max(customer) THEN '同一个订单号属于两位客户'
                            WHEN max(placed_at) > %s THEN '下单时间在将来'
                            WHEN sum(total) > %s OR sum(quantity) > %s THEN '整单金额或数量太大' END
                  FROM {self.staging.rows}
                 {f"WHERE abs(hashtext(order_no)::bigint) % {pieces} = {piece}" if pieces > 1 else ""}
                 GROUP BY order_no
                """,
                [latest, cell.MAX_FEN // 100, cell.MAX_QUANTITY],
            )
        self.staging.do(f"ALTER TABLE {orders} ADD PRIMARY KEY (order_no)")
        self.staging.do(f"ANALYZE {orders}")

    def _codes(self) -> host_codes.Codes:
        """Whose the orders are that nothing keeps from coming in."""
        found = self.staging.ask(
            f"SELECT DISTINCT host FROM {self.staging.table('orders')} WHERE {self._sound()}"
        )
        return host_codes.sort_out((code for (code,) in found), source=self.source)

    def plan(self) -> Iterator[tuple[str, str]]:
        after = last = ""
        orders = rows = 0
        for order_no, count in self.staging.stream(
            f"SELECT order_no, rows FROM {self.staging.table('orders')} ORDER BY order_no"
        ):
            if orders and (orders == CHUNK or rows + count > _MAX_ROWS):
                yield after, last
                after, orders, rows = last, 0, 0
            orders, rows, last = orders + 1, rows + count, order_no
        if orders:
            yield after, last

    def rejected_of(self, after: str, up_to: str) -> int:
        found = self.staging.ask(
            f"""
            SELECT coalesce(sum(rows), 0) FROM {self.staging.table("orders")}
             WHERE order_no > %s AND order_no <= %s
               AND order_no IN (SELECT key FROM {self.staging.rejects} WHERE coalesce(chunk, 0) = 0)
            """,
            [after, up_to],
        )
        return int(found[0][0])

    # --- what the lines refer to

    def prepare(self) -> None:
        """Tables from the file's codes to our ids; missing hosts, customers and products are made."""
        # A host may have left since the file was checked.
        self._send_back_of(self._codes().refused)
        self._has_rejects = bool(self.staging.ask(f"SELECT 1 FROM {self.staging.rejects} LIMIT 1"))
        for name in ("hosts", "relations", "products"):
            self.staging.do(f"DROP TABLE IF EXISTS {self.staging.table(name)}")
        self._prepare_hosts()
        self._prepare_products()
        self._prepare_relations()
        months = self.staging.ask(
            f"SELECT DISTINCT date_trunc('month', placed_at)::date FROM {self.staging.table('orders')}"
            f" WHERE {self.sound_orders()}"
        )
        with transaction.atomic():
            tracking.make_partitions(month for (month,) in months)

    def sound_orders(self) -> str:
        """A condition for lines whose order is not sent back."""
        return self._sound() if self._has_rejects else "true"

    def _sound(self) -> str:
        return (
            f"NOT EXISTS (SELECT FROM {self.staging.rejects} AS j WHERE j.key = order_no"
            " AND coalesce(j.chunk, 0) = 0)"
        )

    def _prepare_hosts(self) -> None:
        hosts = self.staging.table("hosts")
        codes = self._codes()
        known = codes.known
        if codes.unknown and self._make_hosts_under is not None:
            known |= host_codes.make_hosts(
                codes.unknown, source=self.source, organisation=self._make_hosts_under, now=self.now
            )
            self._notes.append(f"新建了 {len(codes.unknown)} 位导购。")
        with transaction.atomic():
            self.staging.do(f"CREATE UNLOGGED TABLE {hosts} (code text PRIMARY KEY, host_id bigint NOT NULL)")
            self.staging.do(
                f"INSERT INTO {hosts} SELECT * FROM unnest(%s::text[], %s::bigint[])",
                [list(known), list(known.values())],
            )
        self.staging.do(f"ANALYZE {hosts}")

    def _prepare_products(self) -> None:
        products = self.staging.table("products")
        self.staging.do(
            f"""
            CREATE UNLOGGED TABLE {products} AS
            SELECT f.product AS code, p.id AS product_id, f.title, f.lines,
                   coalesce(p.is_placeholder, true) AS is_placeholder
              FROM (SELECT product, max(title) AS title, count(*) AS lines
                      FROM {self.staging.rows} WHERE {self.sound_orders()} GROUP BY product) AS f
              LEFT JOIN catalog_product AS p ON p.source_key = %s || f.product
            """,
            [f"{self.source}:"],
        )
        missing = self.staging.ask(
            f"SELECT code, title FROM {products} WHERE product_id IS NULL ORDER BY code"
        )
        if missing:
            category, _ = Category.objects.get_or_create(name=UNSORTED)
        for begin in range(0, len(missing), CHUNK):
            with transaction.atomic():
                add_products(
                    [
                        Product(
                            title=(title or f"商品 {code}")[:60],
                            category=category,
                            status=Product.Status.OFF,
                            source_key=f"{self.source}:{code}",
                            is_placeholder=True,
                            created_at=self.now,
                        )
                        for code, title in missing[begin : begin + CHUNK]
                    ]
                )
        self.staging.do(
            f"""
            UPDATE {products} AS f SET product_id = p.id FROM catalog_product AS p
             WHERE f.product_id IS NULL AND p.source_key = %s || f.code
            """,
            [f"{self.source}:"],
        )
        self.staging.do(f"ALTER TABLE {products} ADD PRIMARY KEY (code)")
        self.staging.do(f"ANALYZE {products}")
        count, lines = self.staging.ask(
            f"SELECT count(*), coalesce(sum(lines), 0) FROM {products} WHERE is_placeholder"
        )[0]
        if count:
            self._notes.append(
                f"有 {lines:,} 行写了 {count:,} 个商品表里没有的商品，已记为占位商品（不上架）。"
            )

    def _prepare_relations(self) -> None:
        """Who places the orders that we do not have; whoever has none of them is not needed."""
        relations, orders = self.staging.table("relations"), self.staging.table("orders")
        self.staging.do(
            f"""
            CREATE UNLOGGED TABLE {relations} AS
            SELECT f.host, f.customer, h.host_id, r.id AS relation_id, f.first_at
              FROM (SELECT host, customer, min(placed_at) AS first_at
                      FROM {orders}
                     WHERE {self.sound_orders()}
                       AND NOT EXISTS (SELECT FROM trade_order AS t
                                        WHERE t.source = %(source)s AND t.external_no = order_no
                                          AND t.external_no <> '')
                     GROUP BY host, customer) AS f
              JOIN {self.staging.table("hosts")} AS h ON h.code = f.host
              LEFT JOIN customers_relation AS r
                ON r.host_id = h.host_id AND r.source_key = %(source)s || ':' || f.customer
               AND r.source_key <> ''
            """,
            {"source": self.source},
        )
        made = 0
        while missing := self.staging.ask(
            f"SELECT host_id, customer, first_at FROM {relations} WHERE relation_id IS NULL"
            " ORDER BY first_at, host_id, customer LIMIT %s",
            [CHUNK],
        ):
            buyers = [
                Buyer(host_id, number, first_at.replace(tzinfo=SHANGHAI))
                for host_id, number, first_at in missing
            ]
            with transaction.atomic():
                ids, fresh = buyers_of(self.source, buyers, now=self.now)
                self.staging.do(
                    f"""
                    UPDATE {relations} AS f SET relation_id = hers.id
                      FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS hers (id, host_id, customer)
                     WHERE f.host_id = hers.host_id AND f.customer = hers.customer
                    """,
                    [ids, [one.host_id for one in buyers], [one.number for one in buyers]],
                )
            made += fresh
        self.staging.do(f"ALTER TABLE {relations} ADD PRIMARY KEY (host, customer)")
        self.staging.do(f"ANALYZE {relations}")
        if made:
            self._notes.append(f"新建了 {made:,} 位客户（按门店计）。")

    # --- writing

    def write(self, chunk: ImportChunk) -> Counts:
        return OrderChunk(self, chunk).write()

    def notes(self) -> list[str]:
        return self._notes
