"""What customers see of a host's link, at the moment it is sent. A higher app, which knows what a link opens,
registers it; none of it is kept on the mass message: titles, prices and pictures change while it waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from apps.media.models import Poster
from apps.wecom.models import MassSend


@dataclass(frozen=True, slots=True)
class Shown:
    """Its card in a chat (`picture`: absolute, or empty), and the poster as it is drawn today."""

    title: str
    text: str
    picture: str
    poster: Poster | None = None


#: Gets a message with its link, and the clock; None when its link opens nothing any more.
Look = Callable[[MassSend, datetime], Shown | None]

_registered: list[Look] = []


def register(look: Look) -> None:
    """Let `look` say it, from the `ready()` of one app."""
    if _registered and look not in _registered:
        raise ValueError("two apps would show what a mass message leads to")
    _registered[:] = [look]


def shown_of(send: MassSend, *, now: datetime) -> Shown | None:
    [look] = _registered
    return look(send, now) if send.link is not None else None
