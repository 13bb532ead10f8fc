"""A real platform, started as `make run` starts it, on free ports and in a folder of its own."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from runtime.environment import ROOT
from tests.runtime.machine import clean_environment, describe, free_ports, kill, processes_of, until


class Platform:
    """One `python -m runtime run` and what it says."""

    def __init__(self, var_dir: Path, **variables: str) -> None:
        self.var_dir = var_dir
        self.port, self.sandbox_port = free_ports()
        self.variables = {
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "RUN_DEMO": "0",
            "WEB_CONCURRENCY": "2",
            "WORKER_CONCURRENCY": "2",
            **variables,
        }
        self.said = var_dir.with_name(f"{var_dir.name}.said")
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "runtime", "run"],
                cwd=ROOT,
                env=self.variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def words(self) -> str:
        return self.said.read_text()

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.words()
        return "已启动" in self.words()

    def wait_up(self) -> "Platform":
        until(self.is_up, "the banner", patience=400)
        return self

    def children(self, word: str) -> list[psutil.Process]:
        """The supervisor's own children whose command line holds `word`; none between end and start."""
        found = []
        for process in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):  # one that has just ended, a zombie too
                if word in " ".join(process.cmdline()):
                    found.append(process)
        return found

    def child(self, word: str) -> psutil.Process:
        [process] = self.children(word)
        return process

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def destroy(self) -> None:
        """At the end of a test: whatever is left of it."""
        for process in self.processes():
            kill(process)
        self.process.kill()
        self.process.wait()
        until(lambda: not self.processes(), "the end of every process")

    def processes(self) -> list[psutil.Process]:
        return processes_of(self.var_dir)


def answer(url: str) -> int:
    """The status, or 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VAR_DIR after its first run, shared by all processes of this test run: migrations take longest."""
    folder = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        folder = folder.parent
    var_dir = folder / "first" / "var"
    var_dir.parent.mkdir(exist_ok=True)
    with (folder / "first.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (var_dir.parent / "made").exists():
            platform = Platform(var_dir).wait_up()
            assert answer(f"{platform.url}/readyz") == 200
            assert platform.end() == 0, platform.words()
            assert describe(platform.processes()) == []
            (var_dir.parent / "made").touch()
    return var_dir


def copy_of(var_dir: Path, target: Path) -> Path:
    """With its owners and modes, which PostgreSQL minds."""
    subprocess.run(["cp", "-a", str(var_dir), str(target)], check=True)
    return target
