"""The consumer's cookie `v`: a random text that says no more than that this browser came before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from apps.lib.requests import VISITOR_COOKIE
from apps.tracking import services as tracking
from apps.tracking.models import Visitor

COOKIE = VISITOR_COOKIE
LIFE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is behind a request; `cookie` is the text to set when she is new."""

    visitor: Visitor
    cookie: str = ""

    @property
    def is_known(self) -> bool:
        return not self.cookie


def known_guest(request: HttpRequest) -> Guest | None:
    """The visitor of this browser, if it brings a cookie of ours."""
    visitor = tracking.visitor_of(request.COOKIES.get(COOKIE))
    return None if visitor is None else Guest(visitor)


def new_guest(*, now: datetime) -> Guest:
    """A visitor who was never here, and the cookie by which she will be known."""
    text, visitor = tracking.new_visitor(now=now)
    return Guest(visitor, text)


def guest_of(request: HttpRequest, *, now: datetime) -> Guest:
    """The visitor of this browser, a new one when it brings no cookie of ours."""
    return known_guest(request) or new_guest(now=now)


def remember(response: HttpResponseBase, guest: Guest) -> None:
    """Give a new visitor her cookie."""
    if guest.cookie:
        response.set_cookie(
            COOKIE,
            guest.cookie,
            max_age=LIFE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
