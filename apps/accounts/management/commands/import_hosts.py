"""`manage.py import_hosts FILE`: hosts by the file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts import access
from apps.accounts.imports.hosts import import_hosts
from apps.files.tables import UnreadableError


class Command(BaseCommand):
    help = "从文件批量新增、更新大C。同一个文件再导一次什么也不变。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV（UTF-8、带 BOM、GBK、UTF-16）或 XLSX")
        parser.add_argument("--dry-run", action="store_true", help="只检查，什么也不写")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            outcome = import_hosts(
                path,
                nodes=access.places(),
                by=None,
                now=timezone.now(),
                dry_run=options["dry_run"],
            )
        except UnreadableError as error:
            raise CommandError(f"没有导入：{error}") from None
        begin = "检查完了，什么也没写" if options["dry_run"] else "导入完成"
        self.stdout.write(
            f"{begin}：共 {outcome.rows_in} 行 = 新增 {outcome.created} + 更新 {outcome.changed}"
            f" + 未变 {outcome.unchanged} + 退回 {len(outcome.rejected)}。"
        )
        if outcome.rejected:
            beside = path.with_name(f"{path.name}.rejected.csv")
            beside.write_text(outcome.rejected_csv(), encoding="utf-8-sig")
            self.stdout.write(f"有问题的行和原因在 {beside}，改好后可以直接导入它。")
