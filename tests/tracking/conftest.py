from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from apps.database.db_role import Role
from tests.committed import own_tables, transactional_db  # noqa: F401
from tests.projecting import empty_ledger


@pytest.fixture
def ledger(transactional_db: None) -> Iterator[None]:  # noqa: F811
    """An empty ledger that really commits."""
    empty_ledger()
    yield
    empty_ledger()


@pytest.fixture
def another(ledger: None) -> Iterator[psycopg.Connection]:
    """A second connection to the same database, so that two transactions can overlap."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters, options=f"-c role={Role.WORKER}") as held:
        yield held
