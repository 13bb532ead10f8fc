"""`{% load words %}`: an editor's formatted text, with nothing in it but text and its formats."""

from typing import Any

import nh3
from django import template
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText

from apps.library.models.publishing import State

register = template.Library()
TAGS = {"p", "br", "b", "strong", "i", "em", "ul", "ol", "li"}


@register.filter
def plain_formats(value: RichText | str) -> SafeString:
    """Cleaned on reading too: what the editor lets in today is not all that was ever stored."""
    source = value.source if isinstance(value, RichText) else str(value)
    return mark_safe(nh3.clean(source, tags=TAGS, attributes={}))  # noqa: S308 - cleaned to the tags above


@register.filter
def of(found: dict[Any, Any], key: Any) -> Any:
    """`{{ answers|of:question.id }}`."""
    return found.get(key)


@register.filter
def state_label(value: str) -> str:
    """`已发布`, of a row's `state`."""
    return str(State(value).label)
