"""Signing in and out.

A wrong password counts for the name and the address it came from, known name or not: django-axes keeps the
counts in PostgreSQL, so all processes share them, and an attempt holds a lock of its own pair, so that of
many at the same moment exactly the allowed number is tried.
"""

from datetime import datetime, timedelta
from typing import Any

import django_otp
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate, login
from django.db import connection, transaction
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.models import AccountEvent, ApiToken, Authenticator, Session, User
from apps.accounts.services import rate_limits
from apps.accounts.services.events import note
from apps.accounts.services.links import end_beginning, end_links
from apps.database import crypto
from apps.lib.requests import network_of

MAX_FAILURES: int = settings.AXES_FAILURE_LIMIT
LOCKED_FOR: timedelta = settings.AXES_COOLOFF_TIME


class WrongCredentialsError(Exception):
    """Name or password is wrong; which one is not said."""


class LockedOutError(Exception):
    """Too many wrong passwords in a row; `until` says when to try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def wait_at_sign_in(request: HttpRequest, *, now: datetime) -> int:
    """0, or the seconds this address must wait before it may try to sign in again, whatever the name."""
    return rate_limits.wait_s(
        "sign-in", network_of(request), limit=settings.SIGN_INS_A_MINUTE, window=timedelta(minutes=1), now=now
    )


def check_password(request: HttpRequest, *, username: str, password: str, now: datetime) -> User:
    """The user whose name and password these are.

    Five wrong passwords lock this name for this address for 15 minutes. The caller must answer a refusal
    without raising it further: an exception would roll the count back.
    """
    # Nothing is raised inside: the count must be kept.
    with transaction.atomic():
        outcome = _try(request, username=username.replace("\0", ""), password=password)
    if isinstance(outcome, User):
        return outcome
    if outcome is None:
        raise WrongCredentialsError
    raise LockedOutError(outcome)


def _try(request: HttpRequest, *, username: str, password: str) -> User | datetime | None:
    """The user; or until when the pair is locked; or None for a wrong password."""
    address = network_of(request)
    _one_at_a_time(f"sign-in\n{username}\n{address}")
    names = {"username": username}
    if not AxesProxyHandler.is_allowed(request, names):
        return _locked_until(username, address)
    user = authenticate(request, username=username, password=password)
    if user is not None:
        assert isinstance(user, User)
        AxesProxyHandler.reset_attempts(username=username, ip_address=address)
        return user
    if AxesProxyHandler.is_allowed(request, names):
        return None
    return _locked_until(username, address)


def _one_at_a_time(what: str) -> None:
    """Wait for whoever does the same thing; the lock ends with the transaction."""
    number = int.from_bytes(crypto.digest(what)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _locked_until(username: str, address: str) -> datetime:
    rows = AccessAttempt.objects.filter(username=username, ip_address=address)
    last: datetime = rows.aggregate(at=Max("attempt_time"))["at"]
    return last + LOCKED_FOR


def keep_answer(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """For axes' middleware: our page already says what happened (settings.AXES_LOCKOUT_CALLABLE)."""
    return response


def locks(*, now: datetime) -> list[dict[str, Any]]:
    """Who is locked out now: `username`, `ip_address`, `failures`, `until`; known names and others."""
    rows = (
        AccessAttempt.objects.filter(attempt_time__gt=now - LOCKED_FOR)
        .values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), at=Max("attempt_time"))
        .filter(failures__gte=MAX_FAILURES)
        .order_by("-at")
    )
    return [{**row, "until": row["at"] + LOCKED_FOR} for row in rows]


def unlock(username: str, *, by: User, now: datetime) -> None:
    """Let this name try again from everywhere."""
    AxesProxyHandler.reset_attempts(username=username)
    known = User.objects.filter(username=username).first()
    if known is not None:
        note(known, AccountEvent.Kind.UNLOCKED, by=by, now=now)


def sign_in(request: HttpRequest, user: User, *, device: Authenticator | None = None) -> None:
    """Start a session of `user`; its id is new, so a fixed one is worth nothing.

    `device`: the authenticator whose code was shown for this session; without it two steps were not taken.
    """
    # Who has come in needs no way to begin any more; whoever else may hold one has none.
    end_beginning(user, now=timezone.now())
    request.session.cycle_key()
    login(request, user, backend="apps.accounts.backends.RightsBackend")
    if device is not None:
        django_otp.login(request, device)


def sign_out_everywhere(user: User, *, now: datetime, by: User | None = None) -> None:
    """End every session, token and unused way to begin of `user`; `by` when it was somebody's wish."""
    Session.objects.filter(user_id=user.pk).delete()
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    end_beginning(user, now=now)
    end_links(user, now=now)
    if by is not None:
        note(user, AccountEvent.Kind.SIGNED_OUT, by=by, now=now)
