"""DATABASE_URL: the same platform on a PostgreSQL that is not ours (Debian's, the oldest we support)."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from runtime import machine, postgres, processes
from runtime.checks import check_database
from runtime.environment import ROOT
from runtime.trouble import Trouble
from tests.runtime.machine import clean_environment, describe, processes_of, until
from tests.runtime.running import Platform, answer, copy_of, first_run


@pytest.fixture
def database_url(short_folder: Path) -> Iterator[str]:
    """A server of Debian's packages, as a child of this test and as a user without power."""
    binaries = machine.find_postgresql()
    assert binaries is not None, "apt-get install postgresql"
    folder = short_folder / "server"
    folder.mkdir(mode=0o700)
    who = postgres.identity(short_folder)
    if who is not None:
        # The folder above is root's alone; the server may pass it, as the embedded one may.
        os.chown(folder, who.uid, who.gid)
        who = processes.Identity(who.uid, who.gid, override=True)
    initdb = [
        f"{binaries}/initdb",
        "--username=postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    made = processes.start(
        [*initdb, f"--pgdata={folder}/data"],
        identity=who,
        output=subprocess.PIPE,
        cwd="/",
    )
    said, _ = made.communicate()
    assert made.returncode == 0, said.decode()
    settings = ["-c", f"unix_socket_directories={folder}", "-c", "listen_addresses=", "-c", "fsync=off"]
    server = processes.start(
        [f"{binaries}/postgres", "-D", f"{folder}/data", *settings],
        death=signal.SIGINT,
        identity=who,
        output=subprocess.DEVNULL,
        cwd="/",
    )
    admin = f"postgresql://postgres@/postgres?host={folder}"
    until(lambda: _answers(admin), "Debian's server")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE ROLE dac LOGIN NOSUPERUSER NOINHERIT")
        connection.execute("CREATE DATABASE dac OWNER dac")
    yield f"postgresql://dac@/dac?host={folder}"
    postgres.stop(server)


def as_administrator(url: str, statements: str) -> None:
    with psycopg.connect(url.replace("//dac@", "//postgres@"), autocommit=True) as connection:
        connection.execute(statements)


def migrate(url: str, var_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-color"],
        cwd=ROOT,
        env={**clean_environment(), "DATABASE_URL": url, "VAR_DIR": str(var_dir)},
        capture_output=True,
        text=True,
    )


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_platform_runs_on_it_and_leaves_it_running(
    database_url: str, short_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # With the static files of another run: here only the database is new.
    var_dir = copy_of(first_run(tmp_path_factory), short_folder / "var")
    shutil.rmtree(var_dir / "postgres")
    # The account may make no roles: one sentence says what its administrator runs, once.
    refused = migrate(database_url, var_dir)
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    assert "数据库里还缺行级隔离用的角色，当前账号不能自己建。" in refused.stderr
    as_administrator(database_url, refused.stderr.partition("执行一次：")[2])
    platform = Platform(var_dir, DATABASE_URL=database_url).wait_up()
    try:
        assert answer(f"{platform.url}/readyz") == 200
        assert not postgres.data_dir(platform.var_dir).exists()
        with psycopg.connect(database_url) as connection:
            version = connection.info.server_version
            applied = connection.execute("SELECT count(*) FROM django_migrations").fetchone()
        assert version >= 150000
        assert applied is not None
        assert applied[0] > 100

        assert platform.end() == 0
        assert describe(processes_of(platform.var_dir)) == []
        psycopg.connect(database_url).close()
    finally:
        platform.destroy()


def test_an_account_to_which_no_policy_applies_is_refused(database_url: str) -> None:
    check_database(database_url)
    as_administrator(database_url, "ALTER ROLE dac BYPASSRLS")
    with pytest.raises(Trouble, match="dac 权限太大"):
        check_database(database_url)
    with pytest.raises(Trouble, match="postgres 权限太大"):
        check_database(database_url.replace("//dac@", "//postgres@"))
