"""The book of who changed what about somebody's way in or rights."""

from datetime import datetime

from apps.accounts.models import AccountEvent, User
from apps.accounts.signals import account_changed


def note(user: User, kind: str, *, by: User | None, now: datetime, detail: str = "") -> None:
    """Write one line about `user`; `by` is None for the system itself."""
    AccountEvent.objects.create(user=user, kind=kind, actor=by, at=now, detail=detail[:60])
    account_changed.send(User, user=user, kind=kind, by=by, now=now, detail=detail)
