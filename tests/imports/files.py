"""Files for imports, and how to import them in a test."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.customers.imports.importer import Import
from apps.customers.imports.relations import CustomerImport
from apps.customers.imports.runs import Outcome, run_import
from apps.files.tables import open_table
from apps.lib.clock import SHANGHAI
from apps.trade.imports.orders import OrderImport
from apps.trade.imports.products import ProductImport

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=SHANGHAI)
ORDERS = "订单号,门店编号,客户编号,商品编号,数量,金额,下单时间\n"
CUSTOMERS = "门店编号,客户编号,姓名,手机号\n"


def written(folder: Path, text: str, *, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def orders(path: Path, *, workers: int = 1, dry_run: bool = False, **options: Any) -> Outcome:
    return _run(OrderImport, path, workers, dry_run, options)


def customers(path: Path, *, workers: int = 1, dry_run: bool = False, **options: Any) -> Outcome:
    return _run(CustomerImport, path, workers, dry_run, options)


def products(path: Path, *, workers: int = 1, dry_run: bool = False, **options: Any) -> Outcome:
    return _run(ProductImport, path, workers, dry_run, options)


def _run(kind: type[Import], path: Path, workers: int, dry_run: bool, options: dict[str, Any]) -> Outcome:
    options = {"source": "shop", "now": timezone.now(), **options}
    return run_import(kind(open_table(path), **options), workers=workers, dry_run=dry_run)


def counts(outcome: Outcome) -> tuple[int, int, int, int, int]:
    run = outcome.run
    return run.rows_in, run.created, run.changed, run.unchanged, run.rejected


def sent_back(outcome: Outcome) -> list[str]:
    """The lines of the rejected file, without its header."""
    assert outcome.rejected_file is not None
    return outcome.rejected_file.read_text(encoding="utf-8-sig").splitlines()[1:]
