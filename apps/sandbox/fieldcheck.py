"""Reading parameters of an API call, each with the errcode of what is wrong with it."""

from __future__ import annotations

from typing import Any

from apps.sandbox.errors import ApiError


def text(
    source: dict[str, Any],
    name: str,
    *,
    missing: int = 40058,
    max_chars: int | None = None,
    max_bytes: int | None = None,
    too_long: int = 40058,
) -> str:
    value = source.get(name)
    if value is None or value == "":
        raise ApiError(missing, f"missing {name}" if missing == 40058 else "")
    if not isinstance(value, str):
        raise ApiError(40058, f"{name} should be a string")
    return _within(name, value, max_chars, max_bytes, too_long)


def optional_text(
    source: dict[str, Any],
    name: str,
    *,
    max_chars: int | None = None,
    max_bytes: int | None = None,
    too_long: int = 40058,
) -> str:
    if source.get(name) in (None, ""):
        return ""
    return text(source, name, max_chars=max_chars, max_bytes=max_bytes, too_long=too_long)


def _within(name: str, value: str, max_chars: int | None, max_bytes: int | None, errcode: int) -> str:
    if max_chars is not None and len(value) > max_chars:
        raise ApiError(errcode, f"{name} exceeds {max_chars} characters")
    if max_bytes is not None and len(value.encode()) > max_bytes:
        raise ApiError(errcode, f"{name} exceeds {max_bytes} bytes")
    return value


def number(
    source: dict[str, Any],
    name: str,
    *,
    default: int | None = None,
    missing: int = 40058,
    least: int | None = None,
    most: int | None = None,
    outside: int = 40058,
) -> int:
    value = source.get(name)
    if value is None or value == "":
        if default is None:
            raise ApiError(missing, f"missing {name}" if missing == 40058 else "")
        return default
    try:
        found = int(value)
    except (TypeError, ValueError) as error:
        raise ApiError(40058, f"{name} should be an integer") from error
    if (least is not None and found < least) or (most is not None and found > most):
        raise ApiError(outside, f"{name} out of range" if outside == 40058 else "")
    return found


def flag(source: dict[str, Any], name: str, *, default: bool = False) -> bool:
    value = source.get(name, default)
    if value not in (True, False, 0, 1, None):
        raise ApiError(40058, f"{name} should be a boolean")
    return bool(value)


def texts(source: dict[str, Any], name: str, *, most: int | None = None, too_many: int = 40058) -> list[str]:
    """A list of strings; a missing one is empty."""
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, (str, int)) for item in value):
        raise ApiError(40058, f"{name} should be a list")
    if most is not None and len(value) > most:
        raise ApiError(too_many, f"{name} exceeds {most}" if too_many == 40058 else "")
    return [str(item) for item in value]


def table(source: dict[str, Any], name: str) -> dict[str, Any]:
    value = source.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError(40058, f"{name} should be an object")
    return value


def tables(source: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = source.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ApiError(40058, f"{name} should be a list of objects")
    return value
