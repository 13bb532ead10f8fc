"""`make run`'s supervisor, for real: it starts, it mends, it refuses with a sentence, it ends everything."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from runtime import keeper, postgres
from runtime.environment import ROOT
from tests.runtime.machine import clean_environment, describe, free_ports, kill, processes_of, until
from tests.runtime.running import Platform, answer, copy_of, first_run

Start = Callable[..., Platform]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_run(tmp_path_factory)


@pytest.fixture
def start(made_once: Path, short_folder: Path) -> Iterator[Start]:
    """Start a platform on a copy of a VAR_DIR that has seen a run; whatever is left at the end is killed."""
    var_dir = copy_of(made_once, short_folder / "var")
    begun: list[Platform] = []

    def begin(**variables: str) -> Platform:
        begun.append(Platform(var_dir, **variables))
        return begun[-1]

    yield begin
    for platform in begun:
        platform.destroy()


@pytest.fixture(scope="module")
def running(made_once: Path) -> Iterator[Platform]:
    """One platform for the tests that leave it as they found it: up, with every process."""
    with tempfile.TemporaryDirectory(prefix="dac-", dir="/tmp") as folder:
        platform = Platform(copy_of(made_once, Path(folder) / "var"))
        try:
            yield platform.wait_up()
        finally:
            platform.destroy()


def write(platform: Platform, text: str) -> None:
    with psycopg.connect(postgres.url_for(platform.var_dir)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def read(platform: Platform) -> list[str]:
    with psycopg.connect(postgres.url_for(platform.var_dir)) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept ORDER BY word")]


PROCESSES = {
    "config.wsgi": "网页服务",
    "apps.sandbox.wsgi": "企业微信沙箱",
    "--app=config worker": "后台任务",
    "--app=config beat": "定时任务",
    "manage.py lane": "即时通道",
}


def test_the_pages_the_sandbox_and_every_process_come_up(running: Platform) -> None:
    assert answer(f"{running.url}/readyz") == 200
    assert answer(f"{running.url}/hq/login/") == 200
    assert answer(f"http://127.0.0.1:{running.sandbox_port}/") == 200
    for word in (*PROCESSES, "guard"):
        assert running.child(word).is_running()
    assert f"{running.url}/hq/" in running.words()
    assert (running.var_dir / "keys.env").stat().st_mode & 0o777 == 0o600


def test_a_second_one_in_the_same_folder_says_where_the_first_one_is(running: Platform) -> None:
    words = refused(running.var_dir)

    assert "已经在运行" in words
    assert running.url in words
    assert answer(f"{running.url}/readyz") == 200


@pytest.mark.parametrize(("word", "title"), PROCESSES.items())
def test_a_killed_process_is_started_again_and_said_so(running: Platform, word: str, title: str) -> None:
    before = running.child(word)

    kill(before)

    until(lambda: f"{title}意外结束" in running.words(), "the notice")
    until(lambda: has_child(running, word, other_than=before.pid), "the new process")
    until(lambda: answer(f"{running.url}/readyz") == 200, "the pages")


def has_child(platform: Platform, word: str, *, other_than: int) -> bool:
    return any(child.pid != other_than for child in platform.children(word))


def test_a_killed_guard_is_replaced(running: Platform) -> None:
    before = running.child("guard")

    kill(before)

    until(lambda: has_child(running, "guard", other_than=before.pid), "the new guard")


def test_a_killed_database_is_started_again_under_the_running_pages(running: Platform) -> None:
    keeper = next(process for process in running.processes() if "keep" in process.cmdline())

    kill(keeper)

    until(lambda: "数据库意外结束" in running.words(), "the notice")
    until(lambda: answer(f"{running.url}/readyz") == 200, "the pages")


def test_it_ends_in_order_or_killed_and_the_next_start_has_the_data(start: Start) -> None:
    platform = start().wait_up()
    write(platform, "first")

    assert platform.end(signal.SIGTERM) == 0
    assert describe(platform.processes()) == []

    again = start().wait_up()
    assert read(again) == ["first"]

    # Killed, it starts again at once, while the guard of the dead one may still clean up.
    again.process.kill()
    again.process.wait()
    third = start().wait_up()
    assert read(third) == ["first"]
    assert answer(f"{third.url}/readyz") == 200

    # Killed and left alone, nothing of it stays.
    third.process.kill()
    third.process.wait()
    nothing_stays(third)


def test_stopped_while_it_sets_up_it_leaves_nothing_running(start: Start) -> None:
    platform = start()
    until(lambda: "前端文件" in platform.words(), "the second step")

    assert platform.end(signal.SIGHUP) == 0
    assert describe(platform.processes()) == []


def test_a_half_written_demo_is_thrown_away_and_begun_again(start: Start) -> None:
    platform = start()
    until(lambda: "前端文件" in platform.words(), "a database")
    write(platform, "half a demo")
    unfinished = platform.var_dir / "demo.unfinished"
    unfinished.touch()  # as a kill in the middle of the first start's demo leaves it
    platform.end()

    again = start()
    until(lambda: not unfinished.exists(), "the new database")
    assert again.end(signal.SIGINT) == 0

    with keeper.hold(again.var_dir), pytest.raises(psycopg.errors.UndefinedTable):
        read(again)


def nothing_stays(platform: Platform) -> None:
    try:
        until(lambda: not platform.processes(), "the end of every process")
    except AssertionError:
        raise AssertionError(f"still there: {describe(platform.processes())}") from None


def test_killed_together_with_its_guard_nothing_of_it_stays(running: Platform) -> None:
    """The last one that has the platform of all."""
    kill(running.child("guard"))
    running.process.kill()
    running.process.wait()

    nothing_stays(running)


def refused(var_dir: Path, **variables: str) -> str:
    """What a start says that ends with 1."""
    port, sandbox_port = free_ports()
    done = subprocess.run(
        [sys.executable, "-m", "runtime", "run"],
        cwd=ROOT,
        env={
            **clean_environment(),
            "VAR_DIR": str(var_dir),
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "RUN_DEMO": "0",
            **variables,
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    sentences = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(sentences) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return sentences[0]


class TestTroubleIsOneSentence:
    def test_a_port_in_use(self, short_folder: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            words = refused(short_folder / "var", PORT=str(port))

        assert re.search(rf"端口 {port} 用不了.*make run PORT=", words)

    def test_a_port_that_is_none(self, short_folder: Path) -> None:
        assert "PORT 应是 1 到 65535 的整数" in refused(short_folder / "var", PORT="eighty")

    def test_a_database_that_does_not_answer(self, short_folder: Path) -> None:
        port, _ = free_ports()
        url = f"postgresql://somebody:hunter2@127.0.0.1:{port}/nothing"

        words = refused(short_folder / "var", DATABASE_URL=url)

        assert "连不上 DATABASE_URL 指的数据库" in words
        assert "hunter2" not in words

    def test_a_broken_database(self, made_once: Path, short_folder: Path) -> None:
        var_dir = copy_of(made_once, short_folder / "var")
        shutil.rmtree(postgres.data_dir(var_dir) / "global")

        words = refused(var_dir)

        assert "数据库启动失败" in words
        assert "postgres.log" in words
        assert describe(processes_of(var_dir)) == []

    def test_a_folder_that_cannot_be_written(self, short_folder: Path) -> None:
        (short_folder / "var").write_text("a file, where a folder should be")

        assert "不能写" in refused(short_folder / "var")

    def test_pages_that_do_not_start(self, made_once: Path, short_folder: Path) -> None:
        var_dir = copy_of(made_once, short_folder / "var")

        words = refused(var_dir, STORAGE_URL="ftp://nowhere")

        assert "STORAGE_URL 应以 file:// 或 s3:// 开头" in words
        assert describe(processes_of(var_dir)) == []
