"""Customers that come and go in WeCom. An event is a hint: what holds is what WeCom says when asked."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Host
from apps.accounts.services import find_host_by_wecom
from apps.customers import services as customers
from apps.customers.handover import transfers
from apps.customers.models import Relation
from apps.outbox.models import Lane
from apps.outbox.registry import Arrival, IgnoredError, LaterError
from apps.outbox.services import deliveries
from apps.records.services import marks
from apps.wecom import messages, payloads, welcoming
from apps.wecom.client import Contact, contact_client
from apps.wecom.errors import (
    NO_RIGHT_PAUSE,
    NoRightError,
    TryLaterError,
    UnknownOutcomeError,
    WecomError,
)
from apps.wecom.payloads import Callback
from apps.wecom.senders import WELCOME

logger = logging.getLogger(__name__)

#: The code lives 20 seconds from the event. A try that starts later than this could not end in time.
_WELCOME_WITHIN = timedelta(seconds=18)

_ADDED = frozenset({"add_external_contact", "add_half_external_contact"})
HANDLED_CHANGES = _ADDED | {"edit_external_contact", "del_external_contact", "del_follow_user"}


@dataclass(frozen=True)
class Known:
    """What `read` found out for one event: whose it is, and the relation as WeCom sees it now."""

    host: Host
    contact: Contact | None


def read(arrival: Arrival, now: datetime) -> Known:
    """First half of handling an event: welcome at once, then ask WeCom how things stand."""
    event = payloads.parse(arrival.body)
    host = find_host_by_wecom(event["UserID"])
    if host is None:
        raise IgnoredError("这位成员不是在用的大C")
    if event.change in _ADDED and event["WelcomeCode"]:
        _queue_welcome(host, event, now=now)
    try:
        contact = contact_client().contacts.find(
            userid=event["UserID"], external_userid=event["ExternalUserID"]
        )
    except WecomError as error:
        raise later(error) from None
    return Known(host, contact)


def later(error: WecomError) -> Exception:
    """What an error of a reading call means for the row or job that made it."""
    match error:
        case TryLaterError():
            return LaterError(error.wait, error.note)
        case UnknownOutcomeError():
            return LaterError(timedelta(seconds=5), error.note)
        case NoRightError(whole_api=True):
            return LaterError(NO_RIGHT_PAUSE, error.note)
        case _:
            return IgnoredError(f"{error.note}（{error.code}）")


def handle(arrival: Arrival, known: Known, now: datetime) -> None:
    """Second half: bring the relation to what WeCom said. In any order of events the end is the same."""
    event = payloads.parse(arrival.body)
    external_userid = event["ExternalUserID"]
    _one_at_a_time(known.host, external_userid)
    if known.contact is None:
        # Only the member's own deleting takes the relation out of WeCom's sight.
        by = "customer" if event.change == "del_follow_user" else "host"
        ended_at = event.created_at if event.change.startswith("del_") else now
        customers.detach_external_contact(known.host, external_userid=external_userid, by=by, now=ended_at)
        return
    attach(known.host, known.contact, now=now)
    if event.change == "del_follow_user" and not is_since(known.contact, event.created_at):
        # WeCom goes on showing a customer who deleted the member: only the event tells.
        customers.detach_external_contact(
            known.host, external_userid=external_userid, by="customer", now=event.created_at
        )


def attach(host: Host, contact: Contact, *, now: datetime) -> bool:
    """Note that they are friends, unless we know that they parted since; whether anything was noted."""
    index = customers.external_index(host.pk, contact.external_userid)
    if transfers.under_way_for([index]):
        return False  # she was handed over; WeCom has not moved her yet
    relation = Relation.objects.of(host).filter(external_index=index).first()
    if relation is not None and relation.ended_at is not None and not is_since(contact, relation.ended_at):
        return False
    mark = marks.of_account(contact.external_userid)
    erased_at = marks.erased([(host.pk, mark)]).get((host.pk, mark))
    if relation is None and erased_at is not None and not is_since(contact, erased_at):
        return False  # she asked to be erased; WeCom goes on showing the friendship of before
    customers.attach_external_contact(
        host,
        external_userid=contact.external_userid,
        name=contact.name,
        unionid=contact.unionid,
        state=contact.state,
        now=now,
        joined_at=contact.since,
        of_other_company=contact.of_other_company,
    )
    return True


def is_since(contact: Contact, moment: datetime) -> bool:
    """Whether they became friends (again) after `moment`."""
    return contact.since is not None and contact.since > moment


def _one_at_a_time(host: Host, external_userid: str) -> None:
    """Two events of one pair, handled at once, would each write what the other does not know yet."""
    index = customers.external_index(host.pk, external_userid)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(index[:8], "big", signed=True)])


def _queue_welcome(host: Host, event: Callback, *, now: datetime) -> None:
    """Before anything else, for its code is short-lived; committed by itself. Twice is once."""
    deadline = event.created_at + _WELCOME_WITHIN
    with transaction.atomic():
        deliveries.queue(
            WELCOME,
            key=f"welcome:{customers.external_index(host.pk, event['WelcomeCode']).hex()}",
            body=messages.welcome(
                event["WelcomeCode"],
                welcoming.text_for(host, now=now),
                host_id=host.pk,
                contact=customers.external_index(host.pk, event["ExternalUserID"]),
            ),
            host_id=host.pk,
            lane=Lane.WELCOME,
            deadline_at=deadline,
        )
