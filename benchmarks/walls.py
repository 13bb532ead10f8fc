"""What the second wall costs: a host's pages with it and without, and a phone found by its blind index.

Both servers read one database at the same time. The one without the wall stays the tables' owner, to whom
no policy applies here, and switches no roles. The database holds a retailer's year of other hosts besides.
"""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import ground
from benchmarks.pages import bring_in_the_year, make_hosts, session_of
from benchmarks.report import Verdict, median
from benchmarks.server import Client, server

ROUNDS = 80
LOOK_UPS = 2_000


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    bring_in_the_year(folder)
    _, host = make_hosts()
    _let_the_owner_through()
    return [*_pages(host), *_look_ups(host)]


def _let_the_owner_through() -> None:
    """Policies stay for the roles; the owner reads past them, as if there were none."""
    with ground.plain() as connection:
        tables = connection.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity").fetchall()
        for (table,) in tables:
            connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def _pages(host: Any) -> list[Verdict]:
    from apps.customers.models import Relation
    from apps.trade.models import Order

    relation, order = Relation.objects.filter(host=host).first(), Order.objects.filter(host=host).first()
    pages = {
        "今日": "/",
        "客户列表": "/customers/",
        "一位客户": f"/customers/{relation.public_id}/" if relation else "",
        "订单": "/me/orders/",
        "一张订单": f"/me/orders/{order.public_id}/" if order else "",
    }
    headers = {"Cookie": f"sessionid={session_of(host)}"}
    verdicts = []
    with server() as walled_port, server("benchmarks.unwalled:application") as bare_port:
        walled, bare = Client(walled_port, headers), Client(bare_port, headers)
        for name, path in pages.items():
            for _ in range(8):
                walled.ask("GET", path), bare.ask("GET", path)
            with_wall, without = [], []
            for _ in range(ROUNDS):  # in turns, so that both meet the same moments of the machine
                with_wall.append(walled.ask("GET", path)[0])
                without.append(bare.ask("GET", path)[0])
            verdicts.append(
                Verdict(
                    f"{name}，两道墙对没有行级隔离",
                    median(with_wall) / median(without),
                    1.2,
                    True,
                    f"中位 {median(with_wall) * 1e3:.1f} 对 {median(without) * 1e3:.1f} 毫秒",
                )
            )
    return verdicts


def _look_ups(host: Any) -> list[Verdict]:
    """One of her 2,000 phones: sealed and behind a policy, beside plain text in a bare table."""
    from django.db import connection, transaction

    from apps.customers import services as customers
    from apps.database import db_role

    phones = [f"+861992000{number:04d}" for number in range(2_000)]
    with db_role.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bare (id bigint PRIMARY KEY, host_id bigint, phone text, UNIQUE (host_id, phone))"
        )
        cursor.execute("INSERT INTO bare SELECT id, host_id, '+86' || id FROM customers_relation")
        cursor.execute(
            "INSERT INTO bare SELECT -n, %s, phone FROM unnest(%s::text[]) WITH ORDINALITY AS p (phone, n)",
            [host.pk, phones],
        )
        cursor.execute("GRANT SELECT ON bare TO app_host")
        cursor.execute("ANALYZE bare")

    def sealed(phone: str) -> tuple[str, list[Any]]:
        index = customers.phone_index(host.pk, phone)
        return "SELECT id FROM customers_relation WHERE host_id = %s AND phone_index = %s", [host.pk, index]

    def plain(phone: str) -> tuple[str, list[Any]]:
        return "SELECT id FROM bare WHERE host_id = %s AND phone = %s", [host.pk, phone]

    times: dict[str, list[float]] = {"sealed": [], "plain": []}
    ways: dict[str, Callable[[str], tuple[str, list[Any]]]] = {"sealed": sealed, "plain": plain}
    with transaction.atomic(), db_role.acting_as(host.pk), connection.cursor() as cursor:
        for number in range(LOOK_UPS):
            for name, way in ways.items():
                began = perf_counter()
                statement, values = way(phones[number % len(phones)])
                cursor.execute(statement, values)
                found = cursor.fetchall()
                times[name].append(perf_counter() - began)
                assert len(found) == 1, name
        cursor.execute("EXPLAIN " + sealed(phones[0])[0], sealed(phones[0])[1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("EXPLAIN SELECT count(*) FROM customers_relation")
        all_of_hers = "\n".join(row[0] for row in cursor.fetchall())
    return [
        Verdict(
            "按手机号找客户（密文加索引）对明文索引",
            median(times["sealed"]) / median(times["plain"]),
            3,
            True,
            f"中位 {median(times['sealed']) * 1e6:.0f} 对 {median(times['plain']) * 1e6:.0f} 微秒",
        ),
        Verdict(
            "策略里的顺序扫描",
            float(plan.count("Seq Scan") + all_of_hers.count("Seq Scan")),
            0,
            True,
            "按手机号、按大C都走索引",
        ),
    ]
