"""Notices, and what people were told or agreed to.

Often a stranger's request, who may write what she agrees to and read nothing: each step is the worker's.
"""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.database import db_role
from apps.records.models import Consent, Notice
from apps.records.signals import consent_confirmed, consent_given, consent_withdrawn


class SameTextError(Exception):
    """The newest notice of this purpose says exactly this."""


def notice_for(purpose: str, text: str, *, now: datetime) -> Notice:
    """The notice that is shown now: HQ's newest, else `text`, the product's own, as a version of its own."""
    newest = Notice.objects.filter(purpose=purpose).order_by("-version").first()
    if newest is not None and (newest.published_by_id is not None or bytes(newest.sha256) == _digest(text)):
        return newest
    return _add(purpose, text, after=newest, by=None, now=now)


def mark_of(*shown: Notice, recipient: str = "") -> str:
    """What stands on the page where she is asked, as hex: the notices, and who gets her word.

    Her yes brings it back: a notice that changed meanwhile is asked anew, since she has not read it.
    """
    return hashlib.sha256(b"".join(bytes(one.sha256) for one in shown) + recipient.encode()).hexdigest()


def publish(purpose: str, text: str, *, by: User, now: datetime) -> Notice:
    """A new version in HQ's words, shown from now on; those before stay as they are. SameTextError."""
    newest = Notice.objects.filter(purpose=purpose).order_by("-version").first()
    if newest is not None and bytes(newest.sha256) == _digest(text):
        raise SameTextError
    return _add(purpose, text, after=newest, by=by, now=now)


def _add(purpose: str, text: str, *, after: Notice | None, by: User | None, now: datetime) -> Notice:
    version = after.version + 1 if after else 1
    try:
        with transaction.atomic():
            return Notice.objects.create(
                purpose=purpose,
                version=version,
                text=text,
                sha256=_digest(text),
                published_by=by,
                created_at=now,
            )
    except IntegrityError:  # another request was first
        return Notice.objects.get(purpose=purpose, version=version)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@db_role.as_worker()
def give_consent(
    *,
    notice: Notice,
    recipient: str,
    host_id: int | None,
    channel: str,
    now: datetime,
    basis: str = Consent.Basis.CONSENT,
    proof: str = Consent.Proof.NONE,
    relation_id: int | None = None,
    visitor_id: int | None = None,
    order_id: int | None = None,
    evidence: dict[str, str] | None = None,
) -> Consent:
    """Write down what she was told or agreed to. Without `proof` that it was she, a yes is a claim only.

    `host_id` is the host whom `recipient` names, None when it names the company alone.
    """
    consent = Consent.objects.create(
        proof=proof,
        confirmed_at=now if proof else None,
        notice=notice,
        recipient=recipient,
        host_id=host_id,
        channel=channel,
        basis=basis,
        given_at=now,
        relation_id=relation_id,
        visitor_id=visitor_id,
        order_id=order_id,
        evidence=evidence or {},
    )
    consent_given.send(Consent, consent=consent)
    return consent


@db_role.as_worker()
def confirm(
    relation_ids: list[int],
    purpose: str,
    *,
    host_id: int,
    proof: str,
    by: User | None = None,
    now: datetime,
) -> int:
    """What was ticked for these relations, to this host, was hers: claims become consents; how many."""
    claims = _claims(relation_ids).filter(to(host_id), notice__purpose=purpose)
    return _confirm(claims, proof=proof, by=by, now=now)


@db_role.as_worker()
def confirm_one(public_id: UUID, *, relation_ids: list[int], proof: str, now: datetime) -> bool:
    """The same for one tick, by herself; whether it waited for that."""
    one = _claims(relation_ids).filter(public_id=public_id)
    return bool(_confirm(one, proof=proof, by=None, now=now))


def _confirm(claims: "QuerySet[Consent]", *, proof: str, by: User | None, now: datetime) -> int:
    found = list(claims.select_related("notice"))
    confirmed = claims.update(confirmed_at=now, proof=proof, confirmed_by=by)
    consent_confirmed.send(Consent, consents=found, by=by, now=now)
    return confirmed


def _claims(relation_ids: list[int]) -> "QuerySet[Consent]":
    return Consent.objects.filter(
        relation_id__in=relation_ids,
        basis=Consent.Basis.CONSENT,
        withdrawn_at=None,
        confirmed_at=None,
    )


def to(host_id: int) -> Q:
    """What was said to this host, or to the company, whoever serves."""
    return Q(host_id=host_id) | Q(host_id=None)


@db_role.as_worker()
def is_agreed(relation_id: int, purpose: str, *, host_id: int | None = None) -> bool:
    """Whether the holder of this relation agreed to `purpose`, provedly, and has not taken it back.

    With `host_id` only what she said to this host, or to the company as such, counts.
    """
    return _proved(relation_id, purpose).filter(to(host_id) if host_id is not None else Q()).exists()


@db_role.as_worker()
def standing(relation_id: int, purpose: str) -> Consent | None:
    """The newest proved yes to `purpose` that was not taken back, to whomever it was given."""
    return _proved(relation_id, purpose).order_by("-given_at", "-pk").first()


def _proved(relation_id: int, purpose: str) -> "QuerySet[Consent]":
    return Consent.objects.filter(
        relation_id=relation_id,
        notice__purpose=purpose,
        basis=Consent.Basis.CONSENT,
        withdrawn_at=None,
        confirmed_at__isnull=False,
    )


@db_role.as_worker()
def of_relations(relation_ids: list[int]) -> list[Consent]:
    """What was asked of the holder of these relations, newest first."""
    found = Consent.objects.filter(relation_id__in=relation_ids).select_related("notice")
    return list(found.order_by("-given_at", "-pk"))


@db_role.as_worker()
def of_order(order_id: int) -> list[Consent]:
    return list(Consent.objects.filter(order_id=order_id).select_related("notice").order_by("pk"))


@db_role.as_worker()
def withdraw(public_id: UUID, *, relation_ids: list[int], now: datetime) -> bool:
    """Take back one consent of these relations; whether there was one. What a contract needs stays.

    The same purpose agreed to at other times ends with it: nobody wants to hunt for them all.
    """
    active = Consent.objects.filter(
        relation_id__in=relation_ids, basis=Consent.Basis.CONSENT, withdrawn_at=None
    )
    one = active.filter(public_id=public_id).select_related("notice").first()
    if one is None:
        return False
    withdraw_purpose([one.relation_id], one.notice.purpose, now=now)
    return True


@db_role.as_worker()
def withdraw_purpose(relation_ids: list[int | None], purpose: str, *, now: datetime) -> None:
    """Take back all that stands for one purpose, claims too, and end what hangs on it."""
    active = Consent.objects.filter(
        relation_id__in=relation_ids,
        notice__purpose=purpose,
        basis=Consent.Basis.CONSENT,
        withdrawn_at=None,
    )
    ended = list(active.select_related("notice"))
    Consent.objects.filter(pk__in=[consent.pk for consent in ended]).update(withdrawn_at=now)
    consent_withdrawn.send(Consent, consents=ended, now=now)


@db_role.as_worker()
def end(consent_id: int, *, now: datetime) -> None:
    """Take this one back: for the app that asked for it, where she says so on its own page."""
    active = Consent.objects.filter(pk=consent_id, withdrawn_at=None)
    ended = list(active.select_related("notice"))
    if active.update(withdrawn_at=now):
        consent_withdrawn.send(Consent, consents=ended, now=now)
