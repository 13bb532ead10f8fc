"""Looking before the start: ports, the database, who answers, what a log says last."""

import contextlib
import re
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg

from runtime.environment import Plan
from runtime.trouble import Trouble


def check_ports(plan: Plan) -> None:
    """Nobody else listens where we want to."""
    wanted = [("PORT", plan.port)]
    if plan.with_sandbox:
        wanted.append(("SANDBOX_PORT", plan.sandbox_port))
    for name, port in wanted:
        family = socket.AF_INET6 if ":" in plan.bind else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((plan.bind, port))
            except OSError as error:
                raise Trouble(
                    f"端口 {port} 用不了（{_whose_port(port) or error.strerror}）：请先停掉占用它的程序，"
                    f"或者换一个端口：make run {name}={port + 10}。"
                ) from None


def _whose_port(port: int) -> str:
    """The program that listens there, as far as we may see it."""
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("tcp"):
            if found.status == psutil.CONN_LISTEN and found.laddr and found.laddr.port == port and found.pid:
                return f"已被进程 {found.pid} {psutil.Process(found.pid).name()} 占用"
    return ""


def check_database(url: str) -> None:
    where = urlsplit(url)
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version
            power = connection.execute(
                "SELECT rolname FROM pg_roles WHERE rolname = session_user AND (rolsuper OR rolbypassrls)"
            ).fetchone()
    except (psycopg.Error, ValueError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise Trouble(
            f"连不上 DATABASE_URL 指的数据库（{where.hostname or '本机'}{where.path}）：{reason}。"
            "请确认它在运行、地址和密码正确；不设 DATABASE_URL 就用内嵌的数据库。"
        ) from None
    if version < 150000:
        raise Trouble(f"数据库是 PostgreSQL {version // 10000}，至少要 15：请升级，或者不设 DATABASE_URL。")
    if power is not None:
        raise Trouble(
            f"DATABASE_URL 用的数据库账号 {power[0]} 权限太大（超级用户或 BYPASSRLS），"
            "各大C之间的数据就隔不开了：请换成普通账号，建法见 docs/operations.md。"
        )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def last_words(path: Path, *, since: int = 0) -> str:
    """The line that says why: the last exception's name and text, else simply the last line."""
    with path.open("rb") as file:
        file.seek(since)
        lines = file.read().decode(errors="replace").strip().splitlines()
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Configured|Trouble): ", line)]
    return (raised or lines or ["没有留下原因"])[-1].strip()


def how(code: int) -> str:
    return f"被 {signal.Signals(-code).name} 杀掉" if code < 0 else f"退出码 {code}"
