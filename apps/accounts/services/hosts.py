"""The steps of a host's life."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Host, HostPhone, HostTransition, Organisation, User
from apps.accounts.services import two_people
from apps.accounts.services.signing_in import sign_out_everywhere
from apps.accounts.services.tokens import tokens_of
from apps.accounts.signals import host_moved


class TransitionNotAllowedError(Exception):
    """The host is not in a status from which this step leads."""


#: Who has a role at HQ besides being a host is a host like the others.
NOT_ONESELF = "自己要由别人来恢复、调等级和组织：请另一位能管大C的同事来办。"


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
    reason: str = "",
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
    HostTransition.objects.create(
        host=host,
        to_status=Host.Status.ACTIVE,
        to_level=level,
        to_organisation=organisation,
        actor=actor,
        reason=reason,
        at=now,
    )
    return host


_STEPS: dict[str, set[str]] = {
    Host.Status.ACTIVE: {Host.Status.APPLIED, Host.Status.SUSPENDED},
    Host.Status.SUSPENDED: {Host.Status.ACTIVE},
    Host.Status.LEFT: {Host.Status.ACTIVE, Host.Status.SUSPENDED},
}

#: What higher apps end when a host is out: functions of (host, status she goes to, now), called inside the
#: transaction of the step. Registered in their `ready()`.
_when_out: list[Callable[[Host, str, datetime], None]] = []
#: What those acts will do to how many, in sentences, for whoever decides.
_told_before: list[Callable[[Host], list[str]]] = []


def when_out(
    act: Callable[[Host, str, datetime], None] | None = None,
    *,
    tells: Callable[[Host], list[str]] | None = None,
) -> None:
    """Have `act` called whenever a host is suspended or leaves, in the same transaction.

    `tells` is asked before, and says what that will do to how many.
    """
    if act is not None and act not in _when_out:
        _when_out.append(act)
    if tells is not None and tells not in _told_before:
        _told_before.append(tells)


def what_out_means(host: Host) -> list[str]:
    """What else ends, or stays, when this host is suspended or leaves."""
    found = []
    if tokens := tokens_of(host.user, now=timezone.now()).count():
        found.append(f"她的 {tokens} 个接口令牌停用，用它们的系统马上连不上。")
    return [*found, *(sentence for tells in _told_before for sentence in tells(host))]


@transaction.atomic
def move_host(host: Host, *, to: str, actor: User | None, now: datetime, reason: str = "") -> Host:
    """Take `host` to another status. TransitionNotAllowedError; OneselfError for who lets herself in again.

    Whoever is not active any more is out everywhere, all in one transaction: sessions, tokens, private links,
    and what higher apps hold for her.
    """
    before = Host.objects.select_for_update().get(pk=host.pk).status
    if before not in _STEPS.get(to, set()):
        raise TransitionNotAllowedError(f"{before} → {to}")
    if to == Host.Status.ACTIVE:
        two_people.not_for_oneself(host.user, actor, NOT_ONESELF, now=now)
    Host.objects.filter(pk=host.pk).update(status=to)
    HostTransition.objects.create(
        host=host, from_status=before, to_status=to, actor=actor, reason=reason.strip(), at=now
    )
    host.refresh_from_db()
    host_moved.send(Host, host=host, before=before, after=to, by=actor, now=now)
    if to != Host.Status.ACTIVE:
        sign_out_everywhere(host.user, now=now)
        if to == Host.Status.LEFT and not host.user.groups.exists():
            # A second lock on the door that is never opened again. Someone with a role at HQ goes on there.
            User.objects.filter(pk=host.user_id).update(is_active=False)
        if to == Host.Status.LEFT:
            # Nobody calls her any more.
            HostPhone.objects.filter(host=host).delete()
        for act in _when_out:
            act(host, to, now)
    return host


@transaction.atomic
def place_host(
    host: Host,
    *,
    level: int | None = None,
    organisation: Organisation | None = None,
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> Host:
    """Give `host` another level, another place in the tree, or both; what stays as it is writes nothing.

    TransitionNotAllowedError for who has left; OneselfError for one's own.
    """
    current = (
        Host.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=host.pk)
    )
    if current.status == Host.Status.LEFT:
        raise TransitionNotAllowedError(f"{current.status}: level or organisation")
    is_moved = organisation is not None and organisation.pk != current.organisation_id
    if is_moved or level not in (None, current.level):
        two_people.not_for_oneself(current.user, actor, NOT_ONESELF, now=now)
    told = {
        "host": host,
        "from_status": current.status,
        "to_status": current.status,
        "actor": actor,
        "reason": reason.strip(),
        "at": now,
    }
    if level is not None and level != current.level:
        HostTransition.objects.create(**told, from_level=current.level, to_level=level)
        Host.objects.filter(pk=host.pk).update(level=level)
    if organisation is not None and organisation.pk != current.organisation_id:
        HostTransition.objects.create(
            **told, from_organisation=current.organisation, to_organisation=organisation
        )
        Host.objects.filter(pk=host.pk).update(organisation=organisation)
    host.refresh_from_db()
    return host


def release_wecom(userid: str) -> None:
    """Let go of a WeCom account that somebody who left still holds, so that it can be bound anew."""
    Host.objects.filter(status=Host.Status.LEFT, wecom_userid__iexact=userid).update(wecom_userid=None)
