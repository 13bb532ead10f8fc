"""A host's own looks at her customers' data: written down, like everybody's."""

from datetime import datetime

from apps.records import services as privacy
from apps.records.models import AccessLog
from apps.records.services.access_log import OWN_READING
from apps.workbench.requests import HostRequest

_SEEN = "customers_looked_at"


def note_reading(request: HostRequest, *, now: datetime) -> None:
    """She opened her customers: once per session."""
    if request.session.get(_SEEN):
        return
    request.session[_SEEN] = True
    privacy.record_access(
        actor=request.user,
        action=AccessLog.Action.VIEW,
        fields=OWN_READING,
        at=now,
        host_id=request.host.pk,
        is_hq=False,
        request_id=str(request.META.get("REQUEST_ID", "")),
    )


def note_reveal(request: HostRequest, *, fields: str, relation_id: int, now: datetime) -> None:
    """She made a masked value show. Many in a day are unusual enough to tell HQ."""
    privacy.reveal_own(
        request.user,
        host_id=request.host.pk,
        relation_id=relation_id,
        fields=fields,
        now=now,
        request_id=str(request.META.get("REQUEST_ID", "")),
    )
