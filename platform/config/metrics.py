"""`/metrics` for Prometheus: requests by route, and what the database tells of the work (config/gauges.py).

A label is a route's pattern, a method, a kind or a state: never a value of an address, never a person.
"""

import os
import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from apps.database import db_role
from apps.database.transactions import own_transaction
from config import gauges

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: What a proxy adds: who came through one is not of this machine, whoever passed her on.
_FROM_ELSEWHERE = (
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
    "Forwarded",
    "Via",
)

_of_this_process = CollectorRegistry()
_seconds = Histogram(
    "dac_request_seconds",
    "How long answers took, by the route's pattern (- for files and what no route matches).",
    ["route", "method", "status"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=_of_this_process,
)


class MetricsMiddleware:
    """Count and time every answer, also those that never reach a view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        route = request.resolver_match.route if request.resolver_match else "-"
        method = request.method if request.method in _METHODS else "other"
        status = f"{response.status_code // 100}xx"
        _seconds.labels(route, method, status).observe(time.perf_counter() - began)
        return response


@own_transaction
def metrics(request: HttpRequest) -> HttpResponse:
    """For who holds METRICS_TOKEN or asks from this machine itself; to everybody else it is not there."""
    if request.method not in {"GET", "HEAD"} or not (_has_token(request) or _is_local(request)):
        raise Http404
    text = generate_latest(_of_requests()) + generate_latest(_of_work())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token = settings.METRICS_TOKEN
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token)


def _is_local(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _FROM_ELSEWHERE):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:  # a socket file has no address
        return False


def _of_requests() -> CollectorRegistry:
    """Of all processes of the web server, where they share a folder (config/gunicorn.py)."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return _of_this_process
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


class _Families(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _of_work() -> CollectorRegistry:
    up = GaugeMetricFamily("dac_database_up", "Whether the database answered this scrape.")
    families: list[Metric] = []
    try:
        # One's own rows tell nothing of the whole: this reads as a worker, and can write nothing.
        with db_role.transaction_as(db_role.WORKER):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            families = gauges.families(timezone.now())
    except (OperationalError, InterfaceError):
        families = []
    up.add_metric([], bool(families))
    registry = CollectorRegistry()
    registry.register(_Families([up, *families]))
    return registry
