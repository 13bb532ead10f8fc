"""The routes of the product, read from the URLconf: a new one is asked the day it appears."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from apps.console.urls import CLOSED

_CLOSED = re.compile("hq/" + CLOSED.removeprefix("^"))
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """One address of the URLconf; `names` are the parameters in it, in order."""

    template: str
    names: tuple[str, ...]

    def at(self, value: object) -> str:
        """The address with this value for every parameter."""
        return self.filled(dict.fromkeys(self.names, value))

    @property
    def is_closed(self) -> bool:
        """Whether the console answers 404 here before Wagtail's own view is reached."""
        return _CLOSED.match(re.sub("<[^>]+>", "1", self.template)) is not None

    def filled(self, values: dict[str, object]) -> str:
        address = self.template
        for name in self.names:
            address = address.replace(f"<{name}>", str(values[name]))
        return f"/{address}"


def routes(part: str = "") -> list[Route]:
    return [route for route in _walk(get_resolver(), "") if route.template.startswith(part)]


def _walk(node: URLResolver | URLPattern, before: str) -> Iterator[Route]:
    if isinstance(node, URLResolver):
        text = str(node.pattern)
        for child in node.url_patterns:
            yield from _walk(child, before + ("" if text == "^/" else text))
        return
    pattern = str(node.pattern)
    if pattern.startswith("^") or "(?P" in before + pattern:
        return  # the console's closed addresses and Wagtail's own, which have tests of their own
    text = before + pattern
    for name, converter in node.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        text = text.replace(f"<{kind}:{name}>", f"<{name}>")
    yield Route(text, tuple(node.pattern.converters))
