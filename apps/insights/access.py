"""Whose numbers someone at HQ may see."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from apps.accounts import access, roles
from apps.accounts.models import HostQuerySet, User
from apps.accounts.scope import EVERYBODY, Hosts

SEE = "insights.view_hostday"
#: To call hosts, and to say who is on which.
CALLS = "insights.add_hostcall"
#: Who sees numbers at all; a region manager those of the own branch. The console asks the same by the
#: permission; a test holds the two together.
ROLES = (
    roles.ADMIN,
    roles.EDITOR,
    roles.REVIEWER,
    roles.MERCHANDISER,
    roles.OPERATOR,
    roles.ANALYST,
    roles.REGION_MANAGER,
)


def hosts_counted_for(user: User | AnonymousUser) -> Hosts:
    """The hosts whose numbers `user` may see; EVERYBODY spares every query a join."""
    return EVERYBODY if access.reaches_everybody(user, SEE) else hosts_seen_by(user)


def hosts_seen_by(user: User | AnonymousUser) -> HostQuerySet:
    """The same as rows."""
    return access.hosts_visible_to(user, SEE)


def hosts_helped_by(user: User | AnonymousUser) -> HostQuerySet:
    """Those whom `user` may call, and give to a colleague."""
    return access.hosts_visible_to(user, CALLS)


def hosts_listed_for(user: User | AnonymousUser, *also: str) -> HostQuerySet:
    """Those of whom `user` may see who they are and what they sold, and at whom she has the rights `also`."""
    return access.hosts_visible_to(user, SEE, access.SEE_HOSTS, *also)


def helpers() -> QuerySet[User]:
    """Everybody at HQ who may call hosts."""
    app, codename = CALLS.split(".")
    may = User.objects.filter(
        is_active=True,
        groups__permissions__codename=codename,
        groups__permissions__content_type__app_label=app,
    )
    found: QuerySet[User] = User.objects.filter(pk__in=may.values("pk")).order_by("first_name", "pk")
    return found
