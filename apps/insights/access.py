"""Whose numbers someone at HQ may see."""

from django.contrib.auth.models import AnonymousUser

from apps.accounts import access, roles
from apps.accounts.models import User
from apps.accounts.scope import EVERYBODY, Hosts

#: Who sees numbers at all; a region manager those of the own branch. The console asks the same by the
#: permission `insights.view_hostday`; a test holds the two together.
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
    names = access.role_names(user)
    if names - {roles.REGION_MANAGER}:
        return EVERYBODY
    return access.hosts_visible_to(user)
