"""A customer who agreed to offers, and what else she may have said."""

from datetime import datetime

from django.utils import timezone

from apps.customers.models import Relation
from apps.reach import asking
from apps.records.models import Consent, Notice
from apps.records.services import consents


def agrees(relation: Relation, *, proof: str = Consent.Proof.LINK, now: datetime | None = None) -> Relation:
    """She said yes to offers; without proof, on an order that anybody may have placed."""
    now = now or timezone.now()
    consents.give_consent(
        notice=asking.notice(now=now),
        recipient="林姐",
        channel=asking.CHANNEL,
        proof=proof,
        relation_id=relation.pk,
        now=now,
    )
    return relation


def takes_back(relation: Relation) -> None:
    consents.withdraw_purpose([relation.pk], Notice.Purpose.MARKETING, now=timezone.now())
