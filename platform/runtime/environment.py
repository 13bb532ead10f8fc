"""What `make run` knows before it starts anything: folders, addresses, and the variables of its children."""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from runtime.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]
_DEVELOPMENT = "config.settings.dev"


def read_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; `#` starts a comment line, quotes around a value are dropped."""
    values: dict[str, str] = {}
    if not path.exists():
        return values
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            values[name.strip()] = value
    return values


def load_dotenv() -> None:
    """Variables of `.env`, as far as the environment does not say otherwise. Empty ones count as not set."""
    for name, value in read_file(ROOT / ".env").items():
        if value and not os.environ.get(name):
            os.environ[name] = value


def var_dir() -> Path:
    """Where everything lives that is not code. A relative path starts at the repository."""
    return (ROOT / (os.environ.get("VAR_DIR") or "var")).resolve()


@dataclass(frozen=True)
class Plan:
    """One run of the platform on this machine."""

    var_dir: Path
    bind: str
    port: int
    sandbox_port: int
    site_url: str
    settings_module: str
    database_url: str  # empty: the embedded server
    with_sandbox: bool
    with_demo: bool
    web_workers: int
    task_workers: int

    @property
    def sandbox_url(self) -> str:
        return f"http://{urlsplit(self.site_url).hostname}:{self.sandbox_port}"

    @property
    def logs(self) -> Path:
        return self.var_dir / "logs"

    @property
    def address(self) -> str:
        """Where this machine reaches the web server."""
        host = "127.0.0.1" if self.bind in ("0.0.0.0", "::", "") else self.bind  # noqa: S104 - compared only
        return f"http://{host}:{self.port}"

    def variables(self) -> dict[str, str]:
        """The environment of every child."""
        chosen = {
            "VAR_DIR": str(self.var_dir),
            "PORT": str(self.port),
            "SITE_URL": self.site_url,
            "DJANGO_SETTINGS_MODULE": self.settings_module,
            "DATABASE_URL": self.database_url,
            "PYTHONUNBUFFERED": "1",
        }
        if self.with_sandbox:
            chosen |= {
                "WECOM_API_BASE": self.sandbox_url,
                "WECOM_OAUTH_BASE": os.environ.get("WECOM_OAUTH_BASE") or self.sandbox_url,
                "WECOM_LOGIN_BASE": os.environ.get("WECOM_LOGIN_BASE") or self.sandbox_url,
                "SANDBOX_PORT": str(self.sandbox_port),
                "SANDBOX_URL": self.sandbox_url,
            }
        return {**os.environ, **chosen}


def _number(name: str, default: int, *, most: int) -> int:
    said = os.environ.get(name) or str(default)
    if not said.isdecimal() or not 0 < int(said) <= most:
        raise Trouble(f"{name} 应是 1 到 {most} 的整数，现在是 {said!r}：例如 make run {name}={default}。")
    return int(said)


def _port(name: str, default: int) -> int:
    return _number(name, default, most=65535)


def _secret(name: str) -> str:
    """As config/env.py reads it: from the file that NAME_FILE names, else from NAME."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Trouble(f"读不了 {name}_FILE 指的文件 {file}（{error.strerror}）。") from None
    return os.environ.get(name) or ""


def plan() -> Plan:
    """Read the environment. `DJANGO_SETTINGS_MODULE=config.settings.prod` means: no sandbox, no demo."""
    port = _port("PORT", 8000)
    module = os.environ.get("DJANGO_SETTINGS_MODULE") or _DEVELOPMENT
    development = module == _DEVELOPMENT
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = max(2, min(cores, 8))
    return Plan(
        var_dir=var_dir(),
        bind=os.environ.get("BIND") or "127.0.0.1",
        port=port,
        sandbox_port=_port("SANDBOX_PORT", port + 1),
        site_url=(os.environ.get("SITE_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        settings_module=module,
        database_url=_secret("DATABASE_URL"),
        with_sandbox=development and not os.environ.get("WECOM_API_BASE"),
        with_demo=development and os.environ.get("RUN_DEMO") != "0",
        web_workers=_number("WEB_CONCURRENCY", processes, most=256),
        task_workers=_number("WORKER_CONCURRENCY", processes, most=256),
    )
