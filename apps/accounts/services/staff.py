"""The roles of people at HQ, and whether they may sign in: each change has an actor and a time."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.db import transaction

from apps.accounts import roles
from apps.accounts.models import AccountEvent, Organisation, User
from apps.accounts.services.events import note
from apps.accounts.services.signing_in import sign_out_everywhere


class LastAdminError(Exception):
    """Somebody must be able to give roles; and nobody takes that from herself."""


def problem_with(user: User, *, names: Collection[str], is_active: bool, by: User) -> str:
    """Why these roles can't be `user`'s, in words for the form; empty when they can."""
    if roles.ADMIN in names and is_active:
        return ""
    was_admin = user.pk is not None and user.groups.filter(name=roles.ADMIN).exists()
    if not was_admin:
        return ""
    if user.pk == by.pk:
        return "不能收回自己的管理员，也不能停用自己：请另一位管理员来做。"
    others = User.objects.filter(groups__name=roles.ADMIN, is_active=True).exclude(pk=user.pk)
    return "" if others.exists() else "这是最后一位管理员：先把管理员给另一位同事。"


@transaction.atomic
def set_roles(user: User, names: Collection[str], *, by: User, now: datetime) -> None:
    """Make the roles of `user` these. Who has others than before signs in anew. LastAdminError."""
    # All changes of roles one after the other: two admins can't take each other's last one at once.
    list(Group.objects.select_for_update().filter(name=roles.ADMIN))
    before = set(user.groups.filter(name__in=roles.ALL).values_list("name", flat=True))
    if before == set(names):
        return
    if sentence := problem_with(user, names=names, is_active=True, by=by):
        raise LastAdminError(sentence)
    user.groups.set([*Group.objects.filter(name__in=names), *user.groups.exclude(name__in=roles.ALL)])
    for name in roles.ALL:
        if name in names and name not in before:
            note(user, AccountEvent.Kind.ROLE_GIVEN, by=by, now=now, detail=name)
        elif name in before and name not in names:
            note(user, AccountEvent.Kind.ROLE_TAKEN, by=by, now=now, detail=name)
    # A session made under other rights ends; her own goes on under a new id (the caller sees to it).
    if user.pk != by.pk:
        sign_out_everywhere(user, now=now)


@transaction.atomic
def place(user: User, organisation: Organisation | None, *, by: User, now: datetime) -> None:
    """Put `user` at another node of the tree: as a region manager she sees what is below it."""
    current = User.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=user.pk)
    before = current.organisation
    if before == organisation:
        return
    User.objects.filter(pk=user.pk).update(organisation=organisation)
    user.organisation = organisation
    detail = f"{before or '没有'} → {organisation or '没有'}"
    note(user, AccountEvent.Kind.PLACED, by=by, now=now, detail=detail)
    if user.pk != by.pk:
        sign_out_everywhere(user, now=now)


@transaction.atomic
def switch(user: User, *, is_active: bool, by: User, now: datetime) -> None:
    """Let `user` sign in, or not any more: then she is out at once. LastAdminError."""
    list(Group.objects.select_for_update().filter(name=roles.ADMIN))
    if not is_active and (sentence := problem_with(user, names=(), is_active=False, by=by)):
        raise LastAdminError(sentence)
    if not User.objects.filter(pk=user.pk).exclude(is_active=is_active).update(is_active=is_active):
        return
    user.is_active = is_active
    kind = AccountEvent.Kind.ENABLED if is_active else AccountEvent.Kind.DISABLED
    note(user, kind, by=by, now=now)
    if not is_active:
        sign_out_everywhere(user, now=now)
