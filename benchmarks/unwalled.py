"""The web application without the second wall: it stays the owner of its tables and takes on no role."""

from typing import Any

from apps.database import db_role
from apps.database.db_role import OWNER, Identity


def _stay(connection: Any, to: Identity | None = None) -> Identity:
    return OWNER


db_role._switch = _stay
db_role.take_on = _stay  # type: ignore[assignment]

from config.wsgi import application  # noqa: E402

__all__ = ["application"]
