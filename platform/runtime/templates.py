"""A migrated database made once and cloned ever after: migrations cost seconds, a copy half a second.

`ROOT/var/templates/<digest>` is the data folder of an embedded server that was shut down in order. Its
database has every migration and nothing else: what `migrate` does for each database after them (rights,
permissions, the key's fingerprint) is done on the clone, by the next `migrate`, which finds nothing else to
do. The digest covers what a migration may read, so whoever changes that gets a new template. On a server
that is not ours a template is a database beside the others.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from runtime import checks, keeper, postgres, processes
from runtime.environment import ROOT
from runtime.trouble import Trouble

FOLDER = ROOT / "var" / "templates"
#: Beside the migrations and what they name: what is done before the first, and how a template is made.
_INGREDIENTS = (
    "apps/accounts/management/commands/migrate.py",
    "apps/database/grants.py",
    "apps/database/new_database.py",
    "platform/runtime/migrations.py",
    "platform/runtime/postgres.py",
    "platform/runtime/templates.py",
    "requirements.lock",  # stands for the migrations of other packages
)
_OUR_MODULE = re.compile(r"\bapps(?:\.\w+)+")
#: The same whoever wants the template.
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "config.settings.dev"}
_KEPT = 3  # templates of other branches stay for the way back
_MAKING = 0x6461635F  # the advisory lock under which a server's template database is made

Progress = Callable[[int, int], None]


def digest() -> str:
    """Changes with the migrations, and monthly: the first one makes the ledger's partitions around today."""
    found = hashlib.sha256(f"{postgres.MAJOR} {time.strftime('%Y-%m')}\n".encode())
    for path in sorted(_ingredients()):
        found.update(f"{path.relative_to(ROOT)}\n".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _ingredients() -> set[Path]:
    migrations = {path for path in ROOT.glob("apps/**/migrations/*.py") if "sandbox" not in path.parts}
    named = {name for path in migrations for name in _OUR_MODULE.findall(path.read_text(encoding="utf-8"))}
    modules = {module for name in named if (module := _module(name)) is not None}
    return {*migrations, *modules, *(path for pattern in _INGREDIENTS for path in ROOT.glob(pattern))}


def _module(name: str) -> Path | None:
    """The file behind `apps.lib.ids` as well as `apps.lib.ids.uuid7`."""
    parts = name.split(".")
    for length in (len(parts), len(parts) - 1):
        path = ROOT.joinpath(*parts[:length])
        for found in (path.with_suffix(".py"), path / "__init__.py"):
            if found.is_file():
                return found
    return None


# --- the embedded server ------------------------------------------------------------------------------


def clone(var_dir: Path, progress: Progress | None = None) -> bool:
    """Give a VAR_DIR without a server a copy of the template, which is made first where there is none.

    False: it has a server already. The clone is marked until prepare.py has done the rest.
    """
    data = postgres.data_dir(var_dir)
    if data.exists():
        return False
    data.parent.mkdir(parents=True, exist_ok=True)
    with _alone():
        if data.exists():
            return False
        source = _template(progress)
        draft = data.with_name("data.new")
        shutil.rmtree(draft, ignore_errors=True)
        # With its owner and modes, which PostgreSQL minds; sharing blocks where the file system can.
        subprocess.run(["cp", "-a", "--reflink=auto", source, draft], check=True, capture_output=True)
        postgres.clone_mark(var_dir).touch()
        draft.rename(data)
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time makes, copies and removes templates."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _template(progress: Progress | None) -> Path:
    """Its data folder, made now where it is missing. Under the lock."""
    wanted = FOLDER / digest()
    if not wanted.exists():
        for left_over in FOLDER.glob("making-*"):
            if not keeper.is_kept(left_over):
                shutil.rmtree(left_over, ignore_errors=True)
        making = Path(tempfile.mkdtemp(prefix="making-", dir=FOLDER))
        making.chmod(0o755)  # the server may run as somebody else
        with keeper.hold(making) as url:
            _migrate(url, making, progress)
        postgres.data_dir(making).rename(wanted)
        shutil.rmtree(making, ignore_errors=True)
    os.utime(wanted)
    by_age = sorted(
        (found for found in FOLDER.iterdir() if found.is_dir() and not found.name.startswith("making-")),
        key=lambda found: found.stat().st_mtime,
    )
    for old in by_age[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return wanted


def _migrate(url: str, var_dir: Path, progress: Progress | None) -> None:
    """Every migration in a process of its own; it ends with us."""
    log = var_dir / "migrate.log"
    with log.open("wb") as errors:
        process = processes.start(
            [sys.executable, "-m", "runtime.migrations"],
            env={**os.environ, **_SETTINGS, "DATABASE_URL": url, "VAR_DIR": str(var_dir)},
            output=subprocess.PIPE,
            errors=errors,
            cwd=ROOT,
        )
        try:
            assert process.stdout is not None
            with process.stdout:
                for line in process.stdout:
                    if progress is not None:
                        progress(*json.loads(line))
            code = process.wait()
        finally:
            processes.end_group(process.pid, patience=5)
            process.wait()
    if code != 0:
        raise Trouble(f"建数据表没有成功：{checks.last_words(log)}")


# --- a server that is not ours ------------------------------------------------------------------------


def on_server(url: str) -> str:
    """The name of the template database on this server, which is made first where there is none."""
    parts = urlsplit(url)
    stem = f"{unquote(parts.path.lstrip('/')) or postgres.DATABASE}_template_"[-46:]
    name = f"{stem}{digest()}"
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_MAKING])
        found = server.execute("SELECT datname::text FROM pg_database").fetchall()
        names = {datname for (datname,) in found if datname.startswith(stem)}
        if name not in names:
            draft = f"{stem}making"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            with tempfile.TemporaryDirectory(prefix="dac-") as folder:
                _migrate(parts._replace(path=f"/{draft}").geturl(), Path(folder), None)
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
            )
        for old in names - {name, f"{stem}making"}:
            with suppress(psycopg.Error):  # somebody clones it right now
                server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(old)))
    return name
