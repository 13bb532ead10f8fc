"""`{% load host_pictures %}`: what a host shows of herself, asked once for each page."""

from django import template

from apps.accounts.models import Host
from apps.media.selectors import Shown, shown_of

register = template.Library()
_KEPT = "_shown_of_her"


@register.simple_tag
def shown_by(host: Host | None) -> Shown:
    """Her face and her code."""
    if host is None:
        return Shown()
    known: Shown | None = vars(host).get(_KEPT)
    if known is None:
        known = vars(host)[_KEPT] = shown_of(host)
    return known
