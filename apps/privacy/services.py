"""Writing down looks at personal data, and consent."""

import hashlib
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.privacy.models import AccessLog, Consent, Notice

#: A host who reveals more of her own customers' phones in a day raises an alert.
REVEALS_A_DAY = 50


def record_access(
    *,
    actor: User,
    action: str,
    fields: str,
    at: datetime,
    host_id: int | None = None,
    relation_id: int | None = None,
    is_hq: bool,
    purpose: str = "",
    count: int = 1,
    request_id: str = "",
) -> AccessLog:
    """Write one look; `fields` names what was shown, never the values."""
    return AccessLog.objects.create(
        actor_id=actor.pk,
        actor_name=actor.name,
        host_id=host_id,
        relation_id=relation_id,
        is_hq=is_hq,
        action=action,
        fields=fields,
        purpose=purpose,
        count=count,
        request_id=request_id,
        at=at,
    )


def reveals_since(actor: User, *, now: datetime, window: timedelta = timedelta(days=1)) -> int:
    return AccessLog.objects.filter(
        actor_id=actor.pk, action=AccessLog.Action.REVEAL, at__gt=now - window
    ).count()


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
    return Consent.objects.create(
        notice=notice,
        recipient=recipient,
        channel=channel,
        given_at=now,
        relation_id=relation_id,
        visitor_id=visitor_id,
        evidence=evidence or {},
    )
