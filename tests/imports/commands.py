"""The import commands as an operator runs them: processes of their own, which can be killed."""

import os
import re
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
        peak_mb = 0
        while self._process.poll() is None:
            peak_mb = max(peak_mb, self._held_mb())
            time.sleep(0.02)
        with self._output as output:
            output.seek(0)
            words = output.read().decode()
        return Ended(self._process.returncode, words, peak_mb)

    def _held_mb(self) -> int:
        """The most it has held so far. Not by wait4: that counts what the parent held when it forked."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) // 1024 if found else 0

    def kill_after(self, chunks: int) -> Ended:
        """Kill it with -9 once so many chunks are committed."""
        done = ImportChunk.objects.filter(run__kind=self._kind, applied_at__isnull=False)
        while done.count() < chunks:
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        self._process.kill()
        return self.end()


def run(kind: str, path: Path, *options: str) -> Ended:
    return ImportCommand(kind, path, *options).end()
