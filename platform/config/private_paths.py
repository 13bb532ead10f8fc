"""Addresses that carry a key in their path: whoever reads one in a log could use it."""

import re
from typing import Any

#: What stands before the key. docs/operations.md gives the same list to nginx; a test compares both with the
#: URLconf.
KEYED = ("join/state", "join/start", "join", "password", "my-data", "agree", "o", "u")
_KEY = re.compile(rf"/({'|'.join(KEYED)})/[^/\s?#\"'<>]+")


def without_keys(text: str) -> str:
    """`text` with the key of each private address left out."""
    return _KEY.sub(r"/\1/…", text)


def scrub(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """For structlog: no line of ours holds a key, whoever wrote the line."""
    return {key: without_keys(value) if isinstance(value, str) else value for key, value in event.items()}
