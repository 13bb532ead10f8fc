"""Who agreed to offers in the demo: a good part did, some said no, some took it back, many were never asked."""

from datetime import datetime, timedelta
from random import Random

from apps.accounts.models import Host
from apps.console.demo.world import Progress
from apps.customers.models import Relation
from apps.database import crypto
from apps.lib.ids import private_token
from apps.reach import asking
from apps.reach.models import Asking
from apps.records.models import Consent

#: Of a hundred customers, up to which number each answer goes; who is left was never asked.
_AGREED, _TOOK_BACK, _SAID_NO, _TICKED, _WAITING = 44, 50, 58, 63, 66
_BATCH = 2_000


def answers(
    hosts: list[Host], out: dict[int, datetime], *, dice: Random, now: datetime, progress: Progress
) -> None:
    """What the customers of these hosts answered when they were asked, or ticked when they ordered."""
    notice = asking.notice(now=now)
    recipients = {host.pk: f"{host.name}、{host.organisation.get_root().name}"[:80] for host in hosts}
    consents: list[Consent] = []
    askings: list[Asking] = []
    rows = Relation.objects.filter(host__in=hosts).order_by("pk").values_list("pk", "host_id", "joined_at")
    users = {host.pk: host.user_id for host in hosts}
    for pk, host_id, joined_at in rows:
        lot = dice.randrange(100)
        if lot >= _WAITING:
            continue
        end = out.get(host_id, now)
        given = joined_at + (end - joined_at) * dice.uniform(0.05, 0.6)
        kept = {
            "relation_id": pk,
            "notice": notice,
            "recipient": recipients[host_id],
            "host_id": host_id,
        }
        if lot < _TOOK_BACK:
            consents.append(
                Consent(
                    **kept,
                    channel=asking.CHANNEL,
                    proof=Consent.Proof.LINK,
                    given_at=given,
                    confirmed_at=given,
                    withdrawn_at=None if lot < _AGREED else given + (end - given) * dice.uniform(0.2, 0.9),
                )
            )
        elif _SAID_NO <= lot < _TICKED:
            consents.append(Consent(**kept, channel="storefront", given_at=given))
            continue
        askings.append(_asking(pk, users[host_id], lot, given, end))
    Consent.objects.bulk_create(consents, batch_size=_BATCH)
    Asking.objects.bulk_create(askings, batch_size=_BATCH)
    progress("愿不愿意收优惠", len(askings), len(askings))


def _asking(relation_id: int, user_id: int, lot: int, given: datetime, end: datetime) -> Asking:
    is_waiting = lot >= _TICKED
    asked_at = end - timedelta(days=2) if is_waiting else given - timedelta(hours=3)
    answer = Asking.Answer.YES if lot < _TOOK_BACK else Asking.Answer.NO
    return Asking(
        relation_id=relation_id,
        asked_by_id=user_id,
        asked_at=asked_at,
        digest=crypto.digest(private_token()),
        open_until=asked_at + timedelta(days=7),
        answer=Asking.Answer.NONE if is_waiting else answer,
        answered_at=None if is_waiting else given,
    )
