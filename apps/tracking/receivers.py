"""Acts of the apps below, which can't write to the ledger themselves."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from apps.accounts.models import AccountEvent, Host, User
from apps.accounts.signals import account_changed, host_moved
from apps.records.models import AccessLog, Consent
from apps.records.signals import consent_confirmed, consent_given, consent_withdrawn, revealed
from apps.tracking import services
from apps.tracking.facts import Fact
from apps.tracking.models import Subject

_OF_ACCOUNT: dict[str, Fact] = {
    AccountEvent.Kind.ROLE_GIVEN: Fact.ROLE_GIVEN,
    AccountEvent.Kind.ROLE_TAKEN: Fact.ROLE_TAKEN,
    AccountEvent.Kind.ENABLED: Fact.SIGN_IN_ENABLED,
    AccountEvent.Kind.DISABLED: Fact.SIGN_IN_DISABLED,
}


@receiver(host_moved)
def note_host_moved(
    sender: Any, host: Host, before: str, after: str, by: User | None, now: datetime, **kwargs: Any
) -> None:
    services.record(
        Fact.HOST_MOVED,
        at=now,
        host_id=host.pk,
        actor_id=by.pk if by else None,
        props={"from": before, "to": after},
    )


@receiver(account_changed)
def note_account(
    sender: Any, user: User, kind: str, by: User | None, now: datetime, detail: str, **kwargs: Any
) -> None:
    """Changes of rights. The book of the account (`AccountEvent`) has the rest of what happens to it."""
    fact = _OF_ACCOUNT.get(kind)
    if fact is None:
        return
    role = {"role": detail} if fact in (Fact.ROLE_GIVEN, Fact.ROLE_TAKEN) else {}
    services.record(fact, at=now, actor_id=by.pk if by else None, props={"user_id": user.pk, **role})


@receiver(revealed)
def note_reveal(sender: Any, entry: AccessLog, **kwargs: Any) -> None:
    if entry.relation_id is None and entry.host_id is not None:
        # Her own number, not a customer's.
        services.record(Fact.HOST_REVEALED, at=entry.at, host_id=entry.host_id, actor_id=entry.actor_id)
        return
    services.record(
        Fact.CUSTOMER_REVEALED,
        at=entry.at,
        host_id=entry.host_id,
        relation_id=entry.relation_id,
        actor_id=entry.actor_id,
        subject_kind=Subject.RELATION,
        subject_id=entry.relation_id,
        props={"at_hq": entry.is_hq},
    )


@receiver(consent_given)
def note_consent_given(sender: Any, consent: Consent, **kwargs: Any) -> None:
    _about_consent(Fact.CONSENT_GIVEN, consent, consent.given_at)


@receiver(consent_confirmed)
def note_consent_confirmed(
    sender: Any, consents: list[Consent], by: User | None, now: datetime, **kwargs: Any
) -> None:
    for consent in consents:
        _about_consent(Fact.CONSENT_CONFIRMED, consent, now, by)


@receiver(consent_withdrawn)
def note_consent_withdrawn(sender: Any, consents: list[Consent], now: datetime, **kwargs: Any) -> None:
    for consent in consents:
        _about_consent(Fact.CONSENT_WITHDRAWN, consent, now)


def _about_consent(fact: Fact, consent: Consent, at: datetime, by: User | None = None) -> None:
    services.record(
        fact,
        at=at,
        actor_id=by.pk if by else None,
        relation_id=consent.relation_id,
        visitor_id=consent.visitor_id,
        subject_kind=Subject.RELATION,
        subject_id=consent.relation_id,
        props={"purpose": consent.notice.purpose},
    )
