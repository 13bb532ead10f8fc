from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from apps.accounts.models import Host, User
from apps.customers.imports.command import ImportCommand
from apps.customers.imports.hosts import find_hosts
from apps.customers.imports.importer import Import
from apps.customers.imports.relations import BringBack, CustomerImport
from apps.files.tables import Table, UnreadableError
from apps.records.services.access_log import ReasonError, sound_reason


class Command(ImportCommand):
    help = "从 CSV 或 XLSX 导入客户；同一个文件再导一次不会重复，中断后接着做。列名见 docs/imports.md。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        self.add_host_arguments(parser)
        parser.add_argument(
            "--bring-back", default="", metavar="原因", help="文件里要求删除过资料的客户，为什么又能收进来"
        )
        parser.add_argument("--by", default="", metavar="账号", help="--bring-back 是谁决定的（总部账号）")
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
            bring_back=_bring_back(options["bring_back"], options["by"]),
        )


def _bring_back(reason: str, by: str) -> BringBack | None:
    """Who decided that erased people come back, and why; None when nobody did. UnreadableError."""
    if not reason and not by:
        return None
    try:
        sound = sound_reason(reason)
    except ReasonError as error:
        raise UnreadableError(f"--bring-back：{error}") from None
    user = User.objects.filter(username=by, is_active=True).first()
    if user is None or not user.has_perm("privacy.change_rightsrequest"):
        raise UnreadableError("--by：要写一位能办理资料请求的总部同事的账号。")
    return BringBack(sound, user)
