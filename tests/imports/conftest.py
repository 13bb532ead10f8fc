"""Imports in processes of their own need a database in which commits are real."""

from tests.committed import own_tables, transactional_db

__all__ = ["own_tables", "transactional_db"]
