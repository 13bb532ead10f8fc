from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from apps.accounts.models import Host
from apps.customers.imports.command import ImportCommand
from apps.customers.imports.hosts import find_hosts
from apps.customers.imports.importer import Import
from apps.customers.imports.relations import CustomerImport
from apps.files.tables import Table, UnreadableError


class Command(ImportCommand):
    help = "从 CSV 或 XLSX 导入客户；同一个文件再导一次不会重复，中断后接着做。列名见 docs/imports.md。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        self.add_host_arguments(parser)
        parser.add_argument("--host", default="", help="文件里没有门店编号一列时：这些是谁的客户（账号）")

    def job(self, table: Table, *, now: datetime, renamed: dict[str, str], options: dict[str, Any]) -> Import:
        host = None
        if options["host"]:
            found = find_hosts([options["host"]], source=options["source"])
            if not found:
                raise UnreadableError(f"没有账号是“{options['host']}”的大C。")
            host = Host.objects.get(pk=found[options["host"]])
        return CustomerImport(
            table,
            source=options["source"],
            now=now,
            renamed=renamed,
            host=host,
            make_hosts_under=self.hosts_under(options),
        )
