from tests.committed import own_tables, transactional_db

__all__ = ["own_tables", "transactional_db"]
