from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.wecom.errors import WecomError
from apps.wecom.services import sync


class Command(BaseCommand):
    help = "按企业微信的现状核对客户关系：补上漏掉的，结束已不在的。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="只比较，不改；有差别就以 1 退出")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = sync.reconcile(now=timezone.now(), mend=not options["check"])
        except WecomError as error:
            raise CommandError(
                f"没能读完：{error.note}（{error.code or '没有回应'}），请稍后再试。"
            ) from None
        self.stdout.write(str(report))
        if options["check"] and (report.joined or report.ended):
            raise SystemExit(1)
