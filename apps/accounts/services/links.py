"""Links that grant something once: choosing a password anew, starting to use an account.

The text goes to one person by a way outside this product and is shown once; its SHA-256 is stored. A newer
link of the same kind ends the older ones.
"""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import Application, OneTimeLink, User
from apps.database import crypto
from apps.lib.ids import private_token

#: How long each kind may be used.
LIFE: dict[str, timedelta] = {
    OneTimeLink.Purpose.PASSWORD: timedelta(hours=24),
    OneTimeLink.Purpose.ACTIVATION: timedelta(days=7),
}


class LinkNotValidError(Exception):
    """The link is unknown, of another kind, used, ended or too old; which one is not said."""


@transaction.atomic
def make_link(user: User, *, purpose: str, by: User | None, now: datetime) -> tuple[str, OneTimeLink]:
    """A new link for `user`, made by `by`: the secret text for its address, and its row."""
    end_links(user, purpose=purpose, now=now)
    text = private_token()
    link = OneTimeLink.objects.create(
        purpose=purpose,
        user=user,
        digest=crypto.digest(text),
        created_by=by,
        created_at=now,
        expires_at=now + LIFE[purpose],
    )
    return text, link


def find_link(text: str, *, purpose: str, now: datetime) -> OneTimeLink:
    """The link with this text while it may still be used, without using it: for showing its form."""
    link = OneTimeLink.objects.select_related("user").filter(digest=crypto.digest(text)).first()
    if link is None or link.purpose != purpose or not link.is_valid(now) or not link.user.is_active:
        raise LinkNotValidError
    return link


def redeem(text: str, *, purpose: str, now: datetime) -> User:
    """Use the link up; its user. Of many at the same moment one gets it, the others LinkNotValidError."""
    link = find_link(text, purpose=purpose, now=now)
    used = OneTimeLink.objects.filter(pk=link.pk, used_at=None, ended_at=None, expires_at__gt=now)
    if not used.update(used_at=now):
        raise LinkNotValidError
    return link.user


def end_beginning(user: User, *, now: datetime) -> None:
    """Nothing leads to the first password of `user` any more: neither a link nor the page of her application.

    First the page, then the links: whoever is just making one there is waited for, and it ends, too.
    """
    Application.objects.filter(host__user=user, closed_at=None).update(closed_at=now)
    end_links(user, purpose=OneTimeLink.Purpose.ACTIVATION, now=now)


def end_links(user: User, *, now: datetime, purpose: str | None = None) -> None:
    """Links of `user` that were not used yet can no longer be."""
    links = OneTimeLink.objects.filter(user=user, used_at=None, ended_at=None)
    (links.filter(purpose=purpose) if purpose else links).update(ended_at=now)
