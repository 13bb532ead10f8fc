"""What the tests need from the machine: a browser, Chinese fonts, a PostgreSQL that is not ours.

    python -m runtime.machine        installs what is missing (as root, by apt), or says what to install

Never skipped in silence: a test run without them would say less than it seems to.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from runtime.trouble import Trouble

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Chromium or its sister; `CHROMIUM` names another one."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named if os.access(named, os.X_OK) else None
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def find_chinese_fonts() -> bool:
    """Without them Chinese text in a screenshot is a row of boxes."""
    lister = shutil.which("fc-list")
    if lister is None:
        return sys.platform == "darwin"  # every Mac has them
    found = subprocess.run([lister, ":lang=zh-cn", "family"], check=False, capture_output=True)
    return bool(found.stdout.strip())


def find_postgresql() -> Path | None:
    """The binaries of a PostgreSQL that is not ours, the newest first; `PG_BIN` names another folder."""
    named = os.environ.get("PG_BIN")
    folders = [Path(named)] if named else [*Path("/usr/lib/postgresql").glob("*/bin")]
    if not named:
        folders += [*Path("/opt/homebrew/opt").glob("postgresql@*/bin")]
    good = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(good, key=lambda folder: folder.parent.name, default=None)


def missing() -> list[str]:
    """Debian's names of the packages that are not here."""
    wanted = {
        "chromium": find_browser(),
        "fonts-noto-cjk": find_chinese_fonts(),
        "postgresql": find_postgresql(),
    }
    return [package for package, found in wanted.items() if not found]


def provide() -> None:
    """Install what is missing, or raise Trouble with the names."""
    packages = missing()
    if not packages:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Trouble(
            f"测试还需要这些软件：{'、'.join(packages)}。请先安装：sudo apt-get install {' '.join(packages)}"
        )
    print(f"正在用 apt 安装测试需要的软件：{'、'.join(packages)}……", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run([apt, "-qq", *command], check=False, capture_output=True, text=True, env=quiet)
        if done.returncode != 0:
            words = (done.stderr or done.stdout).strip().splitlines()[-3:]
            raise Trouble(f"apt 没有装成 {'、'.join(packages)}：{' '.join(words)}")
    if left := missing():
        raise Trouble(f"装过之后还是没有找到：{'、'.join(left)}。")


def main() -> int:
    try:
        provide()
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
