"""The process behind the sandbox of tests: on a free port, with a database of its own."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
import requests
from psycopg import sql

from tests.sandbox_client import Sandbox

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
PR_SET_PDEATHSIG = 1


class SandboxServer:
    """The process behind a Sandbox: on a free port, with a database of its own."""

    def __init__(self, *, database: dict[str, Any], name: str, folder: Path) -> None:
        self.database = database
        self.name = name
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port: int = self.listener.getsockname()[1]
        self.client = Sandbox(f"http://127.0.0.1:{self.port}")

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def database_url(self) -> str:
        user, password = quote(self.database["USER"], safe=""), quote(self.database["PASSWORD"], safe="")
        query = {"host": self.database["HOST"], "port": self.database["PORT"]}
        chosen = urlencode({key: value for key, value in query.items() if value})
        return f"postgresql://{user}{':' + password if password else ''}@/{self.name}?{chosen}"

    def administer(self, statement: str) -> None:
        options = {
            "host": self.database["HOST"],
            "port": self.database["PORT"],
            "user": self.database["USER"],
        }
        if self.database["PASSWORD"]:
            options["password"] = self.database["PASSWORD"]
        chosen = {key: str(value) for key, value in options.items() if value}
        with psycopg.connect(dbname="postgres", autocommit=True, **chosen) as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(self.name)))

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **{
                name: value for name, value in self.client.environment().items() if not name.endswith("_BASE")
            },
            "DJANGO_SETTINGS_MODULE": "apps.sandbox.settings",
            "DATABASE_URL": self.database_url(),
            "SANDBOX_ALLOWED": "1",
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_URL": self.client.base_url,
            "SANDBOX_CALLBACK_URL": "off",
            "SITE_URL": "http://localhost",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        self.administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.administer("CREATE DATABASE {}")
        with self.log.open("wb") as log:
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                check=True,
            )
        self.launch()

    def launch(self) -> None:
        """Start the server on the socket that is held here, so that nobody takes the port in between."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "gunicorn", "apps.sandbox.wsgi:application"),
                    *(
                        "--bind",
                        f"fd://{self.listener.fileno()}",
                        "--worker-class",
                        "gthread",
                        "--threads",
                        "12",
                    ),
                    *("--no-control-socket", "--log-level", "warning", "--graceful-timeout", "1"),
                ],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
                pass_fds=[self.listener.fileno()],
                preexec_fn=end_with_parent,  # noqa: PLW1509  (one system call, and no thread holds its lock)
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.client.http.get(f"{self.client.base_url}/livez", timeout=START_SECONDS).ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the WeCom sandbox did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """As a crash would: the process and its worker are gone, the database and the port stay."""
        if self.process is not None:
            for pid in [*children_of(self.process.pid), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None

    def close(self) -> None:
        self.stop()
        self.listener.close()
        self.client.http.close()
        self.administer("DROP DATABASE IF EXISTS {} WITH (FORCE)")


def end_with_parent() -> None:
    """Ask the kernel to end the server when the test process is killed: no orphan holds the database."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
