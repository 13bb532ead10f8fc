"""A host's home and customer list, with 20 and 2,000 customers, beside an empty page of the same frame.

The database holds a retailer's year besides: 1.5 million order lines of other hosts.
"""

from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks import ground
from benchmarks.report import Verdict, median
from benchmarks.retail_files import write_files
from benchmarks.server import Client, server

ROUNDS = 60
PAGES = {"今日": "/", "客户": "/customers/"}


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    bring_in_the_year(folder)
    few, many = make_hosts()
    verdicts = []
    with server() as port:
        cookies = {
            size: {"Cookie": f"sessionid={session_of(host)}"} for size, host in ((20, few), (2_000, many))
        }
        for name, path in PAGES.items():
            queries = {}
            for size, headers in cookies.items():
                client = Client(port, headers)
                for _ in range(5):
                    client.ask("GET", path), client.ask("GET", "/bench/empty/")
                page, bare = [], []
                for _ in range(ROUNDS):  # in turns, so that both meet the same moments of the machine
                    took, answer = client.ask("GET", path)
                    page.append(took)
                    bare.append(client.ask("GET", "/bench/empty/")[0])
                queries[size] = int(answer["X-Queries"])
                verdicts.append(
                    Verdict(
                        f"{name}，{size:,} 位客户，对空页",
                        median(page) / median(bare),
                        2.5,
                        True,
                        f"中位 {median(page) * 1e3:.1f} 对 {median(bare) * 1e3:.1f} 毫秒",
                    )
                )
            verdicts.append(Verdict(f"{name} 的查询数", max(queries.values()), 12, True, f"{queries}"))
            verdicts.append(
                Verdict(
                    f"{name} 的查询数不随客户数变", max(queries.values()) - min(queries.values()), 0, True, ""
                )
            )
    return verdicts


def bring_in_the_year(folder: Path) -> None:
    from benchmarks.imports import import_orders, set_the_scene

    files = write_files(folder)
    set_the_scene(files)
    import_orders(files["orders"])


def make_hosts() -> list["object"]:
    from django.db import transaction
    from django.utils import timezone

    from apps.accounts import services as accounts
    from apps.accounts.models import Host, Organisation
    from apps.catalog.models import Category, Product, Sku
    from apps.customers.imports.bulk import NewRelation, add_relations
    from apps.tracking import reader
    from apps.trade.imports.bulk import NewLine, NewOrder, Step, add_orders
    from apps.trade.models import Order

    now, dice = timezone.now(), Random(7)
    hosts = []
    with transaction.atomic():
        root = Organisation.objects.filter(depth=1).first() or Organisation.add_root(
            name="总部", kind="company"
        )
        category, _ = Category.objects.get_or_create(name="对比")
        product = Product.objects.create(title="对比商品", category=category, status=Product.Status.ACTIVE)
        sku = Sku.objects.create(product=product, code="BENCH", retail_price_fen=5_900, stock=9)
        for size in (20, 2_000):
            host = accounts.create_host(
                username=f"bench{size}", name="林姐", kind=Host.Kind.OWNER, organisation=root, now=now
            )
            relations = add_relations(
                [
                    NewRelation(
                        host_id=host.pk,
                        joined_at=now - timedelta(days=dice.randint(0, 300)),
                        name=f"客户{number}",
                        phone=f"+86199{size:04d}{number:04d}",
                    )
                    for number in range(size)
                ],
                now=now,
            )
            orders = []
            for relation_id in relations:
                for _ in range(dice.randint(0, 4)):
                    placed_at = now - timedelta(hours=dice.randint(1, 2_000))
                    # As in life: what was placed days ago is done; the newest wait for her yes.
                    is_old = placed_at < now - timedelta(days=2)
                    done = Step(to_status=Order.Status.DONE, at=placed_at + timedelta(days=1))
                    line = NewLine(product_id=product.pk, sku_id=sku.pk, quantity=1, total_fen=5_900)
                    orders.append(
                        NewOrder(
                            host_id=host.pk,
                            relation_id=relation_id,
                            placed_at=placed_at,
                            lines=[line],
                            steps=[done] if is_old else [],
                        )
                    )
            add_orders(orders)
            hosts.append(host)
    for projection in reader.projections():
        reader.catch_up(projection)
    with ground.plain() as connection:
        connection.execute("VACUUM ANALYZE")
    return hosts  # type: ignore[return-value]


def session_of(host: object) -> str:
    from django.test import Client as DjangoClient

    client = DjangoClient()
    client.force_login(host.user)  # type: ignore[attr-defined]
    return str(client.cookies["sessionid"].value)
