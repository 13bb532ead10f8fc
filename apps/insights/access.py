"""Whose numbers someone at HQ may see."""

from django.contrib.auth.models import AnonymousUser

from apps.accounts import access, roles
from apps.accounts.models import HostQuerySet, User
from apps.accounts.scope import EVERYBODY, Hosts

SEE = "insights.view_hostday"
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
