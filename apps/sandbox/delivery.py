"""The pump: takes due callbacks from their rows and posts them, with WeCom's patience and no more."""

from __future__ import annotations

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from xml.etree import ElementTree

from django.db import DatabaseError, close_old_connections, connections, transaction
from django.utils import timezone

from apps.sandbox import bell, envelope
from apps.sandbox.actors import handover
from apps.sandbox.crypto import CallbackCryptoError
from apps.sandbox.models import Callback, CallbackTry, ChatLine, Simulation

logger = logging.getLogger(__name__)

HANDS = 4
LEASE = timedelta(seconds=15)
IDLE_SECONDS = 0.5
# Only these may be answered with a message.
ANSWERABLE = {
    "text",
    "subscribe",
    "enter_agent",
    "LOCATION",
    "click",
    "view",
    "view_miniprogram",
    "scancode_waitmsg",
    "template_card_event",
    "template_card_menu_event",
}


class Pump:
    """A thread that watches the rows, and hands that post. The rows are the truth: it may die any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._in_flight: set[int] = set()
        self._is_paused = False

    def start(self) -> None:
        """Run in this process; calling it again, also after a fork, does no harm."""
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._in_flight = set()
            self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="callback")
            threading.Thread(target=self._run, name="callback-pump", daemon=True).start()

    def quiesce(self, *, seconds: float = 6) -> None:
        """Stop taking rows and wait for those in hand."""
        self._is_paused = True
        bell.wait_for(lambda: not self._in_flight, seconds=seconds)

    def resume(self) -> None:
        self._is_paused = False

    def _run(self) -> None:
        while True:
            seen = bell.rings()
            try:
                taken = 0 if self._is_paused else self._take()
            except DatabaseError:
                logger.exception("callback pump: the database failed, trying again")
                close_old_connections()
                time.sleep(1)
                continue
            except RuntimeError:
                # The interpreter is going down and hires no more hands.
                return
            if not taken:
                bell.wait(IDLE_SECONDS, seen=seen)

    def _take(self) -> int:
        """Lease what is due and hand it out, oldest first."""
        close_old_connections()
        free = HANDS - len(self._in_flight)
        if free <= 0:
            return 0
        simulation = Simulation.load()
        now = simulation.now()
        with transaction.atomic():
            handover.finish_due(simulation, now)
            due = list(
                Callback.objects.select_for_update(skip_locked=True)
                .filter(state=Callback.State.PENDING, due_at__lte=now)
                .exclude(leased_until__gt=timezone.now())
                .order_by("due_at", "pk")
                .values_list("pk", flat=True)[:free]
            )
            Callback.objects.filter(pk__in=due).update(leased_until=timezone.now() + LEASE)
        for pk in due:
            self._in_flight.add(pk)
            self._hands.submit(self._deliver, pk)
        return len(due)

    def _deliver(self, pk: int) -> None:
        try:
            close_old_connections()
            deliver(pk)
        except Exception:
            logger.exception("callback %s could not be handled; its lease will run out", pk)
            connections.close_all()
        finally:
            self._in_flight.discard(pk)
            bell.ring()


pump = Pump()


def deliver(pk: int) -> None:
    """One try: post, note what came back, and decide whether there is another."""
    callback = Callback.objects.select_related("app", "member").filter(pk=pk).first()
    if callback is None or callback.state != Callback.State.PENDING:
        return
    simulation = Simulation.load()
    query, body = envelope.sealed_request(
        callback.app, callback.plaintext, timestamp=int(simulation.now().timestamp())
    )
    outcome = envelope.post(callback.app.callback_url, query, body, seconds=simulation.callback_timeout)
    now = simulation.now()
    error = outcome.error
    is_accepted = outcome.is_accepted
    if is_accepted and callback.is_answer_ignored and callback.tries == 0:
        is_accepted, error = False, "应答按设置当作丢失"
    with transaction.atomic():
        if not Callback.objects.filter(pk=pk).exists():
            return
        callback.tries += 1
        CallbackTry.objects.create(
            callback=callback,
            number=callback.tries,
            status=outcome.status,
            error=error,
            answer=outcome.body[:2000].decode(errors="replace").replace("\x00", ""),
            took_ms=outcome.took_ms,
            at=now,
        )
        callback.leased_until = None
        if is_accepted:
            callback.state = Callback.State.DELIVERED
            callback.finished_at = now
            take_reply(callback, outcome.body)
        elif callback.tries > len(simulation.retry_delays):
            callback.state = Callback.State.LOST
            callback.finished_at = now
        else:
            callback.due_at = now + timedelta(seconds=simulation.retry_delays[callback.tries - 1])
        callback.save()


def take_reply(callback: Callback, body: bytes) -> None:
    """Show a passive reply in the member's chat: once, however often the event was sent."""
    try:
        plaintext = envelope.open_reply(callback.app, body)
        if not plaintext:
            return
        msgtype, content = envelope.reply_content(plaintext)
    except (CallbackCryptoError, ElementTree.ParseError) as error:
        callback.reply_problem = str(error)[:200]
        return
    if callback.kind not in ANSWERABLE or callback.member is None:
        callback.reply_problem = "这类事件不接受回复"
        return
    callback.reply = plaintext
    # The event and its copy may be answered at the same moment: one after the other, please.
    first = Callback.objects.select_for_update().get(pk=callback.copy_of_id or callback.pk)
    if ChatLine.objects.filter(callback=first, speaker=ChatLine.Speaker.APP).exists():
        return
    ChatLine.objects.create(
        member=callback.member,
        app=callback.app,
        speaker=ChatLine.Speaker.APP,
        callback=first,
        msgtype=msgtype,
        content=content,
        at=callback.finished_at or callback.created_at,
    )
