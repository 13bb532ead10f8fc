"""What a host's account hangs on besides her password: her WeCom account, and the name she signs in with.

Whoever holds either can come in as her. So each change is an act of an administrator with a reason, is
written down, told to her, and ends every session and token of before. The first binding, made together with
a new account, is part of that account's beginning (`create_host`).
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from apps.accounts.models import AccountEvent, Host, User
from apps.accounts.services.events import note
from apps.accounts.services.hosts import TransitionNotAllowedError, release_wecom
from apps.accounts.services.signing_in import sign_out_everywhere


class WecomTakenError(Exception):
    """Somebody who works here is bound to this WeCom account."""


class UsernameTakenError(Exception):
    """Somebody has this name to sign in with."""


@transaction.atomic
def bind_wecom(host: Host, userid: str, *, by: User, now: datetime, reason: str) -> bool:
    """Bind `host` to another WeCom account, or to none (an empty `userid`); False when nothing changed.

    WecomTakenError; TransitionNotAllowedError for somebody who left.
    """
    current = Host.objects.select_for_update(of=("self",)).select_related("user").get(pk=host.pk)
    if current.status == Host.Status.LEFT:
        raise TransitionNotAllowedError(f"{current.status}: WeCom account")
    before, wanted = current.wecom_userid or "", userid.strip()
    if before == wanted:
        return False
    working = Host.objects.exclude(status=Host.Status.LEFT).exclude(pk=host.pk)
    if wanted and working.filter(wecom_userid__iexact=wanted).exists():
        raise WecomTakenError
    detail = f"{before or '没有绑定'} → {wanted or '不绑定'}，{reason.strip()}"
    if before:
        # Told while the old account is still hers: whoever took it from her does not hear it in her place.
        note(current.user, AccountEvent.Kind.WECOM_BOUND, by=by, now=now, detail=detail)
    release_wecom(wanted)
    Host.objects.filter(pk=host.pk).update(wecom_userid=wanted or None)
    if not before:
        note(current.user, AccountEvent.Kind.WECOM_BOUND, by=by, now=now, detail=detail)
    sign_out_everywhere(current.user, now=now)
    host.refresh_from_db()
    return True


def hold_bound(host: Host) -> Host | None:
    """`host` while she is active and still bound as when she was read; else None.

    Locks the row until the transaction ends, so that a sign-in by WeCom comes before a change of the binding,
    which then ends the session, or after it.
    """
    return (
        Host.objects.select_for_update(of=("self",))
        .active()
        .select_related("user")
        .filter(pk=host.pk, wecom_userid=host.wecom_userid)
        .first()
    )


@transaction.atomic
def rename(user: User, username: str, *, by: User, now: datetime, reason: str) -> bool:
    """Give `user` another name to sign in with; False when it is hers already. UsernameTakenError."""
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.username == username:
        return False
    if User.objects.exclude(pk=user.pk).filter(username__iexact=username).exists():
        raise UsernameTakenError
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(username=username)
    except IntegrityError:
        raise UsernameTakenError from None
    detail = f"{current.username} → {username}，{reason.strip()}"
    note(user, AccountEvent.Kind.RENAMED, by=by, now=now, detail=detail)
    sign_out_everywhere(user, now=now)
    user.username = username
    return True
