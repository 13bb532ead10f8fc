"""A whole platform behind `python -m runtime run`, for stories: started, looked into, killed, started again."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import requests

from runtime.postgres import url_for
from tests.runtime.machine import clean_environment, free_ports, processes_of, until

ROOT = Path(__file__).resolve().parents[2]


class House:
    """One platform with a VAR_DIR of its own. `url` is the site, `sandbox_url` WeCom."""

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        port, sandbox_port = free_ports()
        self.url = f"http://127.0.0.1:{port}"
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.environment = {
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "RUN_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        }
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self.var_dir.parent / "supervisor.log").open("ab")
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "runtime", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        until(lambda: self.answers(f"{self.url}/readyz") and self.answers(f"{self.sandbox_url}/livez"), "the platform", patience=400)

    def answers(self, address: str) -> bool:
        assert self.supervisor is not None
        assert self.supervisor.poll() is None, (self.var_dir.parent / "supervisor.log").read_text()
        try:
            return requests.get(address, timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def stop(self) -> None:
        if self.supervisor is not None and self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait(timeout=120)

    def kill_supervisor(self) -> None:
        """-9, and wait until nothing of the house lives: it leaves no orphan."""
        assert self.supervisor is not None
        self.supervisor.kill()
        self.supervisor.wait()
        until(lambda: not processes_of(self.var_dir), "the end of every process", patience=120)

    def kill(self, words: str) -> int:
        """-9 to every process of the house whose command line holds `words`; how many."""
        killed = 0
        for process in processes_of(self.var_dir):
            try:
                if words in " ".join(process.cmdline()):
                    process.kill()
                    killed += 1
            except psutil.Error:
                continue
        return killed

    def run(self, *command: str) -> str:
        """A management command or module in this house; its output. Fails the test when it fails."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**self.environment, "DATABASE_URL": url_for(self.var_dir), **self._wecom()},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _wecom(self) -> dict[str, str]:
        return {"WECOM_API_BASE": self.sandbox_url, "SITE_URL": self.url}

    def sim(self, path: str, **body: object) -> dict[str, object]:
        """The sandbox's control API: a POST with a body, else a GET."""
        address = f"{self.sandbox_url}/__sim/{path}"
        answer = requests.post(address, json=body, timeout=60) if body else requests.get(address, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = answer.json()
        return found
