"""Whose rows the database shows to a request: known once it is known who asks."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from apps.accounts import access
from apps.accounts.models import Host, User
from apps.database import db_role

_HQ = ("/hq/", "/api/v1/hq/")


def enter_as(request: HttpRequest, user: User | AnonymousUser, host: Host | None) -> None:
    """From here on the request's transaction shows this person's rows: her own, HQ's, or nobody's.

    A host who works at HQ too is HQ only where HQ works.
    """
    if not getattr(request, "may_enter", False):  # a view with transactions of its own
        return
    if (host is None or request.path.startswith(_HQ)) and access.is_hq(user):
        db_role.enter(db_role.HQ)
    else:
        db_role.enter(db_role.Identity(db_role.Role.HOST, host.pk if host is not None else None))
