from collections.abc import Iterator

import pytest

from tests.committed import own_tables, transactional_db

__all__ = ["own_tables", "transactional_db"]


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Real commits; the counts of wrong passwords are axes' table, which the fixture above does not empty."""
    from axes.models import AccessAttempt

    AccessAttempt.objects.all().delete()
    yield
    AccessAttempt.objects.all().delete()
