"""`manage.py replay_erasures`: after a backup was restored, erase again who had asked for it since."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.privacy.services import replaying


class Command(BaseCommand):
    help = "恢复备份后运行：把备份之后要求删除的人重新删掉。随时可以再跑一遍。"

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"重新删除了 {replaying.replay(now=timezone.now())} 位客户的资料。")
