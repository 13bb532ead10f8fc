"""Many acts at the same moment, each in a thread with a connection and commits of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of it at the same moment; what each gave, or the exception it ended with."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = acts[place]()
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def during(before: Callable[[], Any], act: Callable[[], Any]) -> Any:
    """What `act` gives when it comes upon `before`, done but not yet committed: it may wait for that.

    Whatever `act` read without waiting, it read as it was before.
    """
    results: list[Any] = []

    def run() -> None:
        results.extend(at_once([act]))

    other = threading.Thread(target=run)
    with transaction.atomic():
        before()
        other.start()
        while other.is_alive() and not _somebody_waits():
            time.sleep(0.01)
    other.join()
    [result] = results
    return result


def _somebody_waits() -> bool:
    """Whether another connection waits for what this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS ("
            "  SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
