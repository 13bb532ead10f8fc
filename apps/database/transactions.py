"""Views that open their own transactions instead of the one around the request."""

from collections.abc import Callable
from typing import Any, TypeVar

from apps.database.db_role import NOBODY

View = TypeVar("View", bound=Callable[..., Any])


def own_transaction(view: View) -> View:
    """Mark a view that commits by itself, such as the WeCom callback, which must store before it answers.

    It stands as nobody, and takes on what it needs transaction by transaction.
    """
    view.own_transaction = NOBODY  # type: ignore[attr-defined]
    return view
