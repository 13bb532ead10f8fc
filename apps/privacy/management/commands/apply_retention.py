"""`manage.py apply_retention [--dry-run]`: end what has been kept long enough, or only say what would go."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.lib.clock import day_of
from apps.privacy.services import retention


class Command(BaseCommand):
    help = "清理到了保存期限的个人信息；每天自动运行。--dry-run 只报告，不动数据。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="只报告")

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        lines = retention.report(now=now) if options["dry_run"] else retention.end_what_is_due(now=now)
        word = "到期" if options["dry_run"] else "清理了"
        for line in lines:
            self.stdout.write(f"{line.label}（{day_of(line.before)} 以前）：{word} {line.amount}")
