"""Statements that take long, in the log: their shape, who asked the database as whom, never a value.

The route stands in every line of a request (`config.middleware.RequestIdMiddleware`).
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from apps.database import db_role

_log = logging.getLogger(__name__)
_LONGEST = 2_000  # characters of a shape
#: Text and numbers that somebody wrote into a statement instead of passing them beside it.
_VALUE = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|(?<![\w.])\d+(?:\.\d+)?\b", re.DOTALL)
_MANY = re.compile(r"(%s|\?)(?:\s*,\s*(?:%s|\?))+")
_MANY_ROWS = re.compile(r"(\([^()]*\))(?:\s*,\s*\1)+")


def watch_connections() -> None:
    """Every connection that is made from now on is timed."""
    connection_created.connect(_watch, dispatch_uid="slow queries")


def shape_of(statement: str) -> str:
    """The statement without a value, in one line, so that all of its kind read the same."""
    one_line = " ".join(_VALUE.sub("?", statement).split())
    return _MANY_ROWS.sub(r"\1, …", _MANY.sub(r"\1, …", one_line))[:_LONGEST]


def _watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    # Where databases are made there is none yet, and no role of ours.
    if connection.alias != NO_DB_ALIAS and _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    began = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        took = (time.monotonic() - began) * 1000
        if 0 < settings.SLOW_QUERY_MS <= took:
            alias = context["connection"].alias
            _log.warning(
                "slow query: %d ms as %s on %s: %s",
                took,
                db_role.current(alias).role,
                alias,
                shape_of(str(sql)),
            )
