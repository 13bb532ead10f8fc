from datetime import date

import pytest

from apps.tracking import services as tracking
from tests.committed import own_tables, transactional_db  # noqa: F401
from tests.projecting import empty_ledger


@pytest.fixture
def ledger(transactional_db: None) -> None:  # noqa: F811
    """A database in which commits are real, with an empty ledger."""
    empty_ledger()


@pytest.fixture
def last_december(db: None) -> None:
    """The ledger's month before the year in which the tests' clock stands."""
    tracking.make_partitions([date(2025, 12, 1)])
