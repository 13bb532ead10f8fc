"""Starting and ending other programs."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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
    cwd: Path | str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own; it gets `death` when this process dies, however that happens.

    Call it from the main thread only: Linux counts the death of the starting *thread*.
    """
    user = f"{identity.uid}:{identity.gid}" if identity else "-"
    override = "1" if identity and identity.override else "0"
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(_SPAWN), death.name, str(os.getpid()), user, override, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
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
    deadline = time.monotonic() + patience
    signal_group(group, signal.SIGTERM)
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    if members(group):
        signal_group(group, signal.SIGKILL)
