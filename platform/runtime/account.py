"""Whom PostgreSQL runs as: it refuses root."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from runtime.processes import Identity
from runtime.trouble import Trouble

_SYSTEM_USER = "dac-postgres"


def identity(data: Path, *on_the_way: Path) -> Identity | None:
    """Whom the server runs as: us, or when we are root somebody without power, as PostgreSQL demands."""
    owner = data.stat().st_uid if data.exists() else None
    me = os.geteuid()
    if me != 0:
        if owner not in (None, me):
            raise Trouble(
                f"数据目录 {data} 属于另一个用户（{_name_of(owner)}）：请用那个用户启动，或者换一个 VAR_DIR。"
            )
        return None
    account = _account() if owner in (None, 0) else _account_of(owner)
    closed = not _can_enter(account, on_the_way)
    return Identity(account.pw_uid, account.pw_gid, override=closed)


def _name_of(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)


def _account_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise Trouble(
            f"数据目录的主人（用户编号 {uid}）不在这台机器上：请把它改给一个存在的用户（chown）。"
        ) from None


def _account() -> pwd.struct_passwd:
    """A system user for the server alone; `nobody` where none can be made."""
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    maker = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if maker is not None:
        options = [
            "--system",
            "--no-create-home",
            "--home-dir",
            "/nonexistent",
            "--shell",
            "/usr/sbin/nologin",
        ]
        subprocess.run([maker, *options, _SYSTEM_USER], check=False, capture_output=True)
    for name in (_SYSTEM_USER, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Trouble("PostgreSQL 不能用 root 运行，这台机器上又建不了别的用户：请换一个普通用户来启动。")


def _can_enter(account: pwd.struct_passwd, folders: tuple[Path, ...]) -> bool:
    """Whether this user, with his main group alone, may pass every folder on the way."""
    for folder in folders:
        for step in (folder.resolve(), *folder.resolve().parents):
            if not step.exists():
                continue
            found = step.stat()
            if found.st_uid == account.pw_uid:
                needed = stat.S_IXUSR
            elif found.st_gid == account.pw_gid:
                needed = stat.S_IXGRP
            else:
                needed = stat.S_IXOTH
            if not found.st_mode & needed:
                return False
    return True
