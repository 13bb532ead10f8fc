"""The access token: one row for each (corp, secret), refreshed by one process at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from apps.database import crypto
from apps.wecom.errors import TryLaterError
from apps.wecom.models import AccessToken

#: Longer than a refresh takes (connect and read time-outs of gettoken).
_PATIENCE_S = 12.0


@dataclass(frozen=True)
class Application:
    """A secret of our corp, by which some APIs are called."""

    corp_id: str
    secret: str

    @property
    def fingerprint(self) -> bytes:
        return crypto.blind_index(f"{self.corp_id}:{self.secret}", scope="wecom-token")


@dataclass(frozen=True)
class Ticket(Application):
    """A jsapi ticket, kept and fetched by the same rules as a token: `corp` or `agent`."""

    kind: str

    @property
    def fingerprint(self) -> bytes:
        return crypto.blind_index(f"{self.corp_id}:{self.secret}:{self.kind}", scope="wecom-ticket")


@dataclass(frozen=True)
class Fetched:
    token: str
    expires_in: int


def our_app() -> Application:
    """The self-built application: messages, login."""
    return Application(settings.WECOM_CORP_ID, settings.WECOM_SECRET)


def contact_app() -> Application:
    """Whose secret the customer-contact APIs want (the same application, unless another is named)."""
    return Application(settings.WECOM_CORP_ID, settings.WECOM_CONTACT_SECRET)


def known(app: Application, *, good_for: timedelta = timedelta(0)) -> str | None:
    """The stored token when it is good for so long still; asks nobody."""
    rows = AccessToken.objects.filter(fingerprint=app.fingerprint, expires_at__gt=Now() + good_for)
    row = rows.first()
    return row.token if row else None


def current(app: Application, *, fetch: Callable[[], Fetched]) -> str:
    """A token that should be good."""
    return known(app) or refresh(app, stale="", fetch=fetch)


def refresh(app: Application, *, stale: str, fetch: Callable[[], Fetched]) -> str:
    """A token other than `stale`: another process's new one, else one fetched now.

    However many processes find the token stale at once, one asks WeCom; the others wait for its answer.
    """
    with _alone(app):
        other = known(app)
        if other is not None and other != stale:
            return other
        fetched = fetch()
        row = AccessToken.objects.filter(fingerprint=app.fingerprint).first()
        row = row or AccessToken(fingerprint=app.fingerprint)
        row.token = fetched.token
        row.expires_at = Now() + timedelta(seconds=fetched.expires_in)
        row.fetched_at = Now()
        row.fetches += 1
        row.save()
        return fetched.token


@contextmanager
def _alone(app: Application) -> Iterator[None]:
    """Hold an advisory lock of this connection: it needs no transaction, and a killed process lets it go."""
    key = int.from_bytes(app.fingerprint[:8], "big", signed=True)
    until = time.monotonic() + _PATIENCE_S
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            if cursor.fetchone()[0]:
                break
            if time.monotonic() > until:
                raise TryLaterError("gettoken", note="另一个进程正在取凭证", wait=timedelta(seconds=2))
            time.sleep(0.05)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
