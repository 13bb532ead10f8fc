"""What went over the wire, and the faults one may switch on."""

from __future__ import annotations

import json
from xml.etree import ElementTree

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from apps.sandbox import world
from apps.sandbox.gate import ENDPOINTS
from apps.sandbox.models import ApiCall, Block, Callback, Fault, Simulation, Token

PER_PAGE = 50


@require_GET
def callbacks(request: HttpRequest) -> HttpResponse:
    rows: QuerySet[Callback] = Callback.objects.select_related("member").order_by("-pk")
    state = request.GET.get("state", "")
    if state in Callback.State.values:
        rows = rows.filter(state=state)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "sandbox/log_callbacks.html",
        {"page": page, "state": state, "states": Callback.State.choices},
    )


@require_GET
def callback(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Callback.objects.select_related("app", "member"), pk=pk)
    return render(
        request,
        "sandbox/log_callback.html",
        {
            "callback": found,
            "plaintext": indented_xml(found.plaintext),
            "reply": indented_xml(found.reply),
            "attempts": found.attempts.order_by("number"),
        },
    )


@require_GET
def calls(request: HttpRequest) -> HttpResponse:
    rows: QuerySet[ApiCall] = ApiCall.objects.order_by("-pk")
    only_failed = request.GET.get("failed") == "1"
    path = request.GET.get("path", "").strip()
    if only_failed:
        rows = rows.exclude(errcode=0)
    if path:
        rows = rows.filter(path__icontains=path)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "sandbox/log_calls.html", {"page": page, "only_failed": only_failed, "path": path})


@require_GET
def call(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ApiCall.objects.select_related("app"), pk=pk)
    return render(
        request,
        "sandbox/log_call.html",
        {
            "call": found,
            "body": indented_json(found.body),
            "answer": indented_json(found.answer),
            "query": indented_json(json.dumps(found.query, ensure_ascii=False)) if found.query else "",
        },
    )


@require_GET
def faults(request: HttpRequest) -> HttpResponse:
    now = Simulation.load().now()
    return render(
        request,
        "sandbox/faults.html",
        {
            "app": world.main_app(),
            "faults": Fault.objects.filter(remaining__gt=0).order_by("pk"),
            "blocks": Block.objects.filter(until__gt=now).order_by("until"),
            "tokens": Token.objects.filter(is_revoked=False, expires_at__gt=now).select_related("app"),
            "kinds": Fault.Kind.choices,
            "modes": Simulation.CallbackMode.choices,
            "paths": sorted(ENDPOINTS),
        },
    )


def indented_xml(text: str) -> str:
    if not text:
        return ""
    try:
        root = fromstring(text)
    except (ElementTree.ParseError, DefusedXmlException):
        return text
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")


def indented_json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2) if text else ""
    except ValueError:
        return text
