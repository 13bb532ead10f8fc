"""Looking at real processes: what belongs to a VAR_DIR, and waiting for something to become true."""

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def until(true: Callable[[], object], what: str, *, patience: float = 120) -> None:
    """Wait for a state. The deadline is far off: it only turns a hang into a failure."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.1)


def processes_of(var_dir: Path) -> list[psutil.Process]:
    """Every living process that works for this VAR_DIR, whoever started it."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = (
                str(var_dir) in " ".join(process.cmdline())
                or process.environ().get("VAR_DIR") == str(var_dir)
                or Path(process.cwd()).is_relative_to(var_dir)
            )
            if mine and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def describe(processes: list[psutil.Process]) -> list[str]:
    return [f"{process.pid} {' '.join(process.cmdline())[:120]}" for process in processes]


def kill(process: psutil.Process) -> None:
    """-9; one that has just ended by itself is fine too."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGKILL)


def free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def clean_environment() -> dict[str, str]:
    """Our environment without what this test run, or the one who started it, set for the platform."""
    ours = re.compile(
        r"(VAR_DIR|PORT|BIND|SITE_URL|DJANGO_|DATABASE_|BROKER_|CACHE_|STORAGE_|WECOM_|SANDBOX_|RUN_DEMO|PYTEST|"
        r"MAKE|MFLAGS|WEB_CONCURRENCY|WORKER_CONCURRENCY|SECRET_KEY|FIELD_KEY|DEBUG|LOG_|ALLOWED_HOSTS|"
        r"METRICS_|PROMETHEUS_|SENTRY_)"
    )
    return {name: value for name, value in os.environ.items() if not ours.match(name)}
