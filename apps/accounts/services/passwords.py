"""Passwords: the one road by which each of them is set.

A person chooses her own, by a one-time link or with the old one in hand; nobody chooses another's. Every new
password ends the sessions, tokens and links of before.
"""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest

from apps.accounts.models import AccountEvent, Authenticator, OneTimeLink, User
from apps.accounts.services.events import note
from apps.accounts.services.links import make_link, redeem
from apps.accounts.services.signing_in import sign_in, sign_out_everywhere
from apps.accounts.services.two_people import OneselfError


@transaction.atomic
def make_password_link(user: User, *, by: User, now: datetime) -> tuple[str, OneTimeLink]:
    """The secret text of a link by which `user` chooses a new password; the old one works until then.

    OneselfError for one's own: who changes hers has the old one in hand (`change_password`).
    """
    if by.pk == user.pk:
        raise OneselfError("自己的密码用旧密码来改；忘了旧密码，请另一位管理员给你链接。")
    made = make_link(user, purpose=OneTimeLink.Purpose.PASSWORD, by=by, now=now)
    note(user, AccountEvent.Kind.LINK_MADE, by=by, now=now)
    return made


@transaction.atomic
def choose_password(
    text: str, password: str, *, now: datetime, purpose: str = OneTimeLink.Purpose.PASSWORD
) -> User:
    """Use the link up; every session, token and other link of the person ends. LinkNotValidError.

    The password was validated by the form.
    """
    user = redeem(text, purpose=purpose, now=now)
    _set(user, password, now=now)
    return user


@transaction.atomic
def change_password(request: HttpRequest, password: str, *, now: datetime) -> None:
    """Give the signed-in person a new password. Only this browser stays, under a new session id.

    It has taken the second step afterwards if it had before. The form checked the old password and validated
    the new one.
    """
    user = request.user
    assert isinstance(user, User)
    device: Authenticator | None = getattr(user, "otp_device", None)
    until_closed = request.session.get_expire_at_browser_close()
    _set(user, password, now=now)
    request.session.flush()
    sign_in(request, user, device=device)
    if until_closed:
        request.session.set_expiry(0)


def _set(user: User, password: str, *, now: datetime) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_out_everywhere(user, now=now)
    note(user, AccountEvent.Kind.PASSWORD_CHOSEN, by=user, now=now)
