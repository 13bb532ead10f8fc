"""Reconciling relations with WeCom: callbacks are lost by contract (five seconds, three tries)."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.handover import transfers
from apps.customers.models import Relation
from apps.outbox.registry import JobKind, LaterError, Period
from apps.wecom.client import Contact, contact_client
from apps.wecom.errors import WecomError
from apps.wecom.services import contacts

logger = logging.getLogger(__name__)

_BLOCK = 100


@dataclass
class Report:
    """What a reconciliation found, and (unless it only looked) mended."""

    hosts: int = 0
    seen: int = 0
    joined: int = 0
    ended: int = 0

    def __str__(self) -> str:
        return f"{self.hosts} 位大C，{self.seen} 个客户关系：补上 {self.joined} 个，结束 {self.ended} 个"


def reconcile(*, now: datetime, mend: bool = True) -> Report:
    """Bring every host's relations to what WeCom shows. WecomError when it could not be read to the end.

    A relation is ended only after WeCom, asked for that one, says that it is gone.
    """
    report = Report()
    bound = {(host.wecom_userid or "").casefold(): host for host in Host.objects.active()}
    bound.pop("", None)
    members = [userid for userid in contact_client().contacts.members() if userid.casefold() in bound]
    report.hosts = len(members)
    for start in range(0, len(members), _BLOCK):
        block = members[start : start + _BLOCK]
        seen: set[bytes] = set()
        for page in contact_client().contacts.pages_of(block):
            seen |= _take_in(page, bound, report, now=now, mend=mend)
        _end_missing([bound[userid.casefold()] for userid in block], seen, report, now=now, mend=mend)
    return report


def _take_in(
    page: list[Contact], bound: dict[str, Host], report: Report, *, now: datetime, mend: bool
) -> set[bytes]:
    """Attach the contacts of one page that we lack or know by another name; their indexes."""
    rows = [
        (bound[contact.userid.casefold()], contact) for contact in page if contact.userid.casefold() in bound
    ]
    by_index = {
        customers.external_index(host.pk, contact.external_userid): (host, contact) for host, contact in rows
    }
    report.seen += len(by_index)
    known = {
        bytes(relation.external_index or b""): relation
        for relation in Relation.objects.filter(external_index__in=list(by_index))
    }
    leaving = transfers.under_way_for(by_index)
    with transaction.atomic():
        for index, (host, contact) in by_index.items():
            if index in leaving:
                continue
            relation = known.get(index)
            if relation is not None and relation.ended_at is None:
                if mend and contact.name and relation.name != contact.name:
                    contacts.attach(host, contact, now=now)
                continue
            if (
                relation is not None
                and relation.ended_at
                and not contacts.is_since(contact, relation.ended_at)
            ):
                continue
            report.joined += 1
            if mend:
                contacts.attach(host, contact, now=now)
    return set(by_index)


def _end_missing(hosts: list[Host], seen: set[bytes], report: Report, *, now: datetime, mend: bool) -> None:
    """End the relations that WeCom no longer shows."""
    for relation in (
        Relation.objects.current()
        .filter(host__in=hosts, external_index__isnull=False, joined_at__lt=now)
        .select_related("host")
    ):
        if bytes(relation.external_index or b"") in seen or transfers.is_under_way(relation):
            continue
        found = contact_client().contacts.find(
            userid=relation.host.wecom_userid or "", external_userid=relation.external_userid
        )
        if found is not None:
            # Added while we were reading the pages.
            continue
        report.ended += 1
        if mend:
            customers.detach_external_contact(
                relation.host, external_userid=relation.external_userid, by="host", now=now
            )


def _run(payload: dict[str, Any], now: datetime) -> str:
    try:
        return str(reconcile(now=now))
    except WecomError as error:
        raised = contacts.later(error)
        if isinstance(raised, LaterError):
            raise raised from None
        raise


JOB = JobKind("wecom.sync", _run, period=Period.DAY)
