"""The real processes: Celery's worker on the database's own broker, and the lane."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from kombu.transport.sqlalchemy import Channel

from apps.insights.models import HostDay
from apps.outbox.models import Delivery, Heartbeat
from apps.profiles.models import Facts
from apps.wecom.services.messages import queue_app_message
from config import database
from tests.committed import database_url
from tests.factories import a_sku
from tests.happenings import buy
from tests.outbox.people import a_host
from tests.sandbox_fixture import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def soon(what: Callable[[], Any], seconds: float = 180) -> Any:
    """Ask until the answer is true; the answer."""
    until = time.monotonic() + seconds
    while not (answer := what()) and time.monotonic() < until:
        time.sleep(0.05)
    return answer


@pytest.fixture
def start(listening: Sandbox) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start a process of the product against this test's database and WeCom."""
    running: list[subprocess.Popen[bytes]] = []

    def started(*command: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            **listening.environment(),
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        }
        running.append(subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture
def doorbell(settings: Any) -> Iterator[None]:
    """Ring in earnest, at the test database's broker."""
    settings.DOORBELL = True
    before = current_app.conf.broker_url
    current_app.conf.broker_url = database.broker_url(database_url())
    yield
    current_app.conf.broker_url = before
    current_app.pool.force_close_all()
    for engine, _ in Channel._engines.values():
        # Or the test database could not be dropped.
        engine.dispose()


# kombu's models speak an older SQLAlchemy.
@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
def test_a_ring_wakes_the_worker_at_once(
    listening: Sandbox, doorbell: None, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    worker = start("-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "warning")
    listening.add_member("lin")
    host = a_host("lin", quiet_from="00:00", quiet_to="00:00")
    queue_app_message([host.pk], key_prefix="k", text="叮咚", now=timezone.now())

    # No lane rings again here: without the ring it would stay where it is.
    assert soon(lambda: listening.messages_to("lin"))
    assert soon(lambda: Delivery.objects.get().state == "sent")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(120) == 0


def test_what_happens_is_in_profile_and_numbers_with_nobody_asking(
    listening: Sandbox, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    start("manage.py", "lane")
    host, sku, now = a_host("lin"), a_sku(), timezone.now()
    relation = buy(host, sku, at=now).relation
    buy(host, sku, at=now)

    assert soon(lambda: Facts.objects.get(pk=relation.pk).orders_count == 2)
    assert soon(lambda: HostDay.objects.filter(host_id=host.pk, orders=2).exists())


def test_the_lane_is_woken_by_who_comes(
    listening: Sandbox, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    # A welcome code that lives as long as a busy machine may take.
    listening.settings(welcome_seconds=1_200)
    listening.advance(600)
    lane = start("manage.py", "lane")
    listening.add_member("lin")
    a_host("lin", name="林姐")
    assert soon(lambda: Heartbeat.objects.filter(process="welcome").exists())

    hers = listening.customer_adds("lin", name="小雨")["external_userid"]
    welcome = soon(lambda: listening.welcome_of(hers))

    assert welcome is not None
    assert "我是林姐" in welcome["text"]
    lane.send_signal(signal.SIGTERM)
    assert lane.wait(120) == 0
