from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.outbox import invariants


class Command(BaseCommand):
    help = "检查数据是否自洽：每项一行；有一处不对就以 1 退出。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="只检查这几项（默认全部）")
        parser.add_argument("--full", action="store_true", help="平时抽查的也全部检查，要久一些")

    def handle(self, *args: Any, **options: Any) -> None:
        checks = invariants.checks(is_full=options["full"])
        if unknown := [name for name in options["names"] if name not in checks]:
            self.stderr.write(f"没有这项检查：{'、'.join(unknown)}。现有：{'、'.join(checks)}。")
            raise SystemExit(2)
        violations = 0
        for name, check in checks.items():
            if options["names"] and name not in options["names"]:
                continue
            found = check()
            violations += len(found)
            self.stdout.write(f"{name}: " + ("好" if not found else f"{len(found)} 处不对"))
            for sentence in found:
                self.stdout.write(f"  {sentence}")
        if violations:
            raise SystemExit(1)
