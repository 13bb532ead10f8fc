"""Signing in and out."""

from datetime import datetime, timedelta

from django.contrib.auth import authenticate, login
from django.db.models import F
from django.http import HttpRequest

from apps.accounts.models import ApiToken, Session, User
from apps.accounts.services.links import end_links

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


class WrongCredentialsError(Exception):
    """Name or password is wrong; which one is not said."""


class LockedOutError(Exception):
    """Too many wrong passwords in a row; `until` says when to try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def check_password(request: HttpRequest | None, *, username: str, password: str, now: datetime) -> User:
    """The user whose name and password these are.

    Five wrong passwords in a row lock the account for 15 minutes. The counter is written outside the
    request's fate: the caller answers 4xx without raising, so the surrounding transaction commits.
    """
    known = User.objects.filter(username=username).first()
    if known is not None and known.locked_until is not None and now < known.locked_until:
        raise LockedOutError(known.locked_until)
    user = authenticate(request, username=username, password=password)
    if user is not None:
        assert isinstance(user, User)
        if user.failed_sign_ins or user.locked_until:
            User.objects.filter(pk=user.pk).update(failed_sign_ins=0, locked_until=None)
        return user
    if known is not None:
        User.objects.filter(pk=known.pk).update(failed_sign_ins=F("failed_sign_ins") + 1)
        known.refresh_from_db(fields=["failed_sign_ins"])
        if known.failed_sign_ins >= MAX_FAILURES:
            User.objects.filter(pk=known.pk).update(failed_sign_ins=0, locked_until=now + LOCKED_FOR)
            raise LockedOutError(now + LOCKED_FOR)
    raise WrongCredentialsError


def sign_in(request: HttpRequest, user: User) -> None:
    """Start a session of `user`; its id is new, so a fixed one is worth nothing."""
    request.session.cycle_key()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")


def sign_out_everywhere(user: User, *, now: datetime) -> None:
    """End every session and token of `user`."""
    Session.objects.filter(user_id=user.pk).delete()
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    end_links(user, now=now)
