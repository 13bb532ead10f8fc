"""Another side to send to, and rows that grow old without waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from apps.accounts.models import Host
from apps.outbox import registry
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Job
from apps.outbox.registry import Addressee, Built, Idempotency, Outgoing, Result, Sender, Verdict
from tests.outbox.people import a_host


@dataclass
class OtherSide:
    """Where the deliveries of kind `post` go: it keeps what it gets and answers what it was told."""

    got: list[Outgoing] = field(default_factory=list)
    answers: list[Result | Exception] = field(default_factory=list)
    unreachable: dict[int, str] = field(default_factory=dict)
    paused: bool = False

    def build(self, body: str, host_ids: list[int]) -> Built:
        if body == "broken":
            raise ValueError("no request can be made of this")
        reachable = [host_id for host_id in host_ids if host_id not in self.unreachable]
        return Built(
            f"{body} to {reachable}", {i: why for i, why in self.unreachable.items() if i in host_ids}
        )

    def send(self, outgoing: Outgoing) -> Result:
        self.got.append(outgoing)
        answer = self.answers.pop(0) if self.answers else Result(Verdict.SENT)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def other_side(monkeypatch: pytest.MonkeyPatch) -> OtherSide:
    side = OtherSide()
    sender = Sender(
        kind="post",
        addresses=Addressee.HOST,
        idempotency=Idempotency.DEDUPLICATED,
        build=side.build,
        send=side.send,
        lease=timedelta(seconds=30),
        group=3,
        swallows_for=timedelta(hours=1),
        pace=((timedelta(minutes=1), 5), (timedelta(hours=1), 7)),
        is_paused=lambda: side.paused,
    )
    one_shot = replace(
        sender, kind="one-shot", idempotency=Idempotency.ONE_SHOT, group=1, swallows_for=None, pace=()
    )
    monkeypatch.setitem(registry._senders, "post", sender)
    monkeypatch.setitem(registry._senders, "one-shot", one_shot)
    return side


_TIMES = {
    Delivery: ("not_before", "deadline_at", "attempted_at", "created_at"),
    DeliveryCall: (
        "not_before",
        "deadline_at",
        "attempted_at",
        "unknown_since",
        "lease_until",
        "created_at",
    ),
    Inbox: ("received_at", "not_before", "lease_until", "finished_at"),
    Job: ("created_at", "not_before", "lease_until", "finished_at"),
}


@pytest.fixture
def pass_time() -> Callable[..., None]:
    """Let time pass for every row: leases and deadlines are reckoned by the database's clock."""

    def passed(**duration: Any) -> None:
        for model, names in _TIMES.items():
            model.objects.update(**{name: F(name) - timedelta(**duration) for name in names})

    return passed


@pytest.fixture
def hosts(db: None) -> list[Host]:
    return [a_host(name) for name in ("lin", "zhao", "chen")]
