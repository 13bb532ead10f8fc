"""Where uploaded files live: `file:///folder` on one machine, `s3://bucket?endpoint=…` on several."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def from_url(url: str) -> dict[str, Any]:
    """The STORAGES entry for `url`; ValueError for another scheme, and for an address that is none."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError(f"STORAGE_URL 的目录要写全：file:/// 后面是从根开始的路径，现在是 {url}")
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path), "base_url": "/media/"},
        }
    if parts.scheme == "s3":
        if not parts.hostname:
            raise ValueError("STORAGE_URL 里没有桶名：应像 s3://桶名?endpoint=https://…")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        options: dict[str, Any] = {
            "bucket_name": parts.hostname,
            "location": parts.path.strip("/"),
            "default_acl": "private",
            "file_overwrite": False,
            "querystring_auth": True,
        }
        if parts.username:
            options["access_key"] = unquote(parts.username)
            options["secret_key"] = unquote(parts.password or "")
        if "endpoint" in query:
            options["endpoint_url"] = query["endpoint"]
        if "region" in query:
            options["region_name"] = query["region"]
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ValueError(f"STORAGE_URL 应以 file:// 或 s3:// 开头，现在是 {parts.scheme}://")
