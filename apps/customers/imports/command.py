"""What the import commands have in common: options, progress, and the words at the end."""

import os
from abc import abstractmethod
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from apps.accounts.models import Organisation
from apps.customers.imports.hosts import organisation_named
from apps.customers.imports.importer import Import
from apps.customers.imports.runs import ImportBusyError, ImportPausedError, Outcome, run_import
from apps.files.tables import Table, UnreadableError, open_table


class RichProgress:
    """A bar for each phase, with the count of rows; silent where there is no terminal."""

    def __init__(self) -> None:
        self._bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._task: Any = None

    def __enter__(self) -> "RichProgress":
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    def phase(self, name: str, total: int | None) -> None:
        if self._task is not None:
            task = self._bar.tasks[-1]
            self._bar.update(self._task, total=task.total or 1, completed=task.total or 1)
        self._task = self._bar.add_task(name, total=total, rows="")

    def advance(self, done: float, rows: int) -> None:
        task = self._bar.tasks[-1]
        if task.total is None and done:
            self._bar.update(self._task, total=100)
        share = done if task.total and task.total != 100 else round(done * 100)
        self._bar.update(self._task, completed=share, rows=f"{rows:,} 行")


class ImportCommand(BaseCommand):
    """`manage.py import_… FILE`. The process ends with 1 when nothing or not everything was applied."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV（UTF-8、带 BOM、GBK、UTF-16）或 XLSX")
        parser.add_argument(
            "--source", default="import", help="来源店铺的代号，编号在它之内不重复（默认 import）"
        )
        parser.add_argument("--dry-run", action="store_true", help="只检查，什么也不写")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="列=文件里的列名",
            help="文件里的列换了叫法时指明，可写多次",
        )
        parser.add_argument(
            "--workers",
            type=int,
            default=min(2, os.cpu_count() or 1),
            help="同时写入的连接数（默认 2，单核机器 1）",
        )

    def add_host_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--make-hosts",
            metavar="组织",
            default="",
            help="文件里没见过的门店，在这个组织（编号或名称）下各建一位导购",
        )

    @abstractmethod
    def job(self, table: Table, *, now: datetime, renamed: dict[str, str], options: dict[str, Any]) -> Import:
        """The import that these options ask for."""

    def hosts_under(self, options: dict[str, Any]) -> Organisation | None:
        return organisation_named(options["make_hosts"]) if options["make_hosts"] else None

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = open_table(options["file"])
            job = self.job(table, now=timezone.now(), renamed=_renamed(options["map"]), options=options)
            with RichProgress() as progress:
                outcome = run_import(
                    job, workers=max(1, options["workers"]), progress=progress, dry_run=options["dry_run"]
                )
        except UnreadableError as error:
            raise CommandError(f"没有导入：{error}") from None
        except ImportBusyError:
            raise CommandError("没有导入：另一个同类的导入正在进行，请等它做完。") from None
        except ImportPausedError as error:
            raise CommandError(f"停在半路：{error}") from error
        except KeyboardInterrupt:
            raise CommandError("停下了。已写入的留着，用同一个文件再执行一次就会接着做。") from None
        self._tell(outcome, dry_run=options["dry_run"])

    def _tell(self, outcome: Outcome, *, dry_run: bool) -> None:
        run = outcome.run
        if dry_run:
            self.stdout.write(
                f"检查完了，什么也没写：共 {run.rows_in:,} 行，{run.rows_in - run.rejected:,} 行可以导入，"
                f"{run.rejected:,} 行有问题。"
            )
        else:
            self.stdout.write(
                f"{'接着上次的，' if outcome.resumed else ''}导入完成：共 {run.rows_in:,} 行"
                f" = 新增 {run.created:,} + 更新 {run.changed:,}"
                f" + 未变 {run.unchanged:,} + 退回 {run.rejected:,}。"
            )
        for note in outcome.notes:
            self.stdout.write(note)
        if outcome.rejected_file is not None:
            self.stdout.write(f"有问题的行和原因在 {outcome.rejected_file}，改好后可以直接导入它。")


def _renamed(pairs: list[str]) -> dict[str, str]:
    renamed = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip() or not text.strip():
            raise UnreadableError(f"--map 应写成 列=文件里的列名，现在是“{pair}”。")
        renamed[name.strip()] = text.strip()
    return renamed
