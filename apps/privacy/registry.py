"""What higher apps bring to privacy, and what privacy wants done: slots that they fill in their `ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


class Later(Protocol):
    """How a job is queued: `outbox.services.jobs.queue`, once outbox has put it here."""

    def __call__(self, name: str, *, key: str, payload: dict[str, Any] | None = None) -> bool: ...


@dataclass(frozen=True)
class Chore:
    """A job of privacy; outbox registers it. `period`: minute, hour, day, or None for one-off."""

    name: str
    run: Callable[[dict[str, Any], datetime], str]
    period: str | None = None


_later: list[Later] = []


def fill_later(queue: Later) -> None:
    """Outbox, which stands above, says how jobs are queued."""
    _later[:] = [queue]


def later(name: str, *, key: str, payload: dict[str, Any] | None = None) -> bool:
    """Make sure that job `name` runs once for `key`, after this transaction. The payload holds ids."""
    return _later[0](name, key=key, payload=payload)
