"""The access log is sealed in commit order: what tests it commits for real."""

from tests.committed import own_tables, transactional_db  # noqa: F401
