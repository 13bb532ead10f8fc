"""What somebody at HQ found out about something unusual: said once, and never by whom it is about."""

from datetime import datetime

from apps.accounts.models import User
from apps.accounts.services import two_people
from apps.records.models import Alert

NOT_ONESELF = "这条提醒说的是你自己，或者最近由你开过登录的账号：要由别人来处理。"


class AlreadyHandledError(Exception):
    """A colleague was first."""


def handle(alert: Alert, *, conclusion: str, by: User, now: datetime) -> None:
    """Write down what `by` found out. AlreadyHandledError; OneselfError for whom it may be about."""
    about = User.objects.filter(pk=alert.actor_id).first()
    if about is not None and two_people.are_one(about, by, now=now):
        raise two_people.OneselfError(NOT_ONESELF)
    waiting = Alert.objects.filter(pk=alert.pk, handled_at=None)
    if not waiting.update(handled_by=by, handled_at=now, conclusion=conclusion):
        raise AlreadyHandledError
