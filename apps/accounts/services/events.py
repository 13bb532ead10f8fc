"""The book of who changed what about somebody's way in or rights."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import AccountEvent, User
from apps.accounts.signals import account_changed

#: Functions that are told of what somebody did to another person's account, in the same transaction.
_when_by_another: list[Callable[[AccountEvent], None]] = []


def when_by_another(act: Callable[[AccountEvent], None]) -> None:
    """Have `act` called with each line about what one person did to another's account."""
    if act not in _when_by_another:
        _when_by_another.append(act)


def by_others(user: User) -> QuerySet[AccountEvent]:
    """What others did to this account, newest first: theirs to answer for, hers to know."""
    rows = AccountEvent.objects.filter(user=user, actor__isnull=False).exclude(actor=user)
    return rows.select_related("actor").order_by("-at", "-pk")


def note(user: User, kind: str, *, by: User | None, now: datetime, detail: str = "") -> None:
    """Write one line about `user`; `by` is None for the system itself."""
    event = AccountEvent.objects.create(user=user, kind=kind, actor=by, at=now, detail=detail[:400])
    account_changed.send(User, user=user, kind=kind, by=by, now=now, detail=detail)
    if by is not None and by.pk != user.pk:
        for act in _when_by_another:
            act(event)
