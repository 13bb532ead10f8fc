"""Notices and what people agreed to."""

import hashlib
from datetime import datetime

from apps.lib import walls
from apps.privacy.models import Consent, Notice


def notice_for(purpose: str, text: str, *, now: datetime) -> Notice:
    """The notice with exactly this text, a new version if the text is new."""
    digest = hashlib.sha256(text.encode()).digest()
    newest = Notice.objects.filter(purpose=purpose).order_by("-version").first()
    if newest is not None and bytes(newest.sha256) == digest:
        return newest
    version = newest.version + 1 if newest else 1
    notice, _ = Notice.objects.get_or_create(
        purpose=purpose, version=version, defaults={"text": text, "sha256": digest, "created_at": now}
    )
    return notice


def give_consent(
    *,
    notice: Notice,
    recipient: str,
    channel: str,
    now: datetime,
    relation_id: int | None = None,
    visitor_id: int | None = None,
    evidence: dict[str, str] | None = None,
) -> Consent:
    # Often a stranger's request, who may write what she agrees to and read nothing.
    with walls.as_worker():
        return Consent.objects.create(
            notice=notice,
            recipient=recipient,
            channel=channel,
            given_at=now,
            relation_id=relation_id,
            visitor_id=visitor_id,
            evidence=evidence or {},
        )
