"""Erasing again what a restored backup brought back."""

import json
from datetime import datetime

from django.core.files.storage import default_storage

from apps.customers import erasure as people
from apps.database import crypto
from apps.lib.ids import private_token
from apps.privacy.models import RightsRequest, Tombstone
from apps.privacy.services.data_requests import DUE, erase


def replay(*, now: datetime) -> int:
    """Erase again what a restored backup brought back; how many people. Safe to run at any time."""
    count = 0
    for pseudonym, digests in _remembered():
        relations, customers = people.by_digest(digests)
        if not relations and not customers:
            continue
        is_whole = bool(customers)
        subject = people.subject(relations, is_whole, pseudonym)
        request = RightsRequest.objects.create(
            kind=RightsRequest.Kind.ERASE,
            state=RightsRequest.State.BLOCKED,
            pseudonym=pseudonym,
            relation_ids=list(subject.relation_ids),
            customer_ids=list(subject.customer_ids),
            view_digest=crypto.digest(private_token()),
            view_until=now,
            requested_at=now,
            due_at=now + DUE,
            verified_at=now,
            refusal="恢复备份后重新删除",
        )
        people.block(subject, now)
        erase({"id": request.pk}, now)
        count += 1
    return count


def _remembered() -> list[tuple[str, list[bytes]]]:
    """(pseudonym, hashes) of every erasure that the store or the database knows."""
    found: dict[str, set[bytes]] = {}
    for pseudonym, digest in Tombstone.objects.values_list("pseudonym", "digest"):
        found.setdefault(pseudonym, set()).add(bytes(digest))
    try:
        names = default_storage.listdir("erasures")[1]
    except FileNotFoundError:
        names = []
    for name in names:
        with default_storage.open(f"erasures/{name}", "rb") as file:
            record = json.loads(file.read())
        found.setdefault(record["pseudonym"], set()).update(bytes.fromhex(one) for one in record["rows"])
    return [(pseudonym, sorted(digests)) for pseudonym, digests in sorted(found.items())]
