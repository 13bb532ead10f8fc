"""Becoming a host: HQ invites, somebody applies by the link, HQ decides."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from apps.accounts.models import (
    AccountEvent,
    Application,
    Host,
    HostImport,
    Invitation,
    OneTimeLink,
    Organisation,
    User,
)
from apps.accounts.services.binding import UsernameTakenError, WecomTakenError
from apps.accounts.services.events import note
from apps.accounts.services.hosts import create_host, release_wecom
from apps.accounts.services.links import make_link
from apps.accounts.services.phones import keep_phone
from apps.database import crypto
from apps.lib import pinyin
from apps.lib.ids import private_token
from apps.lib.phone import normalise
from apps.lib.pii import Kept
from apps.lib.words import LONGEST_NAME

_PHONE_SCOPE = "applicants"


class InvitationNotValidError(Exception):
    """The link is unknown, revoked, used up or too old; which one is not said to who holds it."""


class AlreadyAppliedError(Exception):
    """An application with this phone is waiting."""


class AlreadyDecidedError(Exception):
    """The application is not waiting any more."""


def shown_for() -> timedelta:
    """How long after the answer an applicant's own link shows it; then what she wrote is deleted.

    The notice promises her so many days, so there is always an end.
    """
    kept: timedelta | None = settings.RETENTION[Kept.APPLICANT]
    if kept is None:
        raise ImproperlyConfigured("RETENTION['applicant'] 不能是 None：申请页向申请人承诺了期限。")
    return kept


@dataclass(frozen=True, slots=True)
class Welcomed:
    """What an approval made. `secret` is the text of her one-time link, shown once."""

    host: Host
    secret: str


@transaction.atomic
def invite(
    *,
    organisation: Organisation,
    kind: str,
    level: int,
    uses: int,
    expires_at: datetime,
    by: User,
    now: datetime,
    label: str = "",
) -> tuple[str, Invitation]:
    """A new invitation: the secret text of its link, shown once, and its row."""
    text = private_token()
    made = Invitation.objects.create(
        organisation=organisation,
        kind=kind,
        level=level,
        label=label.strip(),
        digest=crypto.digest(text),
        uses_allowed=uses,
        made_by=by,
        made_at=now,
        expires_at=expires_at,
    )
    return text, made


def revoke_invitation(invitation: Invitation, *, by: User, now: datetime) -> bool:
    """Nobody can apply by it any more; who applied already waits on. False when it was revoked before."""
    changed = Invitation.objects.filter(pk=invitation.pk, revoked_at=None).update(
        revoked_at=now, revoked_by=by
    )
    return bool(changed)


def what_revoking_means(invitation: Invitation) -> list[str]:
    """What will become of the link, and of those who applied by it, in sentences."""
    waiting = invitation.applications.filter(state=Application.State.WAITING).count()
    found = ["再点开这个链接的人会看到「用不了了」，不能恢复；要再邀请就新建一个。"]
    return [*found, f"已经提交、等审批的 {waiting} 份申请不受影响。"] if waiting else found


def find_invitation(text: str, *, now: datetime) -> Invitation:
    """The open invitation with this secret text, for showing its form. InvitationNotValidError."""
    found = (
        Invitation.objects.select_related("organisation").filter(digest=crypto.digest(text)).first()
        if text and len(text) <= 64
        else None
    )
    if found is None or found.state(now) != "open":
        raise InvitationNotValidError
    return found


@transaction.atomic
def submit_application(
    text: str,
    *,
    name: str,
    phone: str,
    wecom_userid: str,
    why: str,
    notice_sha256: bytes,
    now: datetime,
) -> tuple[str, Application]:
    """Apply by an invitation; the secret text of the applicant's own link, and the row.

    Uses the invitation up by one, however many apply at the same moment. InvitationNotValidError,
    AlreadyAppliedError, NotAPhoneError.
    """
    invitation = find_invitation(text, now=now)
    phone = normalise(phone)
    open_ = Invitation.objects.filter(
        pk=invitation.pk, revoked_at=None, expires_at__gt=now, uses__lt=F("uses_allowed")
    )
    if not open_.update(uses=F("uses") + 1):
        raise InvitationNotValidError
    secret = private_token()
    application = Application(
        invitation=invitation,
        name=name.strip(),
        phone=phone,
        phone_index=_phone_index(phone),
        wecom_userid=wecom_userid.strip(),
        why=why.strip(),
        digest=crypto.digest(secret),
        notice_sha256=notice_sha256,
        consented_at=now,
        created_at=now,
    )
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError:
        Invitation.objects.filter(pk=invitation.pk).update(uses=F("uses") - 1)
        raise AlreadyAppliedError from None
    return secret, application


def application_behind(text: str, *, now: datetime) -> Application | None:
    """The application whose own link has this text, or None once it is too old."""
    if not text or len(text) > 64:
        return None
    found = (
        Application.objects.select_related("invitation__organisation", "host__user")
        .filter(digest=crypto.digest(text))
        .first()
    )
    if found is None or now >= (found.decided_at or now) + shown_for():
        return None
    return found


def withdraw(application: Application, *, now: datetime) -> None:
    """The applicant thinks better of it: what she wrote is wiped. AlreadyDecidedError."""
    with transaction.atomic():
        waiting = _waiting(application)
        waiting.state = Application.State.WITHDRAWN
        waiting.decided_at = now
        waiting.name = waiting.phone = waiting.why = waiting.wecom_userid = ""
        waiting.phone_index = None
        waiting.save()


@transaction.atomic
def approve(
    application: Application,
    *,
    username: str,
    organisation: Organisation,
    level: int,
    wecom_userid: str,
    by: User,
    now: datetime,
) -> Welcomed:
    """Make the applicant a host with an account of her own, at once active.

    She begins by her one-time link, or by WeCom when an account is given. AlreadyDecidedError,
    WecomTakenError, UsernameTakenError.
    """
    waiting = _waiting(application)
    welcomed = welcome(
        username=username,
        name=waiting.name[:LONGEST_NAME],
        kind=waiting.invitation.kind,
        organisation=organisation,
        level=level,
        wecom_userid=wecom_userid,
        by=by,
        now=now,
        reason="申请通过",
        phone=waiting.phone,
    )
    waiting.state = Application.State.APPROVED
    waiting.decided_at, waiting.decided_by, waiting.host = now, by, welcomed.host
    waiting.save(update_fields=["state", "decided_at", "decided_by", "host"])
    return welcomed


@transaction.atomic
def welcome(
    *,
    username: str,
    name: str,
    kind: str,
    organisation: Organisation,
    level: int,
    wecom_userid: str | None,
    by: User,
    now: datetime,
    reason: str = "",
    phone: str = "",
) -> Welcomed:
    """A new host, at once active, and the link by which she chooses her first password.

    WecomTakenError, UsernameTakenError.
    """
    wecom_userid = (wecom_userid or "").strip()
    if wecom_userid:
        release_wecom(wecom_userid)
        if Host.objects.filter(wecom_userid__iexact=wecom_userid).exists():
            raise WecomTakenError
    if User.objects.filter(username__iexact=username).exists():
        raise UsernameTakenError
    host = create_host(
        username=username,
        name=name,
        kind=kind,
        organisation=organisation,
        level=level,
        wecom_userid=wecom_userid or None,
        now=now,
        actor=by,
        reason=reason,
    )
    keep_phone(host, phone, now=now)
    secret, _link = make_link(host.user, purpose=OneTimeLink.Purpose.ACTIVATION, by=by, now=now)
    return Welcomed(host, secret)


@transaction.atomic
def begin(application: Application, *, now: datetime) -> str | None:
    """From her own page to choosing her first password: the text of a link; None when it leads there no more.

    It ends with her first sign-in and with every change of her ways in (`links.end_beginning`).
    """
    rows = Application.objects.select_for_update(of=("self",)).select_related("host__user")
    held = rows.get(pk=application.pk)
    if not held.may_begin:
        return None
    assert held.host is not None
    secret, _ = make_link(held.host.user, purpose=OneTimeLink.Purpose.ACTIVATION, by=None, now=now)
    note(held.host.user, AccountEvent.Kind.LINK_MADE, by=None, now=now, detail="从申请页，设第一个密码")
    return secret


@transaction.atomic
def refuse(application: Application, *, reason: str, by: User, now: datetime) -> None:
    """Say no; the applicant reads the reason by her own link. AlreadyDecidedError."""
    waiting = _waiting(application)
    waiting.state, waiting.reason = Application.State.REFUSED, reason.strip()
    waiting.decided_at, waiting.decided_by = now, by
    waiting.save(update_fields=["state", "reason", "decided_at", "decided_by"])


def _waiting(application: Application) -> Application:
    """The row, locked, if it still waits: of two who decide at once, the second is told."""
    found = (
        Application.objects.select_for_update(of=("self",))
        .select_related("invitation")
        .filter(pk=application.pk, state=Application.State.WAITING)
        .first()
    )
    if found is None:
        raise AlreadyDecidedError
    return found


def _phone_index(phone: str) -> bytes:
    return crypto.blind_index(phone, scope=_PHONE_SCOPE)


def free_username(name: str) -> str:
    """A name to sign in with that nobody has yet: `linjie`, `linjie2`, … from what she is called."""
    stem = pinyin.letters(name)
    stem = re.sub(r"[^a-z0-9]", "", stem.lower())[:20] or "dac"
    taken = set(User.objects.filter(username__startswith=stem).values_list("username", flat=True))
    return next(
        one for number in count(1) if (one := stem if number == 1 else f"{stem}{number}") not in taken
    )


def _unsuccessful(before: datetime) -> "QuerySet[Application]":
    """Without an answer for so long, or turned down before then."""
    return Application.objects.filter(
        Q(state=Application.State.WAITING, created_at__lt=before)
        | Q(state__in=[Application.State.REFUSED, Application.State.WITHDRAWN], decided_at__lt=before)
    )


def _served(before: datetime) -> "QuerySet[Application]":
    """Approved: what she wrote has served its purpose; who she is stands on her account."""
    return Application.objects.filter(
        state=Application.State.APPROVED, decided_at__lt=before, phone_index__isnull=False
    )


def _turned_back(before: datetime) -> "QuerySet[HostImport]":
    """Files of new hosts, with the rows of theirs that were turned back."""
    return HostImport.objects.filter(at__lt=before).exclude(rejected_csv="")


def count_old(before: datetime) -> int:
    """Of how many the words have had their time at that moment."""
    return sum(find(before).count() for find in (_unsuccessful, _served, _turned_back))


def forget_old(before: datetime) -> int:
    """Delete what the notice promises to delete, and the words of what stays; how many it was."""
    _deleted, kinds = _unsuccessful(before).delete()
    served = _served(before).update(phone="", why="", phone_index=None)
    return kinds.get(Application._meta.label, 0) + served + _turned_back(before).update(rejected_csv="")
