"""Keeps the embedded PostgreSQL alive exactly as long as somebody uses it.

Everyone who needs the server (the supervisor, a `manage.py` command, a test run) *holds* it: a shared
lock on one file, which the kernel lets go of however the holder ends. The keeper is one process per
VAR_DIR that starts the server, restarts it after a crash, and shuts it down in order once the lock is
free. So the first to come starts the server, the last to go ends it, and `kill -9` of any of them
leaves nothing behind.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from runtime import postgres
from runtime.processes import take_lock
from runtime.trouble import Trouble

_READY = "ready"
_POLL = 0.2
_PATIENCE = 180


def _lock_file(var_dir: Path, name: str) -> IO[bytes]:
    folder = var_dir / "postgres"
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / name).open("ab")


@contextmanager
def hold(var_dir: Path) -> Iterator[str]:
    """The server's address, good until the end of the block."""
    var_dir = var_dir.resolve()
    try:
        lock = _lock_file(var_dir, "users.lock")
    except OSError as error:
        raise Trouble(
            f"不能写 {var_dir}（{error.strerror}）：请检查这个目录的主人和权限，或者用 VAR_DIR 换一个目录。"
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            ensure(var_dir)
            yield postgres.url_for(var_dir)
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
            _see_it_end(lock, var_dir)


def _see_it_end(users: IO[bytes], var_dir: Path) -> None:
    """If we were the last, wait until the server is down, so that our end is its end."""
    deadline = time.monotonic() + _PATIENCE
    while is_kept(var_dir) and time.monotonic() < deadline:
        if not take_lock(users) and take_lock(users, shared=True):
            fcntl.flock(users, fcntl.LOCK_UN)
            return  # somebody else holds it; had the keeper the lock, it would not have been shared
        fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(_POLL / 2)
    _reap(var_dir, patience=5)


def ensure(var_dir: Path) -> None:
    """Make the server answer. The caller holds it."""
    while not postgres.is_ready(var_dir):
        _start_keeper(var_dir)


def is_kept(var_dir: Path) -> bool:
    """Whether a keeper is at work."""
    with _lock_file(var_dir, "keeper.lock") as lock:
        return not take_lock(lock, shared=True)


def _start_keeper(var_dir: Path) -> None:
    """Start a keeper and wait until it says that the server is ready, or why it cannot be."""
    log = postgres.log_file(var_dir)
    log.parent.mkdir(parents=True, exist_ok=True)
    reader, writer = os.pipe()
    # Not by `subprocess`: the keeper is no child of ours to wait for, it may well outlive us.
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "runtime", "keep", str(var_dir)],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, writer, 1),
            (os.POSIX_SPAWN_OPEN, 2, str(log), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644),
        ],
        setsid=True,
        setsigmask=(),
    )
    _started.setdefault(var_dir, set()).add(pid)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode().strip()
    if said != _READY:
        _reap(var_dir, patience=5)
        raise Trouble(said or f"数据库没有启动成功，请看日志 {log}。")


#: Keepers that this process started and has not seen end.
_started: dict[Path, set[int]] = {}


def _reap(var_dir: Path, *, patience: float) -> None:
    """Wait a little for keepers that are about to end, so that they do not stay as zombies."""
    mine = _started.get(var_dir, set())
    deadline = time.monotonic() + patience
    while True:
        for pid in list(mine):
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    continue
            mine.discard(pid)
        if not mine or time.monotonic() > deadline:
            return
        time.sleep(0.01)


# --- the keeper's own life ----------------------------------------------------------------------------


class _StopAsked(Exception):
    pass


def keep(var_dir: Path) -> None:
    """Start the server, tell the starter, watch over it, and shut it down when nobody holds it any more."""
    with _lock_file(var_dir, "keeper.lock") as mine, _lock_file(var_dir, "users.lock") as users:
        if not _become_the_keeper(mine, var_dir):
            return _tell(_READY)
        signal.signal(signal.SIGTERM, _on_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        server: subprocess.Popen[bytes] | None = None
        try:
            who = postgres.identity(var_dir)
            postgres.prepare(var_dir, who)
            server = postgres.start(var_dir, who)
            postgres.wait_ready(var_dir, server)
            postgres.provision(var_dir)
            _tell(_READY)
            while not take_lock(users):
                if server.poll() is not None:
                    server = postgres.start(var_dir, who)
                    postgres.wait_ready(var_dir, server)
                time.sleep(_POLL)
        except _StopAsked:
            pass
        finally:
            # If the lock on `users` is ours, newcomers wait at it until the server is down.
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if server is not None:
                postgres.stop(server)
                postgres.remove_short_folder(var_dir)


def _become_the_keeper(mine: IO[bytes], var_dir: Path) -> bool:
    """Wait until this VAR_DIR has no other keeper (True), or has one whose server answers (False)."""
    deadline = time.monotonic() + _PATIENCE
    while not take_lock(mine):
        if postgres.is_ready(var_dir):
            return False
        if time.monotonic() > deadline:
            raise Trouble(f"数据库一直没有准备好，请看日志 {postgres.log_file(var_dir)}。")
        time.sleep(_POLL)
    return True


def _tell(words: str) -> None:
    """Say it to the starter, once: he reads to the end of the pipe."""
    os.write(1, words.encode())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _on_stop(number: int, frame: object) -> None:
    raise _StopAsked


def main(var_dir: Path) -> int:
    try:
        keep(var_dir)
    except Trouble as trouble:
        _tell(str(trouble))
        return 1
    return 0
