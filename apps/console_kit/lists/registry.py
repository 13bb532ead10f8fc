"""All lists of the console by key, which is the list's place in the address: `products`, `hosts`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.urls import get_resolver

_lists: dict[str, Any] = {}


def add(viewset: Any) -> None:
    _lists[viewset.url_prefix] = viewset


def every() -> dict[str, Any]:
    """The viewsets. They register themselves when the console's addresses are read."""
    _ = get_resolver().url_patterns
    return dict(_lists)


class Opened(NamedTuple):
    """A list as somebody sees it under a query."""

    viewset: Any
    view: Any

    @property
    def desk(self) -> Any:
        return self.viewset.desk


def opened(request: HttpRequest, key: str, query: str = "") -> Opened:
    """The list as it answers to this query; Http404, or PermissionDenied for who may not see it."""
    viewset = every().get(key)
    if viewset is None:
        raise Http404
    return Opened(viewset, view_of(viewset, request.user, query, request))


def view_of(
    viewset: Any, user: Any, query: str, request: HttpRequest | None = None, *, also: tuple[str, ...] = ()
) -> Any:
    """The list's own view, set up for this person and query, as if she had asked for it.

    It shows the rows alone at which she has the rights `also`.
    """
    asked = HttpRequest()
    asked.method, asked.GET, asked.path = "GET", QueryDict(query), viewset.list_url
    asked.user = user
    if request is not None:
        asked.META = request.META
        for name in ("session", "_messages"):
            if hasattr(request, name):
                setattr(asked, name, getattr(request, name))
    page: Callable[..., Any] = viewset.index_view
    view = page.view_class(**page.view_initkwargs)  # type: ignore[attr-defined]
    view.also = also
    view.setup(asked)
    if not view.permission_policy.user_has_any_permission(user, view.any_permission_required):
        raise PermissionDenied
    return view
