"""A slow statement is logged by its shape, with the role that asked, without a value."""

import logging
from typing import Any

import pytest
from django.db import connection

from apps.database import db_role
from apps.database.slow_queries import shape_of

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


def _said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "apps.database.slow_queries"]


def test_what_is_slow_is_logged_and_the_rest_is_not(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SLOW_QUERY_MS = 300
    with caplog.at_level(logging.WARNING), db_role.acting_as(1), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.4), %s, 'written " + PHONE + "'", [PHONE])

    [line] = [line for line in _said(caplog) if "pg_sleep" in line]
    assert "as app_host on default: SELECT pg_sleep(?), %s, …" in line
    assert PHONE not in line


def test_a_threshold_of_nothing_logs_nothing(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SLOW_QUERY_MS = 0
    with caplog.at_level(logging.WARNING), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")

    assert _said(caplog) == []


def test_making_a_database_may_take_its_time(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.SLOW_QUERY_MS = 1
    with caplog.at_level(logging.WARNING), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")

    assert _said(caplog) == []


def test_statements_of_one_kind_have_one_shape() -> None:
    assert shape_of("SELECT a FROM t1 WHERE id IN (%s, %s,  %s)\n AND b = 'it''s' LIMIT 21") == (
        "SELECT a FROM t1 WHERE id IN (%s, …) AND b = ? LIMIT ?"
    )
    assert shape_of("SELECT $$a 'b' 7$$, $x$139$x$") == "SELECT ?, …"
    assert shape_of("INSERT INTO t (a, b) VALUES (%s, %s), (%s, %s), (%s, %s)") == (
        "INSERT INTO t (a, b) VALUES (%s, …), …"
    )
