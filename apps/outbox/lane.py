"""The lane: one process that does at once what must not wait, each kind of work in a thread of its own.

A welcome wakes it by NOTIFY; what may wait half a second is looked for instead, since PostgreSQL lets commits
that notify pass one by one. Two lanes do no harm: rows are leased, projections locked.
"""

import logging
import threading
import time
from functools import partial

from django.db import Error, close_old_connections, connection
from django.db.models import Q
from django.db.models.functions import Now

from apps.outbox import doorbell, registry
from apps.outbox.models import Delivery, DeliveryCall, Job, Lane
from apps.outbox.registry import LaneWork, Stop
from apps.outbox.services import deliveries, heartbeats, inbox, jobs
from apps.outbox.services.calls import LEASES

logger = logging.getLogger(__name__)

#: How long after a fault of the database, or of our own, we look again.
_PAUSE_S = 1.0
_BEAT_S = 10.0


class LaneProcess:
    """`run()` works until `stop()`; whatever a thread is at, it finishes."""

    def __init__(self, works: list[LaneWork]) -> None:
        self._works = works
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        threads = [
            threading.Thread(target=self._keep_at, args=[work], name=work.name) for work in self._works
        ]
        for thread in threads:
            thread.start()
        # Short waits: a signal is heard by this thread, between two of them.
        while not self._stopping.wait(0.2):
            pass
        for thread in threads:
            thread.join()

    def _keep_at(self, work: LaneWork) -> None:
        beat = _Heart(work.name)
        ear = _Ear(work)
        while not self._stopping.is_set():
            try:
                beat.beat()
                ear.open()
                work.run(self._stopping.is_set)
                ear.wait(self._stopping)
            except Error as error:
                # The database is away: rows are safe there, so wait for it.
                logger.warning("lane %s waits for the database: %s", work.name, type(error).__name__)
                close_old_connections()
                self._stopping.wait(_PAUSE_S)
            except Exception:
                logger.exception("lane %s broke", work.name)
                self._stopping.wait(_PAUSE_S)
        connection.close()


class _Heart:
    def __init__(self, name: str) -> None:
        self._name, self._beaten = name, 0.0

    def beat(self) -> None:
        if time.monotonic() - self._beaten > _BEAT_S:
            heartbeats.beat(self._name)
            self._beaten = time.monotonic()


class _Ear:
    """Hears the notices of one work, on the connection of its thread."""

    def __init__(self, work: LaneWork) -> None:
        self._work = work
        self._listening: object = None

    def open(self) -> None:
        """Before looking for work, or what is committed in between would be heard by nobody."""
        if not self._work.is_notified or self._listening is connection.connection is not None:
            return
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {doorbell.channel_of(self._work.name)}")
        self._listening = connection.connection

    def wait(self, stopping: threading.Event) -> None:
        """Until a notice comes, the time is up, or the end is near."""
        if stopping.is_set():
            return
        if not self._work.is_notified or connection.connection is None:
            stopping.wait(self._work.look_every_s)
            return
        for _ in connection.connection.notifies(timeout=self._work.look_every_s, stop_after=1):
            pass


# --- what the outbox itself has done there ------------------------------------------------------------------


def carry_welcomes(stop: Stop) -> None:
    """A row at a time: a welcome that it queues goes out before the next row is read."""
    taken = True
    while taken and not stop():
        deliveries.drain(Lane.WELCOME, stop=stop)
        if row := inbox.take(Lane.WELCOME):
            inbox.handle(*row)
        taken = row is not None
    deliveries.drain(Lane.WELCOME, stop=stop)


def ring_for_what_is_due(stop: Stop) -> None:
    """Wake a worker for what came due by the clock, was put off, or was left by a dead worker."""
    kinds = [sender.kind for sender in registry.senders() if not sender.is_paused()]
    for lane, task in ((Lane.NORMAL, doorbell.SEND_NORMAL), (Lane.BULK, doorbell.SEND_BULK)):
        new = Q(state=Delivery.State.NEW, call=None) & (Q(not_before__lte=Now()) | Q(deadline_at__lte=Now()))
        rows = Delivery.objects.filter(new, lane=lane, kind__in=kinds)
        calls = DeliveryCall.objects.filter(LEASES.due(), lane=lane, kind__in=kinds)
        if rows.exists() or calls.exists():
            doorbell.ring(task)
    if Job.objects.filter(jobs.LEASES.due()).exists():
        doorbell.ring(doorbell.RUN_JOBS)


WORKS = (
    # Its codes live 20 seconds, too short to queue behind other work.
    LaneWork("welcome", carry_welcomes),
    LaneWork("inbox", partial(inbox.drain, Lane.NORMAL), look_every_s=0.5, is_notified=False),
    LaneWork("due", ring_for_what_is_due, look_every_s=2, is_notified=False),
)


def works() -> list[LaneWork]:
    return registry.lane_works()
