"""`{% load device %}`: what the consumer's own browser keeps, for any page of hers."""

from typing import Any

from django import template

from apps.accounts.models import Host
from apps.storefront import basket

register = template.Library()


@register.simple_tag(takes_context=True)
def pieces_in_basket(context: dict[str, Any], host: Host) -> int:
    """How many pieces lie in her basket at this host."""
    request = context.get("request")
    return basket.of(request, host.pk).pieces if request is not None else 0
