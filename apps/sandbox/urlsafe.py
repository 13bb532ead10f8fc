"""Addresses that people type."""

from urllib.parse import urlsplit


def host_of(address: str) -> str:
    """The host name of an address, or of a bare host with or without a port."""
    return urlsplit(address if "//" in address else f"//{address}").hostname or ""


def same_host(address: str, host: str) -> bool:
    """Whether a web address lies on that host. Ports are not compared, as with WeCom's 可信域名."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(host) and parts.hostname == host.lower()
    except ValueError:
        return False
