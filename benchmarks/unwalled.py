"""The web application without the second wall: it stays the owner of its tables and takes on no role."""

from typing import Any

from apps.lib import walls
from apps.lib.walls import OWNER, Standing


def _stay(connection: Any, to: Standing | None = None) -> Standing:
    return OWNER


walls._switch = _stay
walls.take_on = _stay  # type: ignore[assignment]

from config.wsgi import application  # noqa: E402

__all__ = ["application"]
