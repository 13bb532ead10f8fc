"""Our addresses: as they are written outside, which of them are pages, and which page a form stands on."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote, urljoin
from uuid import UUID

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

#: No row has this id.
_NIL = UUID(int=0)
#: What a browser reads as another site's address or drops before it reads: `//x`, `/\x`, control characters.
_STRAYS = re.compile(r"\A//|[\\\x00-\x20\x7f-\x9f]")


def absolute(path: str) -> str:
    """The address by which a phone, WeCom or a QR code finds `path` ("/…") of this site.

    What is absolute already (a picture in a bucket) stays as it is.
    """
    return urljoin(f"{settings.SITE_URL}/", path)


def page(name: str, *args: object) -> str:
    """The absolute address of a page by its name in the URLconf; NoReverseMatch when there is none."""
    return absolute(reverse(name, args=args))


def page_of(name: str, public_id: UUID) -> str:
    """The path of the page by this name that shows one row: what `reverse` says, for long lists.

    Resolving a name takes longer than the rest of a line of a list, so a page's route is asked for once.
    """
    before, after = _around(name)
    return f"{before}{public_id}{after}"


@cache
def _around(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=(_NIL,)).partition(str(_NIL))
    return before, after


def is_ours(url: str) -> bool:
    """Whether an absolute address is one of this site's."""
    return url.startswith(absolute("/"))


def answers_get(view: Callable[..., Any]) -> bool:
    """Whether a view shows something when it is opened, as far as its decorators say.

    Django's `require_http_methods` tells nobody what it lets through but keeps the list in its closure.
    """
    inner: Any = view
    while inner is not None:
        for cell in getattr(inner, "__closure__", None) or ():
            methods = cell.cell_contents
            if isinstance(methods, list | tuple) and "POST" in methods and "GET" not in methods:
                return False
        inner = getattr(inner, "__wrapped__", None)
    return True


def own_page(address: str) -> str:
    """`address` if it begins at our root and names a page of ours, else empty: the only thing we redirect to.

    A word alone would be taken for the name of a view, and two strokes for another site.
    """
    path = address.partition("#")[0].partition("?")[0]
    return address if not _STRAYS.search(address) and leads_somewhere(unquote(path)) else ""


def leads_somewhere(path: str) -> bool:
    """Whether a path, unquoted, is one of ours."""
    if not path.startswith("/") or path.startswith("//"):
        return False
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def page_at_or_above(path: str) -> str:
    """`/customers/7/notes/`, which only takes forms, stands on `/customers/7/`; a page stands on itself."""
    for candidate in (path, *_above(path)):
        try:
            found = resolve(candidate)
        except Resolver404:
            continue
        if answers_get(found.func):
            return candidate
    return "/"


def _above(path: str) -> Iterator[str]:
    parts = path.strip("/").split("/")
    for count in range(len(parts) - 1, -1, -1):
        yield "/".join(["", *parts[:count], ""]) if count else "/"
