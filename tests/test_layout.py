"""The layout that everything else stands on."""

import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import config
import runtime

ROOT = Path(__file__).resolve().parents[1]


def test_the_platform_folder_never_becomes_a_package() -> None:
    stdlib = Path(sysconfig.get_path("stdlib")).resolve()

    assert Path(platform.__file__).resolve().parent == stdlib
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_the_project_packages_are_ours() -> None:
    for package in (config, runtime):
        assert package.__file__ is not None
        assert Path(package.__file__).is_relative_to(ROOT / "platform")


def test_the_standard_library_wins_from_the_root_too() -> None:
    # `python -c` puts the current folder first on the path, as manage.py does.
    done = subprocess.run(
        [sys.executable, "-c", "import platform, celery; print(platform.system())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_lock_files_name_no_host_and_pin_every_package_by_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if "://" in line or "--index" in line]
        packages = [index for index, line in enumerate(lines) if line[:1].isalnum()]
        assert packages
        for index in packages:
            assert "==" in lines[index]
            assert "--hash=sha256:" in lines[index + 1], lines[index]


def test_the_development_lock_agrees_with_the_other_one() -> None:
    def pinned(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if line[:1].isalnum()}

    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_no_file_is_longer_than_500_lines() -> None:
    """What is longer holds two things; migrations are written by Django."""
    files = [
        file
        for folder in ("apps", "platform", "tests", "benchmarks", "static", "templates")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".css", ".js", ".html") and "migrations" not in file.parts
    ]
    assert files

    long = {
        str(file.relative_to(ROOT)): count
        for file in files
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert not long
