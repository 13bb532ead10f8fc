from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from apps.customers.imports.command import ImportCommand
from apps.customers.imports.importer import Import
from apps.files.tables import Table
from apps.trade.imports.orders import OrderImport


class Command(ImportCommand):
    help = "从 CSV 或 XLSX 导入外部店铺的订单；再导一次不会重复，中断后接着做。列名见 docs/imports.md。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        self.add_host_arguments(parser)

    def job(self, table: Table, *, now: datetime, renamed: dict[str, str], options: dict[str, Any]) -> Import:
        return OrderImport(
            table,
            source=options["source"],
            now=now,
            renamed=renamed,
            make_hosts_under=self.hosts_under(options),
        )
