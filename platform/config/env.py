"""Typed readers of the environment. A variable without a default that is missing stops the start."""

import os
import re
from collections.abc import Sequence
from datetime import time
from pathlib import Path

#: Every name that was asked for, so that a test can compare them with .env.example.
asked: set[str] = set()

_REQUIRED = object()
_HOURS = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")


class MissingVariableError(RuntimeError):
    """A variable that has no default is not set."""


def _read(name: str) -> str | None:
    asked.add(name)
    value = os.environ.get(name, "").strip()
    return value or None


def text(name: str, default: str | object = _REQUIRED) -> str:
    value = _read(name)
    if value is not None:
        return value
    if isinstance(default, str):
        return default
    raise MissingVariableError(f"缺少环境变量 {name}：请在环境或 .env 里写上它，说明见 .env.example。")


def number(name: str, default: int) -> int:
    value = _read(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise MissingVariableError(f"环境变量 {name} 应是整数，现在是 {value!r}。") from None


def choice(name: str, default: str, allowed: Sequence[str]) -> str:
    """One of a few words, in capitals or not."""
    value = (_read(name) or default).upper()
    if value not in allowed:
        raise MissingVariableError(f"环境变量 {name} 应是 {'、'.join(allowed)} 之一，现在是 {value!r}。")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = _read(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise MissingVariableError(f"环境变量 {name} 应是 1 或 0，现在是 {value!r}。")


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in (_read(name) or default).split(",") if word.strip()]


def hours(name: str, default: str) -> tuple[time, time]:
    """From when to when each day, as in `21:30-08:30`, over midnight or not."""
    value = _read(name) or default
    if not _HOURS.fullmatch(value):
        raise MissingVariableError(f"环境变量 {name} 应像 21:30-08:30 这样写，现在是 {value!r}。")
    start, end = (time.fromisoformat(one) for one in value.split("-"))
    if start == end:
        raise MissingVariableError(
            f"环境变量 {name} 的开始和结束是同一个时刻（{value}），说不清是全天还是一刻也没有："
            "请写成两个不同的时刻，例如 21:30-08:30。"
        )
    return start, end


def secret(name: str, default: str | object = _REQUIRED) -> str:
    """A secret, from `NAME` or from the file that `NAME_FILE` names. A named file must exist."""
    path = _read(f"{name}_FILE")
    if path is not None:
        try:
            found = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):  # absent, a folder, closed to us, no text
            found = ""
        if not found:
            raise MissingVariableError(
                f"环境变量 {name}_FILE 指的文件 {path} 不存在、读不了或是空的：请放好文件，或直接写 {name}。"
            )
        return found
    return text(name, default)
