"""`manage.py verify_access_log`: walk the chain over the access log; 1 when a row is not as it was sealed."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from apps.records.models import AccessSeal
from apps.records.services import seals


class Command(BaseCommand):
    help = "核对查看记录的封条，指出被改过、被删掉的行。"

    def handle(self, **options: Any) -> None:
        found = list(seals.problems(now=timezone.now(), kept=settings.RETENTION["access"]))
        for sentence in found:
            self.stderr.write(sentence)
        last = AccessSeal.objects.order_by("-position").first()
        if found:
            sys.exit(1)
        if last is None:
            self.stdout.write("还没有封存过查看记录。")
        else:
            self.stdout.write(
                f"{last.position} 行查看记录都和封存时一样，最后一号 {bytes(last.sha256).hex()}"
            )
