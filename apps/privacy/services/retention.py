"""Nothing is kept longer than `settings.RETENTION` says: a daily job, and a report of what it would do.

What somebody put a hold on stays (LegalHold). Each app says what of its own is past its time; the moment up
to which things are past it is the period before now.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from apps.privacy import served
from apps.records.declarations import Expiry

#: Rounds of one rule in one run: what is left is done tomorrow, and no run lasts for ever.
ROUNDS = 1_000


class Line(NamedTuple):
    """One rule in a report: what it is about, up to when, and how much."""

    label: str
    before: datetime
    amount: int


def report(*, now: datetime) -> list[Line]:
    """What is past its time now."""
    return [Line(one.label, before, one.due(before)) for one, before in _rules(now)]


def end_what_is_due(*, now: datetime) -> list[Line]:
    """End what is past its time; each batch is a transaction of its own, so a killed run goes on."""
    found = []
    for one, before in _rules(now):
        total = 0
        for _ in range(ROUNDS):
            with transaction.atomic():
                count = one.clear(before)
            total += count
            if not count:
                break
        found.append(Line(one.label, before, total))
    return found


def _rules(now: datetime) -> Iterator[tuple[Expiry, datetime]]:
    for one in sorted(served.EXPIRIES, key=lambda rule: rule.name):
        period = settings.RETENTION[one.kept]
        if period is not None:
            yield one, now - period


def job(payload: dict[str, Any], now: datetime) -> str:
    done = [f"{line.label} {line.amount}" for line in end_what_is_due(now=now) if line.amount]
    return ("到期清理：" + "，".join(done))[:200] if done else "没有到期的资料"
