"""The year's orders through our import, beside COPY of the same bytes and beside the ORM's bulk_create.

The import is timed whole: looking through the file, parsing, checking, staging, matching hosts, customers and
products, then orders, lines and one event per order, in chunks with their checkpoints. Hosts, customers and
products are there before, as they are when the next year's file comes.
"""

import csv
import time
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import Organisation
from apps.catalog.models import Product
from apps.customers.imports.relations import CustomerImport
from apps.customers.imports.runs import run_import
from apps.customers.models import Relation
from apps.files.tables import open_table
from apps.lib.clock import SHANGHAI
from apps.lib.money import parse_yuan
from apps.tracking import services as tracking
from apps.tracking.models import Event
from apps.trade.imports.orders import OrderImport
from apps.trade.imports.products import ProductImport
from apps.trade.models import Order, OrderLine
from benchmarks import ground
from benchmarks.report import Verdict, median, seconds
from benchmarks.retail_files import SOURCE, write_files

ROUNDS = 3


def run(folder: Path) -> list[Verdict]:
    files = write_files(folder)
    set_the_scene(files)
    ground.keep("shop")
    size = files["orders"].stat().st_size
    copies: list[float] = []
    imports: list[float] = []
    for number in range(1, ROUNDS + 1):
        ground.fresh("shop")
        copies.append(_copy(files["orders"]))
        imports.append(import_orders(files["orders"]))
        copies.append(_copy(files["orders"]))
        print(f"  第 {number} 轮：COPY {copies[-2]:.2f} 和 {copies[-1]:.2f} 秒，导入 {imports[-1]:.2f} 秒")
    ground.fresh("shop")
    orm = _bulk_create(files["orders"])
    print(f"  bulk_create {orm:.2f} 秒")
    return [
        Verdict(
            "导入一年 ÷ COPY 同样的字节",
            median(imports) / median(copies),
            12,
            at_most=True,
            detail=f"{size >> 20} MB；COPY {seconds(copies)}；导入 {seconds(imports)}",
        ),
        Verdict(
            "bulk_create(batch_size=1000) ÷ 导入一年",
            orm / median(imports),
            3,
            at_most=False,
            detail=f"bulk_create {orm:.1f} 秒",
        ),
    ]


def set_the_scene(files: dict[str, Path]) -> None:
    """The shop's stores, customers and products."""
    now = timezone.now()
    company = Organisation.add_root(name="零售公司", kind=Organisation.Kind.COMPANY)
    run_import(ProductImport(open_table(files["products"]), source=SOURCE, now=now))
    run_import(
        CustomerImport(open_table(files["customers"]), source=SOURCE, now=now, make_hosts_under=company)
    )
    with ground.plain() as connection:
        connection.execute("VACUUM ANALYZE")


def import_orders(path: Path) -> float:
    """Bring the year in; how many seconds it took."""
    begin = time.perf_counter()
    outcome = run_import(OrderImport(open_table(path), source=SOURCE, now=timezone.now()), workers=2)
    took = time.perf_counter() - begin
    assert outcome.run.created == outcome.run.rows_in
    return took


def _copy(path: Path) -> float:
    """The file's bytes into a table of its columns that has no index and no constraint."""
    with ground.plain() as connection:
        connection.execute(
            "CREATE TABLE bare (order_no text, host text, customer text, product text, quantity int,"
            " total numeric(14, 2), placed_at timestamp)"
        )
        begin = time.perf_counter()
        statement = "COPY bare FROM STDIN (FORMAT csv, HEADER)"
        with path.open("rb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)
        took = time.perf_counter() - begin
        connection.execute("DROP TABLE bare")
        return took


def _bulk_create(path: Path) -> float:
    """Orders, lines and events by bulk_create; the rows are parsed and matched before the clock starts."""
    products = dict(Product.objects.values_list("source_key", "pk"))
    relations = {
        (username.removeprefix(f"{SOURCE}-"), key.removeprefix(f"{SOURCE}:")): (host, pk)
        for username, key, host, pk in Relation.objects.values_list(
            "host__user__username", "source_key", "host_id", "pk"
        )
    }
    placeholder = next(iter(products.values()))
    baskets: dict[str, tuple[tuple[int, int], datetime, list[tuple[int, int, int]]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for order_no, store, customer, product, quantity, total, at in list(csv.reader(file))[1:]:
            basket = baskets.get(order_no)
            if basket is None:
                basket = (
                    relations[store, customer],
                    datetime.fromisoformat(at).replace(tzinfo=SHANGHAI),
                    [],
                )
                baskets[order_no] = basket
            basket[2].append(
                (products.get(f"{SOURCE}:{product}", placeholder), int(quantity), parse_yuan(total))
            )
    with transaction.atomic():
        tracking.make_partitions({at.date().replace(day=1) for _, at, _ in baskets.values()})

    begin = time.perf_counter()
    with transaction.atomic():
        orders = Order.objects.bulk_create(
            [
                Order(
                    host_id=host,
                    relation_id=relation,
                    status=Order.Status.DONE,
                    source=SOURCE,
                    external_no=order_no,
                    total_fen=sum(total for *_, total in lines),
                    is_paid=True,
                    placed_at=at,
                )
                for order_no, ((host, relation), at, lines) in baskets.items()
            ],
            batch_size=1000,
        )
        OrderLine.objects.bulk_create(
            (
                OrderLine(order=order, product_id=product, quantity=quantity, total_fen=total)
                for order in orders
                for product, (quantity, total) in _merged(baskets[order.external_no][2]).items()
            ),
            batch_size=1000,
        )
        Event.objects.bulk_create(
            [
                Event(
                    occurred_at=order.placed_at,
                    name="order.placed",
                    host_id=order.host_id,
                    relation_id=order.relation_id,
                    subject_kind="order",
                    subject_id=order.pk,
                    props={"total_fen": order.total_fen, "quantity": sum(q for _, q, _ in lines)},
                )
                for order in orders
                for lines in [baskets[order.external_no][2]]
            ],
            batch_size=1000,
        )
    took = time.perf_counter() - begin
    connection.close()
    return took


def _merged(lines: list[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """One line for each product: some unknown ones share the stand-in here."""
    merged: dict[int, tuple[int, int]] = {}
    for product, quantity, total in lines:
        had = merged.get(product, (0, 0))
        merged[product] = (had[0] + quantity, had[1] + total)
    return merged
