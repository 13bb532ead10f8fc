"""A customer who agreed to offers, and what else she may have said."""

from datetime import datetime

from django.utils import timezone

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.customers.models import Relation
from apps.reach import asking
from apps.records.models import Consent, Notice
from apps.records.services import consents
from tests.factories import MORNING


def a_friend(host: Host, number: int = 1) -> Relation:
    relation, _ = customers.attach_external_contact(
        host, external_userid=f"wm-{number}", name="小雨", now=MORNING
    )
    return relation


def agrees(relation: Relation, *, proof: str = Consent.Proof.LINK, now: datetime | None = None) -> Relation:
    """She said yes to offers; without proof, on an order that anybody may have placed."""
    now = now or timezone.now()
    consents.give_consent(
        notice=asking.notice(now=now),
        recipient=asking.recipient_of(relation),
        host_id=relation.host_id,
        channel=asking.CHANNEL,
        proof=proof,
        relation_id=relation.pk,
        now=now,
    )
    return relation


def takes_back(relation: Relation) -> None:
    consents.withdraw_purpose([relation.pk], Notice.Purpose.MARKETING, now=timezone.now())
