"""The words of old messages; that they were sent, or came, stays: a replay is known by its digest."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from apps.lib.pii import Kept
from apps.outbox.models import Delivery, DeliveryCall, Inbox, Letter
from apps.records.declarations import Expiry


def _letters(before: datetime) -> Any:
    waiting = Delivery.objects.filter(letter=OuterRef("pk"), state__in=Delivery.OPEN)
    return Letter.objects.filter(created_at__lt=before).exclude(body="").exclude(Exists(waiting))


def _calls(before: datetime) -> Any:
    return DeliveryCall.objects.filter(finished_at__lt=before).exclude(request="")


def _arrivals(before: datetime) -> Any:
    return Inbox.objects.filter(finished_at__lt=before).exclude(body="", reply="")


EXPIRIES = (
    Expiry(
        "letters",
        "发过的消息正文",
        Kept.MESSAGE,
        lambda before: _letters(before).count(),
        lambda before: int(_letters(before).update(body="")),
    ),
    Expiry(
        "calls",
        "发过的请求原文",
        Kept.MESSAGE,
        lambda before: _calls(before).count(),
        lambda before: int(_calls(before).update(request="", digest=None)),
    ),
    Expiry(
        "arrivals",
        "收到的事件原文",
        Kept.INBOX,
        lambda before: _arrivals(before).count(),
        lambda before: int(_arrivals(before).update(body="", reply="")),
    ),
)
