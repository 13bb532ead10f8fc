"""`{% load sheets %}`: style that stands in the page (config/sheets.py)."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from config import sheets

register = template.Library()


@register.simple_tag(takes_context=True)
def inline_sheet(context: Any, name: str) -> SafeString:
    """A sheet of `config.sheets`, or one file of `static/css`, allowed by the request's nonce."""
    # Ours, from files: no letter of it comes from a request.
    rules = mark_safe(sheets.sheet(name))  # noqa: S308
    return format_html('<style nonce="{}">{}</style>', str(context.get("CSP_NONCE", "")), rules)
