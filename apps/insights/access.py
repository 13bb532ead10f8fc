"""Whose numbers someone at HQ may see."""

from django.contrib.auth.models import AnonymousUser

from apps.accounts import access, roles
from apps.accounts.models import HostQuerySet, User

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


def hosts_counted_for(user: User | AnonymousUser) -> HostQuerySet | None:
    """The hosts whose numbers `user` may see; None for everybody's, which spares every query a join."""
    names = access.role_names(user)
    if names - {roles.REGION_MANAGER}:
        return None
    return access.hosts_visible_to(user)
