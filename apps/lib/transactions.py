"""Views that open their own transactions instead of the one around the request."""

from collections.abc import Callable
from typing import Any, TypeVar

from apps.lib.walls import NOBODY, WORKER

View = TypeVar("View", bound=Callable[..., Any])


def own_transaction(view: View) -> View:
    """Mark a view that commits by itself, such as a sign-in that asks WeCom who comes. It sees no rows."""
    view.own_transaction = NOBODY  # type: ignore[attr-defined]
    return view


def worker_transaction(view: View) -> View:
    """Mark a view that commits by itself and sees every row, as a job does: the WeCom callback."""
    view.own_transaction = WORKER  # type: ignore[attr-defined]
    return view
