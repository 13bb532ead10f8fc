from typing import Any

from django.core.management.base import BaseCommand

from apps.console import catalogue


class Command(BaseCommand):
    help = "把 apps/console/locale 里的中文词条编译成 .mo"

    def handle(self, *args: Any, **options: Any) -> None:
        for target in catalogue.build():
            self.stdout.write(f"已编译 {target.name}")
