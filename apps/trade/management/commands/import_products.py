from datetime import datetime
from typing import Any

from apps.customers.imports.command import ImportCommand
from apps.customers.imports.importer import Import
from apps.files.tables import Table
from apps.trade.imports.products import ProductImport


class Command(ImportCommand):
    help = "从 CSV 或 XLSX 导入店铺的商品（先不上架），供订单引用。列名见 docs/imports.md。"

    def job(self, table: Table, *, now: datetime, renamed: dict[str, str], options: dict[str, Any]) -> Import:
        return ProductImport(table, source=options["source"], now=now, renamed=renamed)
