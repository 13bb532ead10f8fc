"""`manage.py` and `make`: what they do before the real work starts."""

import subprocess
import sys
from pathlib import Path

import psycopg

from runtime import keeper
from runtime.environment import ROOT, read_file
from tests.runtime.machine import clean_environment, describe, processes_of

WHO = """
from django.db import connection
cursor = connection.cursor()
cursor.execute("SELECT current_user")
print(cursor.fetchone())
"""


def manage(var_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean_environment(), "VAR_DIR": str(var_dir)},
        capture_output=True,
        text=True,
    )


def test_a_command_has_the_embedded_server_for_as_long_as_it_lasts(short_folder: Path) -> None:
    done = manage(short_folder / "var", "shell", "--no-imports", "-c", WHO)

    assert done.returncode == 0, done.stderr
    assert "('dac',)" in done.stdout
    assert describe(processes_of(short_folder)) == []


def test_a_command_beside_others_leaves_them_the_server(short_folder: Path) -> None:
    with keeper.hold(short_folder / "var") as url:
        assert manage(short_folder / "var", "shell", "--no-imports", "-c", WHO).returncode == 0

        psycopg.connect(url).close()


def test_a_command_that_needs_no_database_starts_none(short_folder: Path) -> None:
    done = manage(short_folder / "var", "help")

    assert done.returncode == 0
    assert not (short_folder / "var" / "postgres").exists()


def test_a_command_without_a_place_for_data_says_so(short_folder: Path) -> None:
    (short_folder / "var").write_text("a file, where a folder should be")

    done = manage(short_folder / "var", "migrate")

    assert done.returncode == 1
    assert "不能写" in done.stderr
    assert "Traceback" not in done.stderr


def test_make_without_python_says_what_is_missing() -> None:
    done = subprocess.run(
        ["make", "run", "PYTHON=/nowhere/python3.11"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )

    assert done.returncode != 0
    assert "没有找到 Python 3.11" in done.stderr


def test_a_variables_file_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# a comment\n#OFF=1\nPORT=8010\nexport NAME='two words'\n\nURL=redis://h/0?a=b\nEMPTY=\n"
    )

    assert read_file(file) == {"PORT": "8010", "NAME": "two words", "URL": "redis://h/0?a=b", "EMPTY": ""}
    assert read_file(tmp_path / "absent") == {}
