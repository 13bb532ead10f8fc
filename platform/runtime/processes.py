"""Starting and ending other programs."""

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_SPAWN = Path(__file__).with_name("spawn.py")


@dataclass(frozen=True)
class Identity:
    """Whom a program runs as when that is not us."""

    uid: int
    gid: int
    override: bool = False  # may pass folders that are closed to this user


def start(
    command: Sequence[str],
    *,
    death: signal.Signals = signal.SIGTERM,
    identity: Identity | None = None,
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    errors: IO[bytes] | int | None = None,
    cwd: Path | str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own; it gets `death` when this process dies, however that happens.

    Its errors go where its output goes unless said otherwise. Call it from the main thread only: Linux
    counts the death of the starting *thread*.
    """
    user = f"{identity.uid}:{identity.gid}" if identity else "-"
    override = "1" if identity and identity.override else "0"
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_SPAWN), death.name, str(os.getpid()), user, override, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors if errors is not None or output is None else subprocess.STDOUT,
        env=dict(env) if env is not None else None,
        cwd=cwd,
        start_new_session=True,
    )


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which only waits to be noticed by its parent, does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    found = []
    for pid in psutil.pids():
        try:
            if os.getpgid(pid) == group and is_alive(pid):
                found.append(pid)
        except (ProcessLookupError, PermissionError):
            continue
    return found


def signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def end_group(group: int, *, patience: float) -> None:
    """End what is left of a process group: ask, wait up to `patience` seconds, then kill."""
    if not members(group):
        return
    deadline = time.monotonic() + patience
    signal_group(group, signal.SIGTERM)
    while time.monotonic() < deadline:
        if not members(group):
            return
        time.sleep(0.05)
    signal_group(group, signal.SIGKILL)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals that ask us to stop wait until the end of the block."""
    numbers = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(number: signal.Signals) -> None:
    """Get this signal when our own starter dies (Linux; elsewhere nothing happens)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(number), 0, 0, 0)  # PR_SET_PDEATHSIG


def take_lock(lock: IO[bytes], *, shared: bool = False) -> bool:
    """Lock this file if that is possible at once; the kernel lets go when we end, however that happens."""
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
