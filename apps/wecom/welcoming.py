"""What a new contact reads first. A higher app, which knows what a link opens, registers the words."""

from collections.abc import Callable
from datetime import datetime

from apps.accounts.models import Host

#: Gets the host and the clock; gives the text.
Words = Callable[[Host, datetime], str]

_registered: list[Words] = []


def register(words: Words) -> None:
    """Let `words` say the welcome, from the `ready()` of one app."""
    if _registered and words not in _registered:
        raise ValueError("two apps would say the welcome")
    _registered[:] = [words]


def text_for(host: Host, *, now: datetime) -> str:
    [words] = _registered
    return words(host, now)
