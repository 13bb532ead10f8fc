"""What the records do by themselves, as jobs; outbox, which stands above, registers and runs them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.records.services import seals


@dataclass(frozen=True)
class Chore:
    """A job of the records; outbox registers it. `period`: minute, hour, day, or None for one-off."""

    name: str
    run: Callable[[dict[str, Any], datetime], str]
    period: str | None = None


def seal(payload: dict[str, Any], now: datetime) -> str:
    return f"封存了 {seals.seal(now=now)} 行查看记录"


def tell_newest_seal(payload: dict[str, Any], now: datetime) -> str:
    return seals.tell_newest() or "还没有封存过"


def check_access_log() -> list[str]:
    """For verify_invariants: the log is as it was sealed."""
    return list(seals.problems(now=timezone.now(), kept=settings.RETENTION["access"]))


CHORES = (
    Chore("records.seal", seal, period="minute"),
    Chore("records.newest-seal", tell_newest_seal, period="day"),
)
