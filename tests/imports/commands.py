"""The import commands as an operator runs them: processes of their own, which can be killed."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from apps.customers.models import ImportChunk
from tests.committed import database_url

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: its exit code (negative for a signal), its words, and the most memory it held."""

    code: int
    words: str
    peak_mb: int


class ImportCommand:
    """`manage.py import_<kind> FILE …`, started."""

    def __init__(self, kind: str, path: Path, *options: str) -> None:
        self._kind = kind
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed in end()
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", f"import_{kind}", str(path), *options],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
            },
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def end(self) -> Ended:
        """Wait for it."""
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        with self._output as output:
            output.seek(0)
            words = output.read().decode()
        return Ended(self._process.returncode, words, usage.ru_maxrss // 1024)

    def kill_after(self, chunks: int) -> Ended:
        """Kill it with -9 once so many chunks are committed."""
        done = ImportChunk.objects.filter(run__kind=self._kind, applied_at__isnull=False)
        while done.count() < chunks:
            if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                break
            time.sleep(0.01)
        self._process.kill()
        return self.end()


def run(kind: str, path: Path, *options: str) -> Ended:
    return ImportCommand(kind, path, *options).end()
