"""Who may call an API view. The default lets nobody in."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts import access
from apps.accounts.models import Host, User


class DenyAll(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        return False


class IsHost(BasePermission):
    """A signed-in, active host."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return getattr(request._request, "host", None) is not None and request.user.is_authenticated


class HasRole(BasePermission):
    """Someone at HQ with one of the view's `roles`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(access.role_names(request.user) & set(view.roles))


def host_of(request: Request) -> Host:
    """The host that `IsHost` let through."""
    host = request._request.host  # type: ignore[attr-defined]
    assert isinstance(host, Host)
    return host


def user_of(request: Request) -> User:
    """The person that a permission class let through."""
    assert isinstance(request.user, User)
    return request.user
