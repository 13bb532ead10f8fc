import pytest

from tests.committed import own_tables, transactional_db  # noqa: F401
from tests.projecting import empty_ledger


@pytest.fixture
def ledger(transactional_db: None) -> None:  # noqa: F811
    """A database in which commits are real, with an empty ledger."""
    empty_ledger()
