"""Private links as HQ is shown them, once: the address and its QR code."""

from typing import Any

import segno
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString, mark_safe

from apps.accounts import kept_forms
from apps.accounts.services.joining import Welcomed
from apps.console_kit.viewsets import page
from apps.lib import addresses


def private_link(name: str, secret: str) -> dict[str, Any]:
    """The address of a private page and its QR code, for the one page that shows them."""
    url = addresses.page(name, secret)
    code = segno.make(url, error="m")
    return {
        "url": url,
        "svg": _safe(code.svg_inline(scale=6, border=2, dark="#000", light="#fff")),
        "png": code.png_data_uri(scale=12, border=4),
    }


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - drawn by segno from our own address


def welcomed_page(request: HttpRequest, welcomed: Welcomed, title: Any) -> TemplateResponse:
    """The new host's link, on the answer to the post that made her and nowhere else."""
    response = TemplateResponse(
        request,
        "console/joining/welcomed.html",
        {
            "host": welcomed.host,
            "link": private_link("workbench:join-start", welcomed.secret),
            **page(title, icon="user", under=("大C", "host:index")),
        },
    )
    add_never_cache_headers(response)
    kept_forms.done(response)
    return response
