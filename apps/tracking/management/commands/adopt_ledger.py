from typing import Any

from django.core.management.base import BaseCommand

from apps.tracking import services


class Command(BaseCommand):
    help = "把备份恢复到另一台数据库之后运行一次：接上账本的事务编号，并让所有统计从头重算。"

    def handle(self, *args: Any, **options: Any) -> None:
        ahead = services.adopt_ledger()
        self.stdout.write(f"账本已接上（编号前移 {ahead}）。统计会在后台重算；马上重算：manage.py project")
