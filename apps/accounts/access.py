"""From a request to the person and the host behind it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, Permission
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from apps.accounts import kept_forms, roles
from apps.accounts.models import ApiToken, Authenticator, Host, HostQuerySet, Organisation, User

#: The rights to look at hosts, and to change them.
SEE_HOSTS, CHANGE_HOSTS = "accounts.view_host", "accounts.change_host"


def host_of(user: User | AnonymousUser) -> Host | None:
    """The active host that this user is, or None."""
    if not user.is_authenticated:
        return None
    host = Host.objects.active().select_related("organisation").filter(user_id=user.pk).first()
    if host is not None and isinstance(user, User):
        host.user = user
    return host


def host_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send strangers to sign in; refuse signed-in people who are not an active host."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            answer = redirect_to_login(request.get_full_path())
            # The cookie of a session that is no more; one that waits for the second step is there. A form
            # came from a page of ours, though the browser may have thrown the cookie away.
            had_one = request.COOKIES.get(settings.SESSION_COOKIE_NAME) or request.method == "POST"
            if had_one and not request.session.keys():
                answer["Location"] += "&ended=1"
            if request.headers.get("HX-Request"):
                # A part must not hold the whole sign-in page.
                part = HttpResponse(status=204, headers={"HX-Redirect": answer["Location"]})
                return kept_forms.at_the_door(part)
            return answer
        if getattr(request, "host", None) is None:
            if is_hq(request.user):
                return kept_forms.at_the_door(redirect("wagtailadmin_home"))
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def role_names(user: User | AnonymousUser) -> set[str]:
    """The HQ roles of a user, read once per instance; none while her session lacks the second step."""
    if not isinstance(user, User):
        return set()
    cached: set[str] | None = getattr(user, "_role_names", None)
    if cached is None:
        cached = set(user.groups.filter(name__in=roles.ALL).values_list("name", flat=True))
        if cached and awaits_second_step(user):
            cached = set()
        setattr(user, "_role_names", cached)  # noqa: B010 - a memo beside the model's fields
    return cached


def awaits_second_step(user: User | AnonymousUser) -> bool:
    """Whether the person of this session or token still owes the second step; asked once per instance.

    A request's user knows how she came in: django-otp's middleware says it for a session, the API's
    authentication for a token. A user who was merely read from the database owes nothing.
    """
    if not isinstance(user, User) or has_taken_second_step(user):
        return False
    if getattr(user, "is_verified", None) is None:
        return False
    cached: bool | None = getattr(user, "_awaits_second_step", None)
    if cached is None:
        cached = second_step_due(user)
        setattr(user, "_awaits_second_step", cached)  # noqa: B010 - a memo beside the model's fields
    return cached


def has_taken_second_step(user: User | AnonymousUser) -> bool:
    """Whether the session or token that brought this request's person was made after the second step."""
    is_verified: Callable[[], bool] | None = getattr(user, "is_verified", None)
    return is_verified is not None and bool(is_verified())


def carries_roles(token: ApiToken) -> bool:
    """Whether this token has the rights of its owner's HQ roles (of none, if she has none)."""
    return token.is_verified or not second_step_due(token.user)


def second_step_due(user: User) -> bool:
    """Whether signing in takes a second step: who set it up, and in production everybody at HQ."""
    if Authenticator.objects.filter(user=user, confirmed=True).exists():
        return True
    return bool(settings.HQ_SECOND_STEP_REQUIRED) and user.groups.filter(name__in=roles.ALL).exists()


def is_hq(user: User | AnonymousUser) -> bool:
    return bool(user.is_authenticated and user.is_active and role_names(user))


def _roles_with(user: User | AnonymousUser, right: str) -> set[str]:
    """Which of the roles of `user` grant this right (`app.codename`); all their rights are read once."""
    names = role_names(user)
    if not names or not isinstance(user, User):
        return set()
    granted: dict[str, set[str]] | None = getattr(user, "_rights_of_roles", None)
    if granted is None:
        granted = {}
        held = Permission.objects.filter(group__user=user, group__name__in=names)
        for name, app, codename in held.values_list("group__name", "content_type__app_label", "codename"):
            granted.setdefault(f"{app}.{codename}", set()).add(name)
        setattr(user, "_rights_of_roles", granted)  # noqa: B010 - a memo beside the model's fields
    return granted.get(right, set())


def reaches_everybody(user: User | AnonymousUser, *rights: str) -> bool:
    """Whether each of these rights comes from a role that has it at every host, not in one region alone."""
    return all(_roles_with(user, right) - {roles.REGION_MANAGER} for right in rights)


def _region_of(user: User | AnonymousUser, *rights: str) -> Organisation | None:
    """The node below which `user` has all these rights, where one of them is hers as a region manager."""
    if isinstance(user, User) and all(_roles_with(user, right) for right in rights):
        return user.organisation
    return None


def hosts_visible_to(user: User | AnonymousUser, right: str, *others: str) -> HostQuerySet:
    """The hosts at whom an HQ person has this right, and each of the others.

    A right reaches as far as the role that grants it: a region manager's in the own subtree, whatever other
    roles she has for something else. A host sees only herself.
    """
    if reaches_everybody(user, right, *others):
        return Host.objects.all()
    if region := _region_of(user, right, *others):
        return Host.objects.all().below(region)
    if user.is_authenticated:
        return Host.objects.filter(user_id=user.pk)
    return Host.objects.none()


def staff() -> "QuerySet[User]":
    """Everybody who works at HQ: all who are no host, and hosts who have a role there too."""
    with_role = User.objects.filter(groups__name__in=roles.ALL)
    return User.objects.filter(Q(host=None) | Q(pk__in=with_role.values("pk")), is_superuser=False)


def organisations() -> "QuerySet[Organisation]":
    """The whole tree, parents before their children."""
    found: QuerySet[Organisation] = Organisation.objects.order_by("path")
    return found


def organisations_of(user: User | AnonymousUser, right: str, *others: str) -> "QuerySet[Organisation]":
    """At which nodes this HQ person has this right: one of a region manager in the own subtree alone."""
    if reaches_everybody(user, right, *others):
        return organisations()
    if region := _region_of(user, right, *others):
        return organisations().filter(path__startswith=region.path)
    return organisations().none()


def places() -> "QuerySet[Organisation]":
    """Nodes at which somebody may be placed: those in use."""
    return organisations().filter(is_active=True)


def places_of(user: User | AnonymousUser, right: str, *others: str) -> "QuerySet[Organisation]":
    """At which of them this HQ person may place somebody."""
    return organisations_of(user, right, *others).filter(is_active=True)


def host_for(user: User | AnonymousUser, public_id: Any, right: str) -> Host:
    """One host at whom `user` has this right; Http404 for a foreign id as for an absent one."""
    host = get_object_or_404(hosts_visible_to(user, right), public_id=public_id)
    if host is None:
        raise Http404
    return host
