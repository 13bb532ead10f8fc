"""A whole platform behind `python -m runtime run`: started, looked into, killed, started again."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests

from runtime.environment import ROOT
from runtime.postgres import url_for
from tests.runtime.machine import clean_environment, free_ports, kill, processes_of, until
from tests.runtime.running import answer


class House:
    """One platform with a VAR_DIR of its own. `url` is the site, `sandbox_url` WeCom."""

    #: Words by which the supervisor's children are known.
    WEB, WORKER, LANE = "config.wsgi:application", "--app=config worker", "manage.py lane"

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.said = var_dir.with_name(f"{var_dir.name}.said")
        port, sandbox_port = free_ports()
        self.url = f"http://127.0.0.1:{port}"
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.environment = {
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "RUN_DEMO": "0",
            "WEB_CONCURRENCY": "2",
            "WORKER_CONCURRENCY": "2",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        }
        self.supervisor: subprocess.Popen[bytes] | None = None

    # Its life

    def start(self) -> None:
        with self.said.open("ab") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "runtime", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(self.is_up, "the platform", patience=400)

    def is_up(self) -> bool:
        assert self.supervisor is not None
        assert self.supervisor.poll() is None, self.said.read_text()
        return answer(f"{self.url}/readyz") == 200 and answer(f"{self.sandbox_url}/") == 200

    def stop(self) -> int:
        """As Ctrl-C would; its exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(timeout=120)

    def destroy(self) -> None:
        """At the end of a test: whatever is left of it."""
        for process in processes_of(self.var_dir):
            kill(process)
        if self.supervisor is not None:
            self.supervisor.wait()

    # Kills

    def child(self, words: str) -> psutil.Process:
        """The supervisor's own child whose command line holds `words`."""
        assert self.supervisor is not None
        found: list[psutil.Process] = []

        def is_there() -> bool:
            found[:] = [one for one in self._children() if words in _command(one)]
            return bool(found)

        until(is_there, words)
        return found[0]

    def _children(self) -> list[psutil.Process]:
        assert self.supervisor is not None
        children: list[psutil.Process] = psutil.Process(self.supervisor.pid).children()
        return children

    def kill_child(self, words: str) -> None:
        kill(self.child(words))

    def kill_one_below(self, words: str) -> None:
        """-9 to a process that the child itself started: a worker under its master."""
        master = self.child(words)
        below: list[psutil.Process] = []

        def is_there() -> bool:
            below[:] = master.children()
            return bool(below)

        until(is_there, f"a worker of {words}")
        kill(below[0])

    def kill_supervisor(self) -> None:
        """-9, and wait until nothing of the house lives: it leaves no orphan."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait()
        until(lambda: not processes_of(self.var_dir), "the end of every process")

    # Looks inside

    def run(self, *command: str) -> str:
        """A management command or module in this house; its output. Fails the test when it fails."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={
                **self.environment,
                "DATABASE_URL": url_for(self.var_dir),
                "WECOM_API_BASE": self.sandbox_url,
                "SITE_URL": self.url,
            },
            capture_output=True,
            text=True,
            timeout=400,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def is_at_rest(self) -> bool:
        """No message and no callback is under way."""
        with psycopg.connect(url_for(self.var_dir)) as connection:
            connection.execute("SET ROLE app_worker")
            row = connection.execute(
                """
                SELECT NOT EXISTS (SELECT FROM outbox_delivery WHERE state IN ('new', 'leased', 'unknown'))
                   AND NOT EXISTS (SELECT FROM outbox_inbox WHERE state IN ('new', 'leased'))
                """
            ).fetchone()
        return row == (True,)

    def world(self, name: str) -> Any:
        """One of the functions of tests/flows/world.py, run inside; what it printed."""
        printed = self.run("-m", "tests.flows", name)
        return json.loads(printed) if printed.strip() else None

    def token(self, username: str, password: str) -> str:
        """A bearer token of the API."""
        given = {"username": username, "password": password}
        got = requests.post(f"{self.url}/api/v1/auth/token/", json=given, timeout=60)
        assert got.status_code == 200, got.text
        return str(got.json()["token"])


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
