"""Choosing a password by a one-time link that an administrator made."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import AccountEvent, OneTimeLink, User
from apps.accounts.services.events import note
from apps.accounts.services.links import make_link, redeem
from apps.accounts.services.signing_in import sign_out_everywhere


@transaction.atomic
def make_password_link(user: User, *, by: User, now: datetime) -> tuple[str, OneTimeLink]:
    """The secret text of a link by which `user` chooses a new password; the old one works until then."""
    made = make_link(user, purpose=OneTimeLink.Purpose.PASSWORD, by=by, now=now)
    note(user, AccountEvent.Kind.LINK_MADE, by=by, now=now)
    return made


@transaction.atomic
def choose_password(text: str, password: str, *, now: datetime) -> User:
    """Use the link up; every session, token and other link of the person ends. LinkNotValidError.

    The password was validated by the form.
    """
    user = redeem(text, purpose=OneTimeLink.Purpose.PASSWORD, now=now)
    user.set_password(password)
    user.save(update_fields=["password"])
    sign_out_everywhere(user, now=now)
    note(user, AccountEvent.Kind.PASSWORD_CHOSEN, by=user, now=now)
    return user
