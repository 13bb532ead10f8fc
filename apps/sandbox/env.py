"""Reading the environment. The sandbox is a project of its own and shares no reader with the product."""

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEMA = "sandbox"
PRODUCTION_WORDS = ("prod", "production")


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"企业微信沙箱缺少环境变量 {name}，请先设置它。")
    return default


def refuse_production() -> None:
    """The sandbox signs anyone in as anyone: it starts only where somebody said that it may."""
    said = os.environ.get("DJANGO_ENV", "").strip().lower()
    if said in PRODUCTION_WORDS or text("SANDBOX_ALLOWED", "0") != "1":
        raise ImproperlyConfigured(
            "企业微信沙箱只能在开发环境运行：它让任何人以任何成员登录。"
            "本机开发请用 make run（它会设置 SANDBOX_ALLOWED=1）；生产环境请接入真实的企业微信。"
        )


def database(url: str) -> dict[str, Any]:
    """A Django database setting from postgres://user:password@host:port/name?host=/socket/folder."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("企业微信沙箱只支持 PostgreSQL，DATABASE_URL 应以 postgres:// 开头。")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    port = options.pop("port", str(parts.port or ""))
    given = options.pop("options", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": options.pop("user", unquote(parts.username or "")),
        "PASSWORD": options.pop("password", unquote(parts.password or "")),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        # Only our schema is on the path: the product's tables in `public` cannot be met by accident.
        # A killed sandbox loses nothing by the late flush, only a machine that loses power might.
        "OPTIONS": {
            **options,
            "options": f"{given} -c search_path={SCHEMA} -c synchronous_commit=off".strip(),
        },
    }
