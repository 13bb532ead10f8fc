"""Makes `.venv` what the lock file says. Standard library only: it runs before anything is installed.

    python3.11 -I platform/runtime/install.py [--dev]

A stamp in the environment remembers for which lock file, project file and folder it was made, so every
later call costs nothing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
_NEEDED = (3, 11)


class Failed(Exception):
    """A sentence for the terminal."""


def _lock(*, dev: bool) -> Path:
    return ROOT / ("requirements-dev.lock" if dev else "requirements.lock")


def _stamp(*, dev: bool) -> Path:
    """The development lock holds everything of the other one, so its stamp serves both."""
    digest = hashlib.sha256(str(ROOT).encode())
    for file in (_lock(dev=dev), ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return VENV / f".installed-{'dev' if dev else 'run'}-{digest.hexdigest()[:20]}"


def install(*, dev: bool) -> None:
    if _stamp(dev=dev).exists() or _stamp(dev=True).exists():
        return
    _make_environment()
    _install_locked(_lock(dev=dev))
    _pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    for old in VENV.glob(f".installed-{'dev' if dev else 'run'}-*"):
        old.unlink()
    _stamp(dev=dev).touch()


def _make_environment() -> None:
    if sys.version_info[:2] != _NEEDED:
        raise Failed(
            f"需要 Python 3.11，现在是 {sys.version.split()[0]}：请用 make PYTHON=/路径/python3.11 指定。"
        )
    if PYTHON.exists() and _answers():
        return
    # Also when the interpreter behind it was removed, or the folder was moved here from elsewhere.
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Failed(
            "建不了 Python 虚拟环境（.venv）：Debian/Ubuntu 上请先装 python3.11-venv（apt-get install "
            f"python3.11-venv），再试一次。原话：{(made.stderr or made.stdout).strip()[-300:]}"
        )


def _answers() -> bool:
    """Whether the environment runs and has pip."""
    done = subprocess.run(
        [str(PYTHON), "-m", "pip", "--version"], check=False, capture_output=True, text=True
    )
    return done.returncode == 0 and str(VENV) in done.stdout


def _install_locked(lock: Path) -> None:
    total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    _pip("install", "--require-hashes", "--requirement", str(lock), total=total)


def _pip(*arguments: str, total: int = 0) -> None:
    """Run pip; show how many packages it has dealt with, and its own words only when it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        # The caller's certificates, proxies and mirrors are in the environment and stay there.
        pip = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=os.environ
        )
        assert pip.stdout is not None
        seen = 0
        for line in pip.stdout:
            log.write(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                seen += 1
                _show(f"安装依赖 {min(seen, total)}/{total}")
            elif line.startswith("Installing collected packages"):
                _show(f"安装依赖 {total}/{total}，正在写入……")
        failed = pip.wait() != 0
        _show("")
        if failed:
            log.seek(0)
            words = "".join(log.readlines()[-8:])
            raise Failed(f"依赖没有装成，请检查网络或 pip 镜像设置后再试一次。pip 的原话：\n{words}")


_shown = False


def _show(text: str) -> None:
    """One line that changes on a terminal; few plain lines elsewhere."""
    global _shown
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[2K{text}")
    elif text and not _shown:
        _shown = True
        sys.stdout.write("正在安装依赖，第一次约需一两分钟……\n")
    sys.stdout.flush()


def main() -> int:
    try:
        install(dev="--dev" in sys.argv[1:])
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\n已停止安装，下次会接着装。", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
