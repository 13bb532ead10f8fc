"""The production server on a free port, with the benchmarks' urls, and timing through one kept connection."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def server(application: str = "config.wsgi:application", *, collected: bool = False) -> Iterator[int]:
    """gunicorn as the supervisor starts it (gthread), one worker; its port. `collected`: with its files."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}"),
            *("--worker-class=gthread", "--workers=1", "--threads=4", "--keep-alive=30"),
            "--log-level=warning",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "SITE_URL": f"http://127.0.0.1:{port}",
            **({"BENCH_COLLECTED": "1"} if collected else {}),
        },
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = headers or {}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[float, http.client.HTTPMessage]:
        """Seconds from sending to the last byte, and the answer's headers; anything but 200 is an error."""
        began = time.perf_counter()
        self.connection.request(method, path, body=body, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return took, answer.headers
