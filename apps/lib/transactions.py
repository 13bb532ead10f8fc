"""Views that open their own transactions instead of the one around the request."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def own_transaction(view: View) -> View:
    """Mark a view that commits by itself, such as the WeCom callback, which must store before it answers."""
    view.own_transaction = True  # type: ignore[attr-defined]
    return view
