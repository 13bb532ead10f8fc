"""What production starts is written from the list of processes that `make run` starts."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from runtime import __main__ as runtime
from runtime.children import Child, children
from runtime.environment import ROOT
from runtime.units import production

VAR_DIR = Path("/srv/dac-var")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    assert runtime.main(["units", str(tmp_path), "--root", str(ROOT), "--user", "daemon"]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(str(file) for file in tmp_path.iterdir())
    return tmp_path


def processes() -> list[Child]:
    return children(production(VAR_DIR, bind="127.0.0.1"))


def service(folder: Path, name: str) -> dict[str, list[str]]:
    """A unit's [Service]: each key with all its values."""
    parser = configparser.RawConfigParser(strict=False, dict_type=_Collected)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(folder / f"dac-{name}.service", encoding="utf-8")
    return {key: value.split("\n") for key, value in parser["Service"].items()}


class _Collected(dict[str, Any]):
    """systemd's keys may come again: their values are joined, where a parser would keep the last."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and key in self and isinstance(self[key], list):
            self[key].extend(value)
            return
        super().__setitem__(key, value)


def test_each_process_is_a_unit_that_ends_in_its_own_time(written: Path) -> None:
    assert {child.name for child in processes()} == {"web", "worker", "lane", "beat"}
    wanted = re.search(r"^Wants=(.*)$", (written / "dac.target").read_text(), re.MULTILINE)
    assert wanted is not None
    assert wanted[1].split() == [f"dac-{child.name}.service" for child in processes()]
    for child in processes():
        found = service(written, child.name)
        assert found["ExecStart"] == [f"{ROOT}/.venv/bin/python {' '.join(child.command[1:])}"]
        assert found["TimeoutStopSec"] == [f"{child.grace:g}"]
        assert found["Restart"] == ["always"]
        assert f"VAR_DIR={VAR_DIR} DJANGO_SETTINGS_MODULE=config.settings.prod" in found["Environment"][-1]
        assert {f"{key}={value}" for key, value in child.variables.items()} <= set(found["Environment"])


def test_tables_and_files_are_made_before(written: Path) -> None:
    commands = service(written, "prepare")["ExecStart"]

    assert [command.split(maxsplit=1)[1] for command in commands] == [
        "-m runtime.assets",
        "-m runtime.prepare",
    ]
    for child in processes():
        assert "Requires=dac-prepare.service" in (written / f"dac-{child.name}.service").read_text()


def test_systemd_finds_no_fault_in_them(written: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        # The rest of this file reads them without it.
        assert all(file.read_text().startswith("[Unit]\n") for file in written.glob("dac*"))
        return
    said = subprocess.run(
        [verify, "verify", *map(str, written.glob("dac*"))], capture_output=True, text=True, check=False
    )
    assert [line for line in said.stderr.splitlines() if "dac" in line] == []


def test_compose_starts_the_same_processes_and_asks_whether_the_pages_are_ready(written: Path) -> None:
    services = yaml.safe_load((written / "compose.yaml").read_text())["services"]

    assert list(services) == ["prepare", *(child.name for child in processes())]
    for child in processes():
        found = services[child.name]
        assert found["command"][1:2] == list(child.command[1:2])
        assert set(child.command[2:]) - set(found["command"]) <= {
            f"--bind=127.0.0.1:{production(VAR_DIR, bind='').port}"
        }
        assert found["stop_grace_period"] == f"{child.grace:g}s"
        assert child.variables.items() <= found["environment"].items()
        assert found["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert "http://127.0.0.1:8000/readyz" in services["web"]["healthcheck"]["test"][-1]
    assert "--bind=0.0.0.0:8000" in services["web"]["command"]
    assert "runtime.prepare" in services["prepare"]["command"][-1]


def test_what_they_set_is_documented(written: Path) -> None:
    known = (ROOT / ".env.example").read_text(encoding="utf-8")
    services = yaml.safe_load((written / "compose.yaml").read_text())["services"]
    named = {name for one in services.values() for name in one["environment"]}

    assert {
        name for name in named - {"PYTHONUNBUFFERED", "REMAP_SIGTERM"} if f"{name}=" not in known
    } == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [("--root", "/srv/da c"), ("--var", "/srv/my data"), ("--var", "/a%b"), ("--user", "d c")],
)
def test_what_systemd_would_read_otherwise_is_refused(
    name: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    with pytest.raises(SystemExit):
        runtime.main(["units", str(tmp_path / "units"), name, value])

    assert f"{name} 里不能有空格" in capsys.readouterr().err
    assert not (tmp_path / "units").exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("--root", "rel", "--root 要写完整的路径"),
        ("--var", "var", "--var 要写完整的路径"),
        ("--user", "root", "--user 不能是 root"),
        ("--user", "a:b", "--user 是系统用户的名字"),
        ("--user", "0", "--user 是系统用户的名字"),
        ("--user", "Dac", "--user 是系统用户的名字"),
    ],
)
def test_a_folder_or_an_account_that_no_unit_can_use_is_refused(
    name: str,
    value: str,
    sentence: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    with pytest.raises(SystemExit):
        runtime.main(["units", str(tmp_path / "units"), name, value])

    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "units").exists()
