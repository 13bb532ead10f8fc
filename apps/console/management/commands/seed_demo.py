"""Fill an empty database with the believable brand 禾里: people, products, fortnights, 90 days of life."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from apps.console.demo.build import AlreadyInhabitedError, build, project


class Command(BaseCommand):
    help = "在空数据库里造一份演示数据（开发环境专用）"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED:
            raise CommandError("生产环境不造演示数据：演示账号的密码是公开的。")
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console()) as bar:
            tasks: dict[str, TaskID] = {}

            def show(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done, total=total)

            try:
                made = build(now=timezone.now(), progress=show)
            except AlreadyInhabitedError:
                raise CommandError("数据库里已经有大C了，演示数据只往空库里造。") from None
            is_told = project(progress=show)
        self.stdout.write(
            f"演示数据好了：{made.hosts} 位大C，{made.customers:,} 位客户，{made.products} 个商品，"
            f"{made.issues} 期内容，{made.orders:,} 张订单。"
        )
        if not is_told:
            self.stdout.write("统计还没有算完，后台会接着算，过一两分钟页面上的数字就齐了。")
