"""`{% load device %}`: what the consumer's own browser keeps, for any page of hers."""

from typing import Any

from django import template
from django.utils import timezone

from apps.accounts.models import Host
from apps.storefront import access, basket

register = template.Library()


@register.simple_tag(takes_context=True)
def pieces_in_basket(context: dict[str, Any], host: Host) -> int:
    """How many pieces of her basket at this host can be ordered now. An empty basket costs no query."""
    request = context.get("request")
    entries = basket.of(request, host.pk).entries if request is not None else ()
    if not entries:
        return 0
    items, _ = basket.fitting(access.chosen_in(host, entries, timezone.now()))
    return sum(item.quantity for item in items)
