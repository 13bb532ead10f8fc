"""The production entry: systemd units, or a compose file, from the same list of processes as `make run`.

`python -m runtime units FOLDER [--root …] [--var …] [--user …]` writes both. Nothing of them is written by
hand, so a process that is added to `children` is started in production too.
"""

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from runtime.children import Child, children
from runtime.environment import ROOT, Plan, plan

_SETTINGS = "config.settings.prod"
#: Before the others, and again with each release: front-end files, tables, static files.
PREPARATION = (("-m", "runtime.assets"), ("-m", "runtime.prepare"))
_AFTER = "network-online.target postgresql.service"
_PLAIN = re.compile(r"""[^\s"'%$\\;]+""")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_PYTHON = "/usr/local/bin/python"  # of the official image


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m runtime units", description="写出 systemd 单元和 compose 文件。"
    )
    parser.add_argument("folder", type=Path, help="写到哪个目录")
    parser.add_argument("--root", type=Path, default=ROOT, help="程序在哪个目录")
    parser.add_argument("--var", type=Path, default=Path("/srv/dac-var"), help="数据目录（VAR_DIR）")
    parser.add_argument("--user", default="dac", help="用哪个系统用户运行")
    asked = parser.parse_args(arguments)
    for name in ("root", "var", "user"):
        # systemd parts its lines at blanks, and reads quotes, `%`, `$` and `\\` in its own way.
        if not _PLAIN.fullmatch(str(getattr(asked, name))):
            parser.error(f"--{name} 里不能有空格、引号、%、$ 或 \\：请换一个目录或名字。")
    for name in ("root", "var"):
        if not getattr(asked, name).is_absolute():
            parser.error(f"--{name} 要写完整的路径，以 / 开头：systemd 不知道从哪里算起。")
    if not _ACCOUNT.fullmatch(asked.user):
        parser.error("--user 是系统用户的名字：小写字母、数字、- 和 _，以字母或 _ 开头，最多 32 个字符。")
    if asked.user == "root":
        parser.error("--user 不能是 root：平台不需要管理员权限，请另建一个系统用户，例如 dac。")
    files = {**units(asked.root, asked.var, asked.user), **compose(asked.root)}
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (asked.folder / name).write_text(text, encoding="utf-8")
        print(asked.folder / name)
    return 0


def production(var_dir: Path, *, bind: str, port: int | None = None) -> Plan:
    """This machine's plan as production runs it: without sandbox and demo."""
    here = plan()
    return replace(
        here,
        var_dir=var_dir,
        bind=bind,
        port=port or here.port,
        settings_module=_SETTINGS,
        with_sandbox=False,
        with_demo=False,
    )


def units(root: Path, var_dir: Path, user: str) -> dict[str, str]:
    """File name → text: one service for each process, one for what is made before, and their target."""
    found = children(production(var_dir, bind="127.0.0.1"))
    python = root / ".venv" / "bin" / "python"
    common = [
        f"User={user}",
        f"WorkingDirectory={root}",
        f"Environment=VAR_DIR={var_dir} DJANGO_SETTINGS_MODULE={_SETTINGS} PYTHONUNBUFFERED=1",
        f"EnvironmentFile={root}/.env",
        "NoNewPrivileges=true",
        "ProtectSystem=strict",
        f"ReadWritePaths={root} {var_dir}",
        "PrivateTmp=true",
    ]
    names = [f"dac-{child.name}.service" for child in found]
    files = {
        "dac.target": _ini(
            Unit=["Description=大C赋能平台", f"Wants={' '.join(names)}"],
            Install=["WantedBy=multi-user.target"],
        ),
        "dac-prepare.service": _ini(
            Unit=[
                "Description=大C赋能平台：数据表和静态文件",
                "After=network-online.target postgresql.service",
            ],
            Service=[
                "Type=oneshot",
                "RemainAfterExit=true",
                *(f"ExecStart={python} {' '.join(command)}" for command in PREPARATION),
                "TimeoutStartSec=infinity",
                *common,
            ],
        ),
    }
    for child, name in zip(found, names, strict=True):
        files[name] = _ini(
            Unit=[
                f"Description=大C赋能平台：{child.title}",
                "Requires=dac-prepare.service",
                f"After=dac-prepare.service {_AFTER}",
                "PartOf=dac.target",
            ],
            Service=[
                f"ExecStart={' '.join(_command(child, str(python)))}",
                *(f"Environment={key}={value}" for key, value in child.variables.items()),
                "Restart=always",
                "RestartSec=2",
                "KillMode=mixed",
                f"TimeoutStopSec={child.grace:g}",
                *common,
            ],
            Install=["WantedBy=dac.target"],
        )
    return files


def compose(root: Path) -> dict[str, str]:
    """compose.yaml, which builds its image too. The database is given by `DATABASE_URL`, as everywhere."""
    var_dir = Path("/var/lib/dac")
    environment = {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": _SETTINGS, "PYTHONUNBUFFERED": "1"}
    common: dict[str, Any] = {
        "image": "dac",
        "env_file": ".env",
        "environment": environment,
        "volumes": [f"data:{var_dir}"],
        "init": True,
    }
    services: dict[str, Any] = {
        "prepare": {
            **common,
            "build": {"context": str(root), "dockerfile_inline": _DOCKERFILE},
            "command": ["sh", "-c", " && ".join(f"python {' '.join(command)}" for command in PREPARATION)],
            "restart": "no",
        }
    }
    for child in children(production(var_dir, bind="0.0.0.0", port=8000)):  # noqa: S104 - inside its container
        service: dict[str, Any] = {
            **common,
            "command": _command(child, _PYTHON),
            "environment": {**environment, **child.variables},
            "depends_on": {"prepare": {"condition": "service_completed_successfully"}},
            "restart": "unless-stopped",
            "stop_grace_period": f"{child.grace:g}s",
        }
        if child.ready_url:
            service["ports"] = ["127.0.0.1:${PORT:-8000}:8000"]
            service["tmpfs"] = ["/run/metrics"]  # each start counts anew (config/gunicorn.py)
            service["environment"] |= {"PROMETHEUS_MULTIPROC_DIR": "/run/metrics"}
            service["healthcheck"] = {
                "test": ["CMD", _PYTHON, "-c", _ASK.format(url=child.ready_url)],
                "interval": "10s",
                "timeout": "6s",
                "retries": 3,
                "start_period": "60s",
            }
        services[child.name] = service
    # Anchors would save lines and cost readers.
    text = yaml.dump(
        {"name": "dac", "services": services, "volumes": {"data": {}}},
        Dumper=_Plain,
        allow_unicode=True,
        sort_keys=False,
        width=110,
    )
    return {"compose.yaml": text}


_ASK = "import urllib.request; urllib.request.urlopen('{url}', timeout=5)"
_DOCKERFILE = """\
FROM python:3.11-slim
WORKDIR /srv/dac
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \\
 && useradd --system dac && mkdir -p /var/lib/dac && chown -R dac /srv/dac /var/lib/dac
USER dac
"""


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def _command(child: Child, python: str) -> list[str]:
    return [python if part == sys.executable else part for part in child.command]


def _ini(**sections: list[str]) -> str:
    return "\n".join(
        f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections.items()
    )
