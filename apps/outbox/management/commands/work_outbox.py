import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.outbox.models import Lane
from apps.outbox.services import deliveries, inbox, jobs


class Command(BaseCommand):
    help = "把到时的入站、出站和后台任务都做掉，然后结束（没有 Celery 时，或想立刻看到结果时用）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seconds", type=float, default=60, help="最多做多久")

    def handle(self, *args: Any, **options: Any) -> None:
        until = time.monotonic() + options["seconds"]
        handled = sent = run = 0
        while (left := until - time.monotonic()) > 0:
            now_handled = sum(inbox.drain(lane, seconds=left) for lane in Lane.values)
            now_sent = sum(deliveries.drain(lane, seconds=left) for lane in Lane.values)
            now_run = jobs.drain(seconds=left)
            if not now_handled + now_sent + now_run:
                break
            handled, sent, run = handled + now_handled, sent + now_sent, run + now_run
        self.stdout.write(f"处理了 {handled} 条入站事件，发了 {sent} 次请求，运行了 {run} 个任务。")
