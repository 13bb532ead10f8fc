"""The process that carries welcomes: their codes live 20 seconds, too short to queue behind other work."""

import logging
import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connection

from apps.outbox import doorbell
from apps.outbox.models import Lane
from apps.outbox.services import deliveries, heartbeats, inbox

logger = logging.getLogger(__name__)

_POLL_S = 1.0
_BEAT_S = 10.0


class Command(BaseCommand):
    help = "欢迎语专用进程：收到新客户事件，立刻处理并发欢迎语。用 SIGTERM 或 Ctrl-C 结束。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        beaten = 0.0
        while not self.stopping:
            try:
                if time.monotonic() - beaten > _BEAT_S:
                    heartbeats.beat(heartbeats.WELCOME_LANE)
                    beaten = time.monotonic()
                self._work()
                self._wait_for_notice()
            except Error as error:
                # The database is away: rows are safe there, so wait for it.
                logger.warning("welcome lane waits for the database: %s", type(error).__name__)
                close_old_connections()
                time.sleep(_POLL_S)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _work(self) -> None:
        def stop() -> bool:
            return self.stopping

        looked = 1
        while looked and not self.stopping:
            deliveries.drain(Lane.WELCOME, stop=stop)
            # A row at a time: a welcome that it queues goes out before the next row is read.
            taken = inbox.take(Lane.WELCOME)
            looked = taken is not None
            if taken is not None:
                inbox.handle(*taken)
        deliveries.drain(Lane.WELCOME, stop=stop)

    def _wait_for_notice(self) -> None:
        """Sleep until a row is committed, a second at most: a lost notice costs that second."""
        if self.stopping:
            return
        with connection.cursor() as cursor:
            # Once per connection; repeating it is free, and a new connection needs it.
            cursor.execute(f"LISTEN {doorbell.WELCOME_CHANNEL}")
        assert connection.connection is not None
        for _ in connection.connection.notifies(timeout=_POLL_S, stop_after=1):
            pass
