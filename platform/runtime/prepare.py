"""Brings database and static files up to date in one Django process, and reports each count as a JSON line.

Run by the supervisor as `python -m runtime.prepare`. One start of Django, because that costs more than the
work itself on every run but the first.
"""

import hashlib
import io
import json
import multiprocessing
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime import postgres

Report = Callable[[dict[str, Any]], None]


def _report(message: dict[str, Any]) -> None:
    sys.__stdout__.write(json.dumps(message, ensure_ascii=False) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


class _Counter(io.TextIOBase):
    """Stands in for a command's output and counts the writes that hold `word`."""

    def __init__(self, step: str, word: str, total: int | None) -> None:
        self._step, self._word, self._total = step, word, total
        self._done = 0

    def write(self, text: str) -> int:
        if self._word in text:
            self._done += 1
            _report({"step": self._step, "done": self._done, "total": self._total})
        return len(text)


def migrate() -> None:
    """Bring the tables up to date. A clone of the template lacks only what comes after migrations."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    cloned = postgres.clone_mark(Path(settings.VAR_DIR))
    if waiting or cloned.exists():
        _report({"step": "migrate", "done": 0, "total": waiting})
        output = _Counter("migrate", "OK", waiting)
        call_command("migrate", interactive=False, verbosity=1, stdout=output, no_color=True)
        cloned.unlink(missing_ok=True)


def collect_static() -> None:
    """Copy, fingerprint and compress the static files; nothing to do while no source file has changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    note = Path(settings.VAR_DIR) / "static.made"
    if note.exists() and note.read_text() == digest.hexdigest() and Path(settings.STATIC_ROOT).exists():
        return
    note.unlink(missing_ok=True)
    output = _Counter("static", "Post-processed", None)
    call_command("collectstatic", interactive=False, verbosity=1, stdout=output, no_color=True)
    note.write_text(digest.hexdigest())


def facts() -> None:
    """What the supervisor must know to decide about the demo."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    _report(
        {
            "step": "facts",
            "empty": not users.exists(),
            "demo": users.filter(username="hq").exists() and users.filter(username="host1").exists(),
        }
    )


def main() -> None:
    import django

    django.setup()
    # Two processes, since both are hard work on a first start; forked before a connection is open.
    files = multiprocessing.get_context("fork").Process(target=collect_static)
    files.start()
    migrate()
    files.join()
    if files.exitcode != 0:
        sys.exit(1)
    facts()


if __name__ == "__main__":
    main()
