"""Publishing an issue to 1,000 and to 10,000 hosts: what one host costs, from the button to the last answer.

Two parts: the publishing transaction (all delivery rows by one statement), and the sending by one worker to a
WeCom that answers at once. A host must not cost more when there are more of them.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.test.utils import override_settings
from django.utils import timezone

from apps.accounts.models import Host, Organisation, User
from apps.lib import clock
from apps.library import services
from apps.library.models import Issue, IssueEntry, Material
from apps.outbox.models import Delivery, Lane
from apps.outbox.services import deliveries
from benchmarks import ground
from benchmarks.report import Verdict, median, seconds

FEW, MANY = 1_000, 10_000
ROUNDS = 5


def run(folder: Path) -> list[Verdict]:
    writing: dict[int, list[float]] = {FEW: [], MANY: []}
    sending: dict[int, list[float]] = {FEW: [], MANY: []}
    for count in (FEW, MANY):
        ground.fresh()
        _set_the_scene(count)
        ground.keep(f"hosts_{count}")
    with _answering() as base, override_settings(WECOM_API_BASE=base):
        for number in range(ROUNDS + 1):
            for count in (FEW, MANY):
                ground.fresh(f"hosts_{count}")
                wrote, sent = _publish(count)
                if number:  # the first round warms caches and connections
                    writing[count].append(wrote)
                    sending[count].append(sent)
    return [
        _flat("写下消息（发布的事务）", writing),
        _flat("发出消息（一个进程）", sending),
        _flat(
            "从按下到发完",
            {
                count: [a + b for a, b in zip(writing[count], sending[count], strict=True)]
                for count in (FEW, MANY)
            },
        ),
    ]


def _flat(what: str, took: dict[int, list[float]]) -> Verdict:
    each = {count: median(times) / count for count, times in took.items()}
    return Verdict(
        f"每位大C的花费，{MANY:,} 位对 {FEW:,} 位：{what}",
        each[MANY] / each[FEW],
        1.3,
        at_most=True,
        detail=f"{FEW:,} 位 {seconds(took[FEW])}；{MANY:,} 位 {seconds(took[MANY])}",
    )


def _set_the_scene(count: int) -> None:
    company = Organisation.add_root(name="公司", kind=Organisation.Kind.COMPANY)
    now = timezone.now()
    users = User.objects.bulk_create((User(username=f"h{n}") for n in range(count)), batch_size=1_000)
    Host.objects.bulk_create(
        (
            Host(
                user=user,
                organisation=company,
                kind=Host.Kind.OWNER,
                status=Host.Status.ACTIVE,
                name=user.username,
                wecom_userid=user.username,
                joined_at=now,
                quiet_from="00:00",
                quiet_to="00:00",
            )
            for user in users
        ),
        batch_size=1_000,
    )
    material = Material.objects.create(kind="script", title="开场白", share_text="你好", live=True)
    monday = clock.monday_of(clock.day_of(now)) + timedelta(days=7)
    issue = Issue(number=1, theme="基准", starts_on=monday, owner=users[0], live=False)
    issue.entries = [IssueEntry(material=material, day=day) for day in range(1, 15)]
    issue.save()
    with ground.plain() as connection:
        connection.execute("VACUUM ANALYZE")


def _publish(count: int) -> tuple[float, float]:
    """Seconds for the transaction, and for sending all of it."""
    issue = Issue.objects.get()
    began = time.perf_counter()
    services.publish(issue, by=None)
    written = time.perf_counter()
    while Delivery.objects.filter(state__in=Delivery.OPEN).exists():
        deliveries.drain(Lane.BULK)
    sent = time.perf_counter()
    assert Delivery.objects.filter(state=Delivery.State.SENT).count() == count
    return written - began, sent - written


class _Answer(BaseHTTPRequestHandler):
    """A WeCom that says yes to everything."""

    protocol_version = "HTTP/1.1"

    def _say(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.dumps(
            {"errcode": 0, "errmsg": "ok", "access_token": "bench", "expires_in": 7200, "msgid": "1"}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _say  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def _answering() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
