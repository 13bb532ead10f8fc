"""`{% load recounted %}{% recounting %}`: the sentence above numbers that are just being counted anew."""

from django import template

from apps.insights import selectors

register = template.Library()


@register.inclusion_tag("components/recounting.html")
def recounting(of: str = "phone") -> dict[str, str]:
    """Nothing most of the time. `of` is "phone" or "hq", by whose look it is shown."""
    return {"sentence": selectors.recounting(), "of": of}
