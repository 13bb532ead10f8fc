"""How the third-party front-end files come to be, with an npm that only pretends to download."""

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from runtime import assets


def write_program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with the real lock and an empty build folder."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copyfile(assets.ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on PATH with a Node 22 and an npm that lays down empty packages and counts its calls."""
    folder = tmp_path / "tools"
    folder.mkdir()
    files = (*assets.FILES, *assets.DEV_FILES)
    wanted = " ".join(f"'node_modules/{package}/{source}'" for package, source, _ in files)
    write_program(folder, "node", "echo v22.1.0")
    write_program(
        folder,
        "npm",
        f'echo run >> "{folder}/calls"\n'
        f'for f in {wanted}; do mkdir -p "$(dirname "$f")"; echo "$f" > "$f"; done',
    )
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


def calls(tools: Path) -> int:
    return len((tools / "calls").read_text().splitlines())


def test_files_and_licences_are_laid_out_and_the_packages_thrown_away(root: Path, tools: Path) -> None:
    said: list[str] = []
    assert assets.build(said.append, root=root) is True
    for package, source, place in assets.FILES:
        assert (root / "build" / place).read_text().strip() == f"node_modules/{package}/{source}"
    assert not (root / "build" / "npm").exists()
    assert "22.1.0" in said[0]


def test_the_second_call_does_nothing(root: Path, tools: Path) -> None:
    assets.build(lambda text: None, root=root)
    assert assets.build(lambda text: None, root=root) is False
    assert calls(tools) == 1


def test_what_only_the_tests_use_comes_when_they_ask(root: Path, tools: Path) -> None:
    quietly = lambda text: None  # noqa: E731
    assets.build(quietly, root=root)
    [(_, _, place)] = assets.DEV_FILES
    assert not (root / "build" / place).exists()
    assert assets.build(quietly, root=root, dev=True) is True
    assert (root / "build" / place).exists()
    assert "static" not in place  # never served
    assert assets.build(quietly, root=root, dev=True) is False
    assert assets.build(quietly, root=root) is False


def test_a_changed_lock_builds_again(root: Path, tools: Path) -> None:
    assets.build(lambda text: None, root=root)
    with (root / "package-lock.json").open("a") as lock:
        lock.write("\n")
    assert assets.build(lambda text: None, root=root) is True
    assert calls(tools) == 2


def test_a_lost_file_builds_again(root: Path, tools: Path) -> None:
    assets.build(lambda text: None, root=root)
    (root / "build" / "fonts" / "NotoSansSC-Bold.ttf").unlink()
    assert assets.build(lambda text: None, root=root) is True


def test_a_failing_npm_is_told_in_chinese_and_leaves_no_stamp(root: Path, tools: Path) -> None:
    write_program(tools, "npm", "echo 'npm error network down' >&2; exit 1")
    with pytest.raises(assets.AssetsError, match=r"(?s)请检查网络.*network down"):
        assets.build(lambda text: None, root=root)
    assert not (root / "build" / "assets.json").exists()


def test_a_missing_lock_is_told_in_chinese(root: Path, tools: Path) -> None:
    (root / "package-lock.json").unlink()
    with pytest.raises(assets.AssetsError, match=r"package-lock\.json"):
        assets.build(lambda text: None, root=root)


def test_an_old_node_is_passed_over_for_the_one_from_pypi(tools: Path) -> None:
    write_program(tools, "node", "echo v16.20.0")
    command, environment, version = assets.find_npm()
    assert int(version.split(".")[0]) >= assets.OLDEST_NODE
    # npm of the wheel must find its own node by name, not the old one.
    answer = subprocess.run(
        [*command, "--version"], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert answer.stdout.strip()
    assert shutil.which("node", path=environment["PATH"]) == command[0]


def test_the_lock_names_no_host() -> None:
    text = (assets.ROOT / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "http" not in text
    packages = json.loads(text)["packages"]
    assert all(entry.get("integrity") for name, entry in packages.items() if name)
