"""`manage.py rotate_field_key [--indexes]`: bring what is stored to the newest keys (services/keys.py)."""

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.privacy.services import keys


class Command(BaseCommand):
    help = "把加密的资料换到 FIELD_KEY 里的第一把密钥；--indexes 把查找用的索引换到 INDEX_KEY。"
    # It mends what the check about the index key refuses.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--indexes", action="store_true", help="换索引的密钥；先停下平台")
        parser.add_argument("--batch", type=int, default=keys.BATCH, help="一次换多少行")

    def handle(self, **options: Any) -> None:
        now, batch = timezone.now(), options["batch"]
        steps = keys.rotate_indexes if options["indexes"] else keys.rotate_fields
        counts: Counter[str] = Counter()
        for table, count in steps(now=now, batch=batch):
            counts[table] += count
            if count:
                self.stdout.write(f"{table}: {counts[table]}")
        self.stdout.write(f"换了 {sum(counts.values())} 行。")
        if options["indexes"]:
            return
        if left := keys.under_old_keys():
            said = "、".join(f"{table} {count} 行" for table, count in left.items())
            self.stderr.write(
                f"还有旧密钥加密的：{said}。请确认所有进程都已用新的 FIELD_KEY 重启，再运行一次。"
            )
            sys.exit(1)
        self.stdout.write("没有旧密钥加密的资料了。一天后（导出的文件过期以后）可以去掉旧密钥。")
