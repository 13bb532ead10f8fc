"""A bell inside the process: somebody waits for a change, somebody else has made one."""

import threading
import time
from collections.abc import Callable

_changed = threading.Condition()
_rings = 0
LOOK_AGAIN = 0.05


def ring() -> None:
    global _rings
    with _changed:
        _rings += 1
        _changed.notify_all()


def rings() -> int:
    """How often it has rung: to be read before looking, so that no ring is missed while looking."""
    return _rings


def wait(seconds: float, *, seen: int) -> None:
    """Until it rings more than `seen` times, at most `seconds`."""
    with _changed:
        _changed.wait_for(lambda: _rings != seen, seconds)


def wait_for(is_done: Callable[[], bool], *, seconds: float) -> bool:
    """Whether `is_done` came true in time. It is asked at each ring, and often enough in between."""
    deadline = time.monotonic() + seconds
    seen = rings()
    while not is_done():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        wait(min(left, LOOK_AGAIN), seen=seen)
        seen = rings()
    return True
