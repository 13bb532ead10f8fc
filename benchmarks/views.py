"""The bare views beside which the platform's are measured, and the count of queries."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.views.decorators.csrf import csrf_exempt

from apps.accounts.access import host_required
from apps.database.transactions import own_transaction
from apps.wecom import crypto


@host_required
def empty_page(request: HttpRequest) -> HttpResponse:
    """The host's frame with nothing in it: same middleware, session, host and base template."""
    template = engines["django"].from_string('{% extends "workbench/base.html" %}')
    return HttpResponse(template.render({}, request))


def empty_consumer_page(request: HttpRequest) -> HttpResponse:
    """A consumer's frame with one line in it, since nothing else would be painted."""
    template = engines["django"].from_string(
        '{% extends "base_consumer.html" %}{% block content %}<p>空</p>{% endblock %}'
    )
    return HttpResponse(template.render({}, request))


@own_transaction
@csrf_exempt
def decrypt_only(request: HttpRequest) -> HttpResponse:
    """What every callback costs before anything is stored."""
    crypto.our_box().open(
        signature=request.GET["msg_signature"],
        timestamp=request.GET["timestamp"],
        nonce=request.GET["nonce"],
        cipher=crypto.cipher_in(request.read()),
    )
    return HttpResponse("")


class CountQueries:
    """Say in `X-Queries` how many statements a request took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        count = 0

        def counting(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*args)

        with connection.execute_wrapper(counting):
            response = self.get_response(request)
        response["X-Queries"] = str(count)
        return response
