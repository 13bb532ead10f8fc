"""Signing in and out, tokens, and the steps of a host's life."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from apps.accounts.models import ApiToken, Host, HostTransition, Organisation, Session, User
from apps.lib import crypto
from apps.lib.ids import private_token

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)


class WrongCredentialsError(Exception):
    """Name or password is wrong; which one is not said."""


class LockedOutError(Exception):
    """Too many wrong passwords in a row; `until` says when to try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class TransitionNotAllowedError(Exception):
    """The host is not in a status from which this step leads."""


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


def issue_token(user: User, *, now: datetime) -> tuple[str, ApiToken]:
    """A new API token: the text, shown once, and its row."""
    text = private_token()
    token = ApiToken.objects.create(
        user=user, digest=crypto.digest(text), created_at=now, expires_at=now + settings.API_TOKEN_LIFE
    )
    return text, token


def find_token(text: str, *, now: datetime) -> ApiToken | None:
    """The valid token with this text, or None."""
    token = ApiToken.objects.select_related("user").filter(digest=crypto.digest(text)).first()
    if token is None or not token.is_valid(now) or not token.user.is_active:
        return None
    return token


def revoke_token(token: ApiToken, *, now: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)


def find_host_by_wecom(userid: str) -> Host | None:
    """The active host bound to a WeCom member. WeCom compares userids without case."""
    return Host.objects.active().select_related("user").filter(wecom_userid__iexact=userid).first()


@transaction.atomic
def create_host(
    *,
    username: str,
    name: str,
    kind: str,
    organisation: Organisation,
    now: datetime,
    wecom_userid: str | None = None,
    level: int = 1,
    tagline: str = "",
    password: str | None = None,
    actor: User | None = None,
) -> Host:
    """A host with her own account, at once active; without `password` she signs in by WeCom only."""
    user = User.objects.create(
        username=username, first_name=name, password=make_password(password), date_joined=now
    )
    host = Host.objects.create(
        user=user,
        organisation=organisation,
        kind=kind,
        level=level,
        status=Host.Status.ACTIVE,
        name=name,
        wecom_userid=wecom_userid,
        tagline=tagline,
        joined_at=now,
    )
    HostTransition.objects.create(host=host, to_status=Host.Status.ACTIVE, actor=actor, at=now)
    return host


_STEPS: dict[str, set[str]] = {
    Host.Status.ACTIVE: {Host.Status.APPLIED, Host.Status.SUSPENDED},
    Host.Status.SUSPENDED: {Host.Status.ACTIVE},
    Host.Status.LEFT: {Host.Status.ACTIVE, Host.Status.SUSPENDED},
}


@transaction.atomic
def move_host(host: Host, *, to: str, actor: User, now: datetime, reason: str = "") -> Host:
    """Take `host` to another status. Leaving `active` ends her sessions and tokens at once."""
    before = Host.objects.select_for_update().get(pk=host.pk).status
    if before not in _STEPS.get(to, set()):
        raise TransitionNotAllowedError(f"{before} → {to}")
    Host.objects.filter(pk=host.pk).update(status=to)
    HostTransition.objects.create(
        host=host, from_status=before, to_status=to, actor=actor, reason=reason, at=now
    )
    if to != Host.Status.ACTIVE:
        sign_out_everywhere(host.user, now=now)
    host.refresh_from_db()
    return host
