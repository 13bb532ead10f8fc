"""The lane at rest: how long from an order's commit until it stands in profile and numbers."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from apps.accounts.models import Host, Organisation, User
from apps.catalog.models import Category, Product, Sku
from apps.insights.models import HostDay
from apps.outbox.models import Heartbeat
from apps.profiles.models import Facts
from apps.trade import services as trade
from apps.trade.pricing import Item, quote
from benchmarks import ground
from benchmarks.report import Verdict, median
from benchmarks.server import ROOT

ROUNDS = 20
_PATIENCE_S = 30


def run(folder: Path) -> list[Verdict]:
    ground.fresh()
    host, sku = _set_the_scene()
    with _lane():
        took = [_until_counted(host, sku, number) for number in range(1, ROUNDS + 1)]
    detail = f"{ROUNDS} 单：中位 {median(took):.2f} 秒，最久 {max(took):.2f} 秒"
    return [Verdict("下单提交后多少秒进画像和数字", max(took), 2, at_most=True, detail=detail)]


def _set_the_scene() -> tuple[Host, Sku]:
    now = timezone.now()
    company = Organisation.add_root(name="总部", kind="company")
    user = User.objects.create(username="lin", first_name="林姐")
    host = Host.objects.create(user=user, organisation=company, kind="owner", status="active", joined_at=now)
    category = Category.objects.create(name="水果")
    product = Product.objects.create(title="苹果", category=category, status="active", created_at=now)
    return host, Sku.objects.create(product=product, code="a", retail_price_fen=100, stock=1_000)


@contextmanager
def _lane() -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "manage.py", "lane"], cwd=ROOT, env=os.environ)
    try:
        _wait(lambda: Heartbeat.objects.filter(process="projections").exists())
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def _until_counted(host: Host, sku: Sku, number: int) -> float:
    placed = trade.place_order(
        quote(host, [Item(sku, 1)]), name="小雨", phone="13800008000", address="", now=timezone.now()
    )
    began = time.perf_counter()
    _wait(
        lambda: (
            Facts.objects.filter(pk=placed.order.relation_id, orders_count=number).exists()
            and HostDay.objects.filter(host_id=host.pk, orders=number).exists()
        )
    )
    return time.perf_counter() - began


def _wait(what: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not what():
        if time.monotonic() > until:
            raise RuntimeError("the lane does nothing")
        time.sleep(0.01)
