"""Waking a worker or the lane after commit. A ring that is lost costs some seconds, never a message.

Rings are collected for a moment and published by a thread of this process, so that a request never waits for
the broker, and a burst of a thousand rows is one ring.
"""

import logging
import os
import threading
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import connection, transaction

logger = logging.getLogger(__name__)

# What can be rung for: the tasks of apps/outbox/tasks.py.
SEND_NORMAL = "apps.outbox.tasks.send_normal"
SEND_BULK = "apps.outbox.tasks.send_bulk"
RUN_JOBS = "apps.outbox.tasks.run_jobs"

_COLLECT_S = 0.1


class _Bell:
    def __init__(self) -> None:
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, task: str) -> None:
        if self._pid != os.getpid():
            # A forked child has our memory but not our thread.
            self._reset()
        with self._changed:
            self._wanted.add(task)
            if self._thread is None:
                self._thread = threading.Thread(target=self._publish_for_ever, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _publish_for_ever(self) -> None:
        pause = threading.Event()
        while True:
            with self._changed:
                while not self._wanted:
                    self._changed.wait()
            pause.wait(_COLLECT_S)
            with self._changed:
                wanted, self._wanted = self._wanted, set()
            for task in wanted:
                try:
                    current_app.send_task(task, retry=False, expires=60)
                except Exception as error:  # noqa: BLE001 - the lane rings again; the reason may hold an address
                    logger.warning("doorbell not heard: %s", type(error).__name__)


_bell = _Bell()


def ring(task: str) -> None:
    """Have a worker run `task` once this transaction has committed."""
    if getattr(settings, "DOORBELL", True):
        transaction.on_commit(partial(_bell.ring, task), robust=True)


def wake(work: str) -> None:
    """Wake one work of the lane. PostgreSQL sends the notice at commit and drops it at rollback."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel_of(work)])


def channel_of(work: str) -> str:
    """The channel on which the lane listens for this work."""
    return f"lane_{work}"
