"""A database in which commits are real, for tests across processes and for our calls to the outside.

pytest-django's transactional tests flush the database, and with it the rows that migrations made (Wagtail's
root collection, the groups). This `transactional_db`, imported into a conftest.py, takes the place of its
fixture: only the platform's own tables are emptied, and those that migrations filled stay as they are.
`live_server` goes with it.
"""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected
from pytest_django.live_server_helper import LiveServer

from apps.database import db_role


def database_url() -> str:
    """This test's database, as another process reads it from its environment."""
    known = connection.settings_dict
    user, password = quote(known["USER"], safe=""), quote(known["PASSWORD"], safe="")
    query = urlencode({name.lower(): known[name] for name in ("HOST", "PORT") if known[name]})
    return f"postgresql://{user}{':' + password if password else ''}@/{known['NAME']}?{query}"


@pytest.fixture(scope="session")
def own_tables(django_db_setup: None, django_db_blocker: Any) -> list[str]:
    """The platform's tables that are empty after the migrations."""
    name = connection.settings_dict["NAME"]
    assert name.startswith("test_"), f"{name} is no database for tests"
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            tables = {
                model._meta.db_table
                for model in apps.get_models(include_auto_created=True)
                if model.__module__.startswith("apps.")
            }
            empty = []
            for table in sorted(tables & set(connection.introspection.table_names(cursor))):
                cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")
                if not cursor.fetchone()[0]:
                    empty.append(table)
        connection.close()
    return empty


@pytest.fixture
def transactional_db(own_tables: list[str], django_db_blocker: Any) -> Iterator[None]:
    """Real commits, and a clean house afterwards."""
    with django_db_blocker.unblock():
        yield
        names = ", ".join(connection.ops.quote_name(table) for table in own_tables)
        for tries_left in reversed(range(5)):
            try:
                # Numbers that begin anew are the owner's to set.
                with db_role.as_owner(), connection.cursor() as cursor:
                    cursor.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
                break
            except OperationalError as error:
                # A request that a browser left behind may still read.
                if not tries_left or not isinstance(error.__cause__, DeadlockDetected):
                    raise
                time.sleep(0.5)
            finally:
                connection.close()


@pytest.fixture
def web(live_server: LiveServer) -> str:
    """The address of the product, served from this process."""
    return str(live_server.url)
