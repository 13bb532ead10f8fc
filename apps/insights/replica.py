"""Where numbers are read: the replica when there is one, since they may be a moment old anyway."""

from django.db import connections
from django.db.backends.utils import CursorWrapper


def alias() -> str:
    return "replica" if "replica" in connections.databases else "default"


def cursor() -> CursorWrapper:
    return connections[alias()].cursor()
