from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.committed import own_tables, transactional_db

__all__ = ["own_tables", "transactional_db"]


@pytest.fixture(autouse=True)
def nobody_posted_yet() -> Iterator[None]:
    """The counts of the throttles live in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()
