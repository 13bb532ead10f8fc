"""The processes of the platform: one entry each, in the order in which they start."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.environment import Plan


@dataclass(frozen=True)
class Child:
    """One long-running process. A later `stage` starts later and ends earlier."""

    name: str  # its log is VAR_DIR/logs/<name>.log
    title: str
    command: tuple[str, ...]
    stage: int
    grace: float  # seconds it gets to finish what it is doing
    death: signal.Signals = signal.SIGTERM  # what it gets when the supervisor itself has died
    variables: Mapping[str, str] = field(default_factory=dict)
    ready_url: str = ""  # answers 200 once the process can work


def children(plan: Plan) -> list[Child]:
    """What runs. To add a process, add an entry."""
    web = Child(
        name="web",
        title="网页服务",
        command=(
            *_gunicorn("config.wsgi:application", bind=f"{plan.bind}:{plan.port}", grace=10),
            "--config=python:config.gunicorn",
            f"--workers={plan.web_workers}",
            "--threads=8",
            "--preload",
        ),
        stage=2,
        grace=15,
        ready_url=f"{plan.address}/readyz",
    )
    worker = Child(
        name="worker",
        title="后台任务",
        command=(
            *_celery("worker"),
            f"--concurrency={plan.task_workers}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ),
        stage=1,
        grace=30,
        # SIGTERM puts running tasks back instead of waiting for them; their rows are picked up again.
        variables={"REMAP_SIGTERM": "SIGQUIT"},
    )
    lane = Child(
        name="lane",
        title="即时通道",
        command=(sys.executable, "manage.py", "lane"),
        stage=1,
        grace=10,
    )
    beat = Child(
        name="beat",
        title="定时任务",
        command=(*_celery("beat"), "--pidfile="),
        stage=2,
        grace=10,
        # Its SIGTERM handler saves to the database first. That is going down too by then, and the error
        # is caught by whatever the signal interrupted: it would run on. Nothing of its state is needed.
        death=signal.SIGKILL,
    )
    found = [worker, lane, web, beat]
    return [_sandbox(plan), *found] if plan.with_sandbox else found


def _sandbox(plan: Plan) -> Child:
    return Child(
        name="sandbox",
        title="企业微信沙箱",
        command=(
            *_gunicorn("apps.sandbox.wsgi:application", bind=f"{plan.bind}:{plan.sandbox_port}", grace=5),
            # One process: it plays WeCom's clock and sends the callbacks from a thread.
            "--workers=1",
            "--threads=16",
        ),
        stage=0,
        grace=10,
        variables=SANDBOX_VARIABLES,
        ready_url=f"http://127.0.0.1:{plan.sandbox_port}/",
    )


SANDBOX_VARIABLES = {"DJANGO_SETTINGS_MODULE": "apps.sandbox.settings", "SANDBOX_ALLOWED": "1"}


def _gunicorn(application: str, *, bind: str, grace: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "gunicorn", application, f"--bind={bind}"),
        *("--worker-class=gthread", "--timeout=60", f"--graceful-timeout={grace}", "--keep-alive=5"),
        *("--no-control-socket", "--log-level=warning"),
    )


def _celery(part: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--app=config", part, "--loglevel=INFO")
