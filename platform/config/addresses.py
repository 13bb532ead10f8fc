"""Addresses as they come: what can't be read is refused, what a chat added is forgiven."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme

from apps.lib.addresses import leads_somewhere, own_page, page_at_or_above
from config import errors

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_NUL = "\x00"
#: An address up to its last letter: what stands behind it was glued on by a chat (`。`, `）`, `__`, blanks).
_UP_TO_A_LETTER = re.compile(r".*[A-Za-z0-9]", re.DOTALL)
#: One such mark at the end of a query: as itself, or as the bytes of its UTF-8 beyond letters and digits.
_MARK_AT_END = re.compile(
    r"(?:%F0(?:%[89AB][0-9A-F]){3}|%E[0-9A-F](?:%[89AB][0-9A-F]){2}|%[CD][0-9A-F]%[89AB][0-9A-F]"
    r"|%(?:2[0-9A-F]|3[A-F]|40|5[B-F]|60|7[B-F])|[^A-Za-z0-9])\Z",
    re.IGNORECASE,
)
_LONGEST_MARK = len("%F0%9F%98%80")
#: Programs ask here: they are told 404, not led elsewhere.
_PROGRAMS = ("/api/", "/wecom/callback/")


class ReadableMiddleware:
    """Answer 400 to a NUL in the address, the query or a cookie: no file, no text of PostgreSQL holds one.

    In front of everything, since the first to look is whitenoise with the name of a file, then the session.
    A NUL in what was posted is found when the database refuses it (`MalformedFormMiddleware`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if _NUL in request.path or "%00" in query or _NUL in query:
            return errors.unreadable(request)
        # Quoted octal in a cookie ("\000") is read as a NUL.
        if any(_NUL in value for value in request.COOKIES.values()):
            return errors.unreadable(request)
        return self.get_response(request)


class ForgivingMiddleware:
    """Where a person's address leads nowhere, look whether a near one of ours does.

    * Marks that a chat put behind a link are taken off.
    * An address for forms alone, opened by hand, leads to the page above it.
    * Who has to sign in for a form comes back to the page on which it stands.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith(_PROGRAMS):
            return response
        if request.method not in {"GET", "HEAD"}:
            for header in ("Location", "HX-Redirect"):
                if header in response:
                    response[header] = _back_to_the_form(request, response[header])
            return response
        better = ""
        if response.status_code == 404:
            better = _without_marks(request)
        elif response.status_code == 405 and "text/html" in request.headers.get("Accept", ""):
            better = page_at_or_above(request.path)
        return HttpResponseRedirect(better) if better else response


class NextMiddleware:
    """Wagtail's views lead to what `next` names: in the console it names a page of ours, or is not there."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not request.path.startswith("/hq/"):
            return
        request.GET = _with_sound_next(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = _with_sound_next(request.POST)  # type: ignore[assignment]


def _with_sound_next(sent: QueryDict) -> QueryDict:
    wanted = str(sent.get("next") or "")
    if not wanted or own_page(wanted):
        return sent
    sound = sent.copy()
    del sound["next"]
    sound._mutable = False
    return sound


def _back_to_the_form(request: HttpRequest, target: str) -> str:
    """A sign-in page that would lead to an address for forms leads to the form's page instead."""
    parts = urlsplit(target)
    if parts.path not in {"/login/", "/hq/login/", "/second-step/"}:
        return target
    query = dict(parse_qsl(parts.query))
    if query.get("next") != request.get_full_path():
        return target
    page = _page_in_front(request) or page_at_or_above(request.path)
    return f"{parts.path}?{urlencode({**query, 'next': page})}"


def _page_in_front(request: HttpRequest) -> str:
    """The page of ours that a part was asked for from, as htmx names it; else empty."""
    named = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(named, {request.get_host()}, require_https=request.is_secure()):
        return ""
    here = urlsplit(named)
    return own_page(f"{here.path}?{here.query}".rstrip("?"))


def _without_marks(request: HttpRequest) -> str:
    """The address without what was glued to it, if that leads somewhere; else empty."""
    query = request.META.get("QUERY_STRING", "")
    sound_query = _query_without_marks(query)
    if sound_query != query:
        return own_page(f"{quote(request.path)}?{sound_query}")
    bare = _path_without_marks(request.path).rstrip("/")
    if request.path in {bare, f"{bare}/"}:
        return ""
    found = next((one for one in (f"{bare}/", bare) if one and leads_somewhere(one)), "")
    return own_page(quote(found) + (f"?{query}" if found and query else ""))


def _path_without_marks(path: str) -> str:
    """Up to its last letter, with the strokes that follow it."""
    found = _UP_TO_A_LETTER.match(path)
    end = found.end() if found else 0
    while path[end : end + 1] == "/":
        end += 1
    return path[:end]


def _query_without_marks(query: str) -> str:
    """Mark by mark from the end: one pattern for all of them could be made to try for ever.

    The `=` of a name without a value is none.
    """
    end = len(query)
    while found := _MARK_AT_END.search(query, max(0, end - _LONGEST_MARK), end):
        if found[0] == "=" and "=" not in query[query.rfind("&", 0, end) + 1 : found.start()]:
            break
        end = found.start()
    return query[:end]
