"""A host's own looks at her customers' data: written down, like everybody's."""

import logging
from datetime import datetime

from apps.privacy import services as privacy
from apps.privacy.models import AccessLog
from apps.workbench.requests import HostRequest

logger = logging.getLogger(__name__)
_SEEN = "customers_looked_at"


def note_reading(request: HostRequest, *, now: datetime) -> None:
    """She opened her customers: once per session."""
    if request.session.get(_SEEN):
        return
    request.session[_SEEN] = True
    _record(request, AccessLog.Action.VIEW, "客户资料", None, now)


def note_reveal(request: HostRequest, *, fields: str, relation_id: int, now: datetime) -> None:
    """She made a masked value show. Many in a day are unusual enough to tell HQ's operators."""
    _record(request, AccessLog.Action.REVEAL, fields, relation_id, now)
    count = privacy.reveals_since(request.user, now=now)
    if count > privacy.REVEALS_A_DAY:
        logger.warning("privacy.many_reveals", extra={"host": request.host.pk, "count": count})


def _record(request: HostRequest, action: str, fields: str, relation_id: int | None, now: datetime) -> None:
    privacy.record_access(
        actor=request.user,
        action=action,
        fields=fields,
        at=now,
        host_id=request.host.pk,
        relation_id=relation_id,
        is_hq=False,
        request_id=str(request.META.get("REQUEST_ID", "")),
    )
