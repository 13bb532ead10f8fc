"""Workers are killed with -9 at random moments while WeCom misbehaves: nothing is lost, nothing doubled.

The kills are seeded; where they fall depends on the machine, so every run tries other moments.
"""

import os
import random
import select
import signal
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import Host
from apps.customers.models import Relation
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Lane
from apps.outbox.services import deliveries, inbox
from apps.tracking.models import Event
from apps.wecom.services.messages import queue_app_message
from tests import scale
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox

HOSTS = scale.of(8, 20)
MESSAGES_EACH = scale.of(2, 3)
CUSTOMERS = scale.of(5, 10)
#: Far more than it takes, even on a busy machine.
LONGEST_S = 400


class Worker:
    """A worker in a process of its own, without Celery around it. It tells of each row that it turns to."""

    def __init__(self) -> None:
        # No connection is open that it could share with us.
        connections.close_all()
        self.told, tell = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(tell)
            return
        try:
            self.work_for_ever(tell)
        finally:
            os._exit(1)

    def work_for_ever(self, tell: int) -> None:
        while True:
            for lane in Lane.values:
                if arrived := inbox.take(lane):
                    os.write(tell, b".")
                    inbox.handle(*arrived)
                if leaving := deliveries.take(lane):
                    os.write(tell, b".")
                    deliveries.settle(leaving, *deliveries.perform(leaving))

    def kill_after(self, rows: int, *, part_of_a_row: float, patience: float = 1) -> None:
        """Let it turn to some rows, and kill it somewhere in the middle of the next one.

        It is killed too when it turns to none for `patience` seconds.
        """
        began, ticks = time.monotonic(), 0
        while ticks < rows and select.select([self.told], [], [], patience)[0]:
            ticks += len(os.read(self.told, 1))
        time.sleep((time.monotonic() - began) / rows * part_of_a_row)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.told)


def let_leases_end() -> None:
    """As if their time had passed: their holder is dead, and the test need not wait."""
    DeliveryCall.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))
    DeliveryCall.objects.filter(state="waiting").update(not_before=Now())
    Inbox.objects.filter(state="leased").update(lease_until=Now() - timedelta(seconds=1))
    Inbox.objects.filter(state="new").update(not_before=Now())
    Delivery.objects.filter(state="new").update(not_before=Now())


def open_rows() -> int:
    return (
        Delivery.objects.filter(state__in=Delivery.OPEN).count()
        + Inbox.objects.filter(state__in=["new", "leased"]).count()
    )


def kill_until_done(rng: random.Random) -> int:
    """Work, killing one worker after the other, until no row is open; how many were killed."""
    began, kills = time.monotonic(), 0
    while left := open_rows():
        assert time.monotonic() - began < LONGEST_S, f"{left} rows are still open"
        # On a busy machine a call of a thousand takes its time; who is always killed before never ends.
        patience = 1 + (time.monotonic() - began) / 20
        Worker().kill_after(rng.randrange(1, 6), part_of_a_row=rng.random(), patience=patience)
        let_leases_end()
        kills += 1
    return kills


def faults(wecom: Sandbox) -> None:
    for path in ("message/send", "externalcontact/send_welcome_msg", "externalcontact/get"):
        for kind in ("lost", "reset", "truncated", "html"):
            wecom.fail_next(path, kind=kind, times=3)
        wecom.fail_next(path, errcode=-1, times=5)
        wecom.fail_next(path, errcode=45033, times=3)
    wecom.expire_tokens()


@pytest.fixture
def world(listening: Sandbox) -> list[Host]:
    names = [f"host{number}" for number in range(HOSTS)]
    listening.add_members([{"userid": name, "name": name} for name in names])
    # Welcome codes that live as long as this test may take: it is about kills, not about haste.
    listening.settings(parallel_limit=50, welcome_seconds=2 * LONGEST_S)
    listening.advance(LONGEST_S)
    return [a_host(name, quiet_from="00:00", quiet_to="00:00") for name in names]


def test_kills_lose_nothing_and_double_nothing(
    listening: Sandbox, world: list[Host], capsys: pytest.CaptureFixture[str]
) -> None:
    intended = Counter[tuple[str, str]]()
    for host in world:
        for number in range(MESSAGES_EACH):
            words = f"给 {host.name} 的第 {number} 条"
            queue_app_message([host.pk], key_prefix=f"n{number}", text=words, now=timezone.now())
            intended[(host.name, words)] += 1
    everybody = queue_app_message(
        Host.objects.active(), key_prefix="issue:1", text="新一期来了", now=timezone.now()
    )
    intended.update({(host.name, "新一期来了"): 1 for host in world})
    assert everybody == HOSTS
    for number in range(CUSTOMERS):
        listening.customer_adds(world[number % HOSTS].name, name=f"客户{number}")
    assert listening.settle(30)
    faults(listening)

    kills = kill_until_done(random.Random(scale.SEED))

    got = Counter(
        (line["userid"], line["content"]["content"])
        for host in world
        for line in listening.messages_to(host.name)
    )
    assert got == intended
    counts = listening.counts()
    assert (counts["doubles"], counts["messages_dropped"]) == (0, 0)
    states = Counter(Delivery.objects.values_list("kind", "state"))
    assert states[("app-message", "sent")] == sum(intended.values())
    welcomes: dict[str, int] = {state: n for (kind, state), n in states.items() if kind == "wecom.welcome"}
    assert welcomes == {"sent": CUSTOMERS}
    assert counts["welcomes_sent"] == CUSTOMERS
    assert Relation.objects.current().count() == CUSTOMERS
    assert Event.objects.filter(name="customer.joined").count() == CUSTOMERS
    assert set(Inbox.objects.values_list("state", flat=True)) == {"done"}
    call_command("verify_invariants", "outbox")
    with capsys.disabled():
        crashes = sum(DeliveryCall.objects.values_list("crashes", flat=True))
        swallowed = counts["duplicates_swallowed"]
        print(
            f"\n{kills} kills, {crashes} in the middle of a call, {swallowed} repeats swallowed, {welcomes}"
        )


def test_a_worker_that_dies_after_the_call_leads_to_a_swallowed_repeat(
    listening: Sandbox, world: list[Host], pass_time: Any
) -> None:
    queue_app_message([world[0].pk], key_prefix="k", text="只有一次", now=timezone.now())
    attempt = deliveries.take(Lane.BULK)
    assert attempt is not None
    deliveries.perform(attempt)  # and it dies before it could write down how that went

    pass_time(minutes=1)
    deliveries.drain(Lane.BULK)

    assert len(listening.messages_to(world[0].name)) == 1
    assert listening.counts()["duplicates_swallowed"] == 1
    assert Delivery.objects.get().state == "sent"
    connection.close()
