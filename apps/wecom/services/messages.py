"""Messages to hosts in their work chat."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import Host, HostQuerySet
from apps.outbox.letters import APP_MESSAGE, Card, Text, pack
from apps.outbox.models import Lane
from apps.outbox.quiet import end_of_quiet
from apps.outbox.services import deliveries

#: A message that could not be brought for so long is no news any more.
_FRESH_FOR = timedelta(hours=36)


def queue_app_message(
    hosts: HostQuerySet | Iterable[int],
    *,
    key_prefix: str,
    now: datetime,
    text: str = "",
    card: Card | None = None,
    not_before: datetime | None = None,
    urgent: bool = False,
    lane: str = Lane.BULK,
) -> int:
    """One message to each of `hosts` (a query, or ids), once for `key_prefix`; how many are new.

    In a host's quiet hours it waits for their end, unless it is `urgent`: an answer to what she just asked.
    """
    if bool(text) == (card is not None):
        raise ValueError("a message is either a text or a card")
    if not isinstance(hosts, HostQuerySet):
        hosts = Host.objects.filter(pk__in=list(hosts))
    moment = max(now, not_before or now)
    # Null is "at once", by the database's clock; ours may be a little ahead of it.
    asked = Cast(Value(None if moment == now else moment), DateTimeField())
    waking = asked if urgent else Coalesce(end_of_quiet(moment), asked)
    return deliveries.queue_many(
        APP_MESSAGE,
        key_prefix=key_prefix,
        body=pack(card or Text(text)),
        recipients=hosts.annotate(_waking=waking).values_list("pk", F("_waking")),
        lane=lane,
        deadline_at=moment + _FRESH_FOR,
    )
