"""Around every request: its id in the logs, and one transaction."""

import re
from collections.abc import Callable

import structlog
from django.db import DataError, InterfaceError, OperationalError, transaction
from django.forms.formsets import ORDERING_FIELD_NAME
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.datastructures import MultiValueDictKeyError

from apps.database import db_role
from apps.lib.ids import uuid7
from config import errors, form_rows

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_SOUND_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id, in the logs and in the answer's `X-Request-ID`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _SOUND_ID.fullmatch(given) else str(uuid7())
        request.META["REQUEST_ID"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            response = self.get_response(request)
        finally:
            structlog.contextvars.clear_contextvars()
        response["X-Request-ID"] = request_id
        return response

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Each line and report of this request says by which route it came: the pattern, no value in it."""
        if request.resolver_match is not None:
            structlog.contextvars.bind_contextvars(route=request.resolver_match.route)


class MalformedFormMiddleware:
    """Answer 400 where what was sent can't be kept or read. Nothing of the request stays.

    Everywhere: text that PostgreSQL refuses, with a NUL or half a surrogate pair in it. In the console: parts
    missing, an id that is none, more rows than were sent (`form_rows`); Wagtail's widgets and forms with rows
    read such values before the form has looked at them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponseBase | None:
        is_form = request.method == "POST" and request.path.startswith("/hq/")
        return errors.malformed(request) if is_form and form_rows.are_malformed(request.POST) else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if _is_unreadable(error):
            answer = errors.unreadable(request)
        elif request.path.startswith("/hq/") and _is_malformed(error):
            answer = errors.malformed(request)
        else:
            return None
        if transaction.get_connection().in_atomic_block:
            transaction.set_rollback(True)
        return answer


def _is_malformed(error: Exception) -> bool:
    no_number = isinstance(error, ValueError) and "expected a number but got" in str(error)
    # A row without its place: Wagtail sorts by it whatever the row's form says.
    no_place = isinstance(error, KeyError) and error.args == (ORDERING_FIELD_NAME,)
    return no_number or no_place or isinstance(error, MultiValueDictKeyError)


def _is_unreadable(error: Exception) -> bool:
    words = str(error)
    return (isinstance(error, ValueError | DataError) and "NUL (0x00)" in words) or (
        isinstance(error, UnicodeEncodeError) and "surrogates not allowed" in words
    )


class TransactionMiddleware:
    """Run the view and the rendering of its template in one transaction.

    An exception or a 5xx answer rolls everything back, so nothing is half done. To the database the request
    is nobody's until it is known who asks (apps/accounts/middleware.py, authentication.py). A view marked
    with `apps.database.transactions.own_transaction` opens its own transactions instead. A database that is
    away     answers 503 with Retry-After.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            view = resolve(request.path_info, getattr(request, "urlconf", None)).func
        except Resolver404:
            view = None
        own: db_role.Identity | None = getattr(view, "own_transaction", None)
        try:
            if own is not None:
                with db_role.session_as(own):
                    return self.get_response(request)
            with db_role.transaction_as(db_role.NOBODY):
                request.may_enter = True  # type: ignore[attr-defined]
                response = self.get_response(request)
                if response.status_code >= 500:
                    transaction.set_rollback(True)
            return response
        except (OperationalError, InterfaceError) as error:
            # Beginning or committing failed; what fails inside the view is answered by `errors.broken`.
            if not errors.is_database_away(error):
                raise
            return errors.unavailable(request)
