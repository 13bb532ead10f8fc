"""All processes of one web server count together. A real gunicorn, started as the platform starts it."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from runtime.children import children
from runtime.environment import ROOT, Plan
from tests.config.test_metrics import Scrape, counted, of, read
from tests.runtime.machine import clean_environment, free_ports, until
from tests.runtime.running import answer


def a_plan(var_dir: Path, port: int) -> Plan:
    return Plan(
        var_dir=var_dir,
        bind="127.0.0.1",
        port=port,
        sandbox_port=port + 1,
        site_url=f"http://127.0.0.1:{port}",
        settings_module="config.settings.dev",
        database_url="postgresql://nobody@127.0.0.1:1/none",
        with_sandbox=False,
        with_demo=False,
        web_workers=2,
        task_workers=1,
    )


class Web:
    def __init__(self, var_dir: Path) -> None:
        plan = a_plan(var_dir, free_ports()[0])
        self.address, self.folder = plan.address, var_dir / "metrics"
        [web] = [one for one in children(plan) if one.name == "web"]
        self.process = subprocess.Popen(
            web.command, cwd=ROOT, env={**clean_environment(), **plan.variables(), **web.variables}
        )

    def scrape(self) -> Scrape:
        with urllib.request.urlopen(f"{self.address}/metrics") as found:
            return read(found.read().decode())

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def counting(self) -> set[int]:
        return {int(file.stem.rpartition("_")[2]) for file in self.folder.glob("histogram_*.db")}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "histogram_99999.db").write_bytes(b"of a start before")
    (folder / "notes.txt").write_text("nobody's")
    found = Web(tmp_path)
    until(lambda: answer(f"{found.address}/livez") == 200, "the web server")
    yield found
    found.process.send_signal(signal.SIGTERM)
    assert found.process.wait(60) == 0


def test_processes_count_together_and_what_one_counted_outlives_it(web: Web) -> None:
    assert (web.folder / "notes.txt").exists()
    assert 99999 not in web.counting()
    before = counted(web.scrape(), "livez", "GET", "2xx")
    busy = [worker for worker in web.workers() if worker.pid in web.counting()]
    for worker in busy:
        worker.suspend()
    if len(busy) < 2:  # then the other one answers
        assert answer(f"{web.address}/livez") == 200
        before += 1
    for worker in busy:
        worker.resume()

    assert {worker.pid for worker in web.workers()} <= web.counting()
    assert counted(web.scrape(), "livez", "GET", "2xx") == before
    dead = web.workers()[0]
    os.kill(dead.pid, signal.SIGKILL)
    until(lambda: dead.pid not in {worker.pid for worker in web.workers()}, "the end of the worker")
    assert counted(web.scrape(), "livez", "GET", "2xx") == before


def test_without_the_database_requests_are_still_told(web: Web) -> None:
    found = web.scrape()

    assert of(found, "database_up") == 0
    assert counted(found, "livez", "GET", "2xx") >= 1
    assert [name for name, _ in found if name.startswith("dac_deliveries")] == []
