"""Write docs/metrics.md anew."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.insights.metrics.page import text


class Command(BaseCommand):
    help = "Write docs/metrics.md from the definitions of the numbers."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.ROOT / "docs/metrics.md").write_text(text())
