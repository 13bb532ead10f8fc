"""The steps of a host's life."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.models import Host, HostTransition, Organisation, User
from apps.accounts.services.signing_in import sign_out_everywhere


class TransitionNotAllowedError(Exception):
    """The host is not in a status from which this step leads."""


def find_host_by_wecom(userid: str) -> Host | None:
    """The active host bound to a WeCom member. WeCom compares userids without case."""
    return Host.objects.active().select_related("user").filter(wecom_userid__iexact=userid).first()


@transaction.atomic
def create_host(
    *,
    username: str,
    name: str,
    kind: str,
    organisation: Organisation,
    now: datetime,
    wecom_userid: str | None = None,
    level: int = 1,
    tagline: str = "",
    password: str | None = None,
    actor: User | None = None,
) -> Host:
    """A host with her own account, at once active; without `password` she signs in by WeCom only."""
    user = User.objects.create(
        username=username, first_name=name, password=make_password(password), date_joined=now
    )
    host = Host.objects.create(
        user=user,
        organisation=organisation,
        kind=kind,
        level=level,
        status=Host.Status.ACTIVE,
        name=name,
        wecom_userid=wecom_userid,
        tagline=tagline,
        joined_at=now,
    )
    HostTransition.objects.create(host=host, to_status=Host.Status.ACTIVE, actor=actor, at=now)
    return host


_STEPS: dict[str, set[str]] = {
    Host.Status.ACTIVE: {Host.Status.APPLIED, Host.Status.SUSPENDED},
    Host.Status.SUSPENDED: {Host.Status.ACTIVE},
    Host.Status.LEFT: {Host.Status.ACTIVE, Host.Status.SUSPENDED},
}


@transaction.atomic
def move_host(host: Host, *, to: str, actor: User, now: datetime, reason: str = "") -> Host:
    """Take `host` to another status. Leaving `active` ends her sessions and tokens at once."""
    before = Host.objects.select_for_update().get(pk=host.pk).status
    if before not in _STEPS.get(to, set()):
        raise TransitionNotAllowedError(f"{before} → {to}")
    Host.objects.filter(pk=host.pk).update(status=to)
    HostTransition.objects.create(
        host=host, from_status=before, to_status=to, actor=actor, reason=reason, at=now
    )
    if to != Host.Status.ACTIVE:
        sign_out_everywhere(host.user, now=now)
    host.refresh_from_db()
    return host
