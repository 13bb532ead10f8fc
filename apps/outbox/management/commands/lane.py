import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from apps.outbox import lane


class Command(BaseCommand):
    help = "即时通道：欢迎语、收到的事件、客户画像和数字，一提交就处理。用 SIGTERM 或 Ctrl-C 结束。"

    def handle(self, *args: Any, **options: Any) -> None:
        process = lane.LaneProcess(lane.works())

        def stop(number: int, frame: FrameType | None) -> None:
            process.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        process.run()
