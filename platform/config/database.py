"""From one URL to Django's database, Celery's broker and the cache."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_SCHEMES = {"postgres", "postgresql"}


def embedded_url(var_dir: Path) -> str:
    """The address of the embedded server that `make run` keeps for this VAR_DIR."""
    # Here, since the wheel is only needed when no DATABASE_URL is given.
    from runtime.postgres import url_for  # noqa: PLC0415

    return url_for(var_dir)


def from_url(url: str, *, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's entry for a `postgresql://user:password@host:port/name?option=value` address.

    ValueError, which names the variable `name`.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # half a bracket, a port that is none
        raise ValueError(
            f"{name} 写得不对：应像 postgresql://用户:密码@主机:5432/库名，密码里的 @ 要写成 %40。"
        ) from None
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"{name} 应以 postgresql:// 开头：本产品只用 PostgreSQL。")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "dac",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **options},
    }


def broker_url(url: str) -> str:
    """Celery's doorbell on the same PostgreSQL; its tables live in schema `broker`."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = "-csearch_path=broker"
    return f"sqla+postgresql+psycopg://{parts.netloc}{parts.path}?{urlencode(query, quote_via=quote)}"


def cache_from_url(url: str) -> dict[str, Any]:
    """The cache: Redis by `redis://`, else memory of the process (nothing that must be shared is cached)."""
    if url.startswith(("redis://", "rediss://", "unix://")):
        return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "dac"}
