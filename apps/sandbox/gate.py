"""The one way into /cgi-bin/: faults, token, right, frequency, the endpoint; and a row for every call."""

from __future__ import annotations

import hashlib
import json
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from apps.sandbox import bell
from apps.sandbox.errors import ApiError, errmsg
from apps.sandbox.models import ApiCall, App, Block, Fault, Member, Simulation, Token

logger = logging.getLogger(__name__)

KEPT_BODY = 64 * 1024
BROKEN_JSON = "Warning: wrong json format. "


@dataclass
class Call:
    """What an endpoint is given."""

    path: str
    request: HttpRequest
    simulation: Simulation
    now: datetime
    ip: str
    query: dict[str, str]
    raw: bytes
    body: dict[str, Any] = field(default_factory=dict)
    files: dict[str, UploadedFile] = field(default_factory=dict)
    prefix: str = ""
    _app: App | None = None

    @property
    def app(self) -> App:
        assert self._app is not None, "this endpoint takes no token"
        return self._app

    @property
    def agent_id(self) -> int:
        return self.app.agent_id

    def visible_members(self) -> Any:
        return Member.objects.all().visible_to(self.app)


Answer = dict[str, Any] | HttpResponse
Function = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    function: Function
    verb: str
    needs_token: bool
    is_customer_api: bool
    empty: dict[str, Any]


ENDPOINTS: dict[str, Endpoint] = {}


def endpoint(
    path: str,
    verb: str = "POST",
    *,
    needs_token: bool = True,
    is_customer_api: bool = False,
    empty: dict[str, Any] | None = None,
) -> Callable[[Function], Function]:
    """Serve `path` under /cgi-bin/. `empty` are the fields that a failed answer still carries."""

    def register(function: Function) -> Function:
        ENDPOINTS[path] = Endpoint(function, verb, needs_token, is_customer_api, empty or {})
        return function

    return register


class ConnectionCut(Exception):
    """Close the caller's connection without an answer."""


@csrf_exempt
def answer(request: HttpRequest, path: str) -> HttpResponse:
    began = time.monotonic()
    simulation = Simulation.load()
    query = {key: str(value) for key, value in request.GET.items() if key != "access_token"}
    call = Call(
        path=path,
        request=request,
        simulation=simulation,
        now=simulation.now(),
        ip=str(request.META.get("REMOTE_ADDR", "")),
        query=query,
        raw=b"" if is_multipart(request) else request.body,
    )
    record = ApiCall(
        method=request.method or "",
        path=path[:120],
        query=query,
        body=call.raw[:KEPT_BODY].decode(errors="replace").replace("\x00", ""),
        body_hash=hashlib.sha256(call.raw).hexdigest(),
        body_size=len(call.raw),
        ip=call.ip,
        at=call.now,
    )
    if simulation.latency_ms:
        time.sleep(simulation.latency_ms / 1000)
    fault = take_fault(path)
    cut = False
    try:
        response = answer_with_fault(call, fault)
    except ConnectionCut:
        response, cut = HttpResponse(status=504), True
    record.app = call._app
    record.fault = fault.kind if fault else ""
    record.http_status = response.status_code
    record.took_ms = int((time.monotonic() - began) * 1000)
    note_answer(record, response)
    if cut:
        record.http_status = 0
    record.save()
    bell.ring()
    if cut:
        hang_up(request)
    return response


def answer_with_fault(call: Call, fault: Fault | None) -> HttpResponse:
    kind = fault.kind if fault else ""
    if fault and kind == Fault.Kind.ERRCODE:
        return refusal(call, ApiError(fault.code), ENDPOINTS.get(call.path))
    if fault and kind == Fault.Kind.HTTP:
        return HttpResponse(status=fault.code or 500)
    if fault and kind == Fault.Kind.HTML:
        return HttpResponse("<html><body><h1>502 Bad Gateway</h1></body></html>")
    if fault and kind in (Fault.Kind.HANG, Fault.Kind.RESET):
        time.sleep(fault.seconds)
        raise ConnectionCut
    response = serve(call)
    if fault and kind == Fault.Kind.LOST:
        time.sleep(fault.seconds)
        raise ConnectionCut
    if fault and kind == Fault.Kind.TRUNCATED:
        return HttpResponse(response.content[: len(response.content) // 2], content_type="application/json")
    return response


def serve(call: Call) -> HttpResponse:
    found = ENDPOINTS.get(call.path)
    if found is None:
        return HttpResponse(status=404)
    try:
        with counted_in(call):
            admit(call, found)
            with transaction.atomic():
                given = found.function(call)
    except ApiError as error:
        return refusal(call, error, found)
    if isinstance(given, HttpResponse):
        return given
    return JsonResponse({"errcode": 0, "errmsg": "ok", **given}, json_dumps_params={"ensure_ascii": False})


def admit(call: Call, found: Endpoint) -> None:
    """Token, then right, then frequency, then the shape of the request: in this order."""
    if found.needs_token:
        call._app = app_of_token(call)
        if call.app.trusted_ips and call.ip not in call.app.trusted_ips:
            raise ApiError(60020, f"not allow to access from your ip, {call.ip}")
        if found.is_customer_api and not call.app.has_customer_api:
            raise ApiError(48002)
    check_frequency(call)
    if call.request.method != found.verb:
        raise ApiError(40058, f"{found.verb} is required")
    if found.verb == "POST" and not is_multipart(call.request):
        call.body = parsed_body(call)
    elif found.verb == "POST":
        call.files = {
            name: file for name, file in call.request.FILES.items() if isinstance(file, UploadedFile)
        }


def app_of_token(call: Call) -> App:
    given = call.request.GET.get("access_token", "")
    if not given:
        raise ApiError(41001)
    token = Token.objects.select_related("app").filter(token=given).first()
    if token is None or token.is_revoked:
        raise ApiError(40014)
    if token.expires_at <= call.now:
        raise ApiError(42001)
    return token.app


def parsed_body(call: Call) -> dict[str, Any]:
    """The body is read as JSON whatever the Content-Type says."""
    try:
        body = json.loads(call.raw or b"{}")
    except ValueError as error:
        call.prefix = BROKEN_JSON
        raise ApiError(40058) from error
    if not isinstance(body, dict):
        call.prefix = BROKEN_JSON
        raise ApiError(40058)
    return body


def check_frequency(call: Call) -> None:
    """A window that is full blocks the path for the window's length; blocked calls are 45009 too."""
    block = Block.objects.filter(path=call.path).order_by("-until").first()
    if block and block.until > call.now:
        raise ApiError(45009)
    windows = (
        (timedelta(minutes=1), call.simulation.rate_per_minute),
        (timedelta(hours=1), call.simulation.rate_per_hour),
    )
    for length, limit in windows:
        since = max(call.now - length, block.until) if block else call.now - length
        recent = ApiCall.objects.filter(path=call.path, at__gt=since, at__lte=call.now)
        if recent[: limit + 1].count() >= limit:
            Block.objects.create(path=call.path, until=call.now + length)
            raise ApiError(45009)


_running: Counter[str] = Counter()
_running_lock = threading.Lock()


@contextmanager
def counted_in(call: Call) -> Iterator[None]:
    """How many calls of one path run at once is limited per corp."""
    with _running_lock:
        _running[call.path] += 1
        is_over = _running[call.path] > call.simulation.parallel_limit
    try:
        if is_over:
            raise ApiError(45033)
        yield
    finally:
        with _running_lock:
            _running[call.path] -= 1


def refusal(call: Call, error: ApiError, found: Endpoint | None) -> HttpResponse:
    content = {
        "errcode": error.errcode,
        "errmsg": errmsg(error.errcode, ip=call.ip, text=error.text, prefix=call.prefix),
        **(found.empty if found else {}),
        **error.fields,
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def take_fault(path: str) -> Fault | None:
    """Use up one turn of the oldest fault set for this path (or for every path)."""
    for fault in Fault.objects.filter(path__in=(path, "*"), remaining__gt=0).order_by("pk"):
        taken = Fault.objects.filter(pk=fault.pk, remaining__gt=0).update(
            remaining=F("remaining") - 1, used=F("used") + 1
        )
        if taken:
            return fault
    return None


def note_answer(record: ApiCall, response: HttpResponse) -> None:
    """Keep what was answered; a token in it stays out of the log, as WeCom's own log does it."""
    if not response.get("Content-Type", "").startswith("application/json"):
        return
    try:
        content = json.loads(response.content)
    except ValueError:
        record.answer = response.content[:2000].decode(errors="replace")
        return
    record.errcode = content.get("errcode")
    if "access_token" in content:
        content["access_token"] = "…"  # noqa: S105  (this is what stands for one)
    record.answer = json.dumps(content, ensure_ascii=False)[:KEPT_BODY]


def is_multipart(request: HttpRequest) -> bool:
    return (request.content_type or "").startswith("multipart/")


def hang_up(request: HttpRequest) -> None:
    """Close the socket under the server's feet: the caller sees a connection that ends without an answer."""
    peer: socket.socket | None = request.META.get("gunicorn.socket")
    if peer is not None:
        with suppress(OSError):
            peer.shutdown(socket.SHUT_RDWR)


def hold(key: str) -> None:
    """Serialise with whoever holds the same key, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [key])


def try_hold(key: str) -> bool:
    """As `hold`, but at once or not at all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 7))", [key])
        return bool(cursor.fetchone()[0])
