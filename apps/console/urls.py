"""The HQ console: Wagtail's admin without what this product does not use."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import URLResolver, include, path, re_path
from django.utils import timezone
from django.views.i18n import JavaScriptCatalog
from wagtail.admin import urls as admin_urls
from wagtail.admin.auth import require_admin_access
from wagtail.images.permissions import permission_policy as pictures
from wagtail.images.views.images import EditView

from apps.console.account import AccountPage
from apps.console.ways_in import ConsoleLogin
from apps.console_kit.edit_conflicts import ToldOfOthers
from apps.console_kit.lists import registry
from apps.console_kit.lists.page import KeepsPlace
from apps.console_kit.lists.uses import with_uses
from apps.media.models import Image
from apps.media.pictures_console import LIFE

#: Wagtail leaves these open to everybody who may enter: pages, reports over all rows, its own test pages,
#: bulk actions that ignore the list's filters, an upload path that skips our decoder, and choosers that we
#: place nowhere.
CLOSED = (
    r"^(pages|api|collections|failwhale|test404|documents|workflows|users|groups|bulk|choose-page|"
    r"choose-external-link|choose-email-link|choose-phone-link|choose-anchor-link|password_reset|"
    r"reports|images/multiple/create_from_uploaded_image|images/multiple/delete_upload|"
    r"images/url_generator|images/\d+/(generate_url|preview)|"
    r"images/chooser/\d+/select_format|snippets/choose/(library/issue|learning/case|learning/path)|"
    r"(hosts|products|videos)/choose/create|"
    r"snippets/choose/(learning/lesson|library/material)/create)(/|$)"
)


def _pictures_only(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wagtail shows its picture chooser and its tags to everybody at HQ; here to who works with pictures."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not pictures.user_has_any_permission(
            request.user, ["add", "change", "choose"]
        ):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


#: So long after it came, Wagtail's own pages of uploading may take a picture back.
_JUST_NOW = timedelta(hours=1)


def _just_uploaded(view: Callable[..., Any]) -> Callable[..., Any]:
    """Deleting is an act of the list, which knows where a picture is used.

    The pages of uploading take back what the same person has just brought and nobody uses.
    """

    @wraps(view)
    def guarded(request: HttpRequest, image_id: int, **kwargs: Any) -> Any:
        fresh = Image.objects.filter(
            pk=image_id, uploaded_by_user=request.user.pk, created_at__gte=timezone.now() - _JUST_NOW
        )
        if not with_uses(fresh, LIFE).filter(is_used=False).exists():
            raise Http404
        return view(request, image_id, **kwargs)

    return guarded


def _guard(patterns: list[Any], namespace: str = "") -> None:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            _guard(pattern.url_patterns, pattern.namespace or namespace)
        elif namespace == "wagtailimages_chooser" or pattern.name in _TAGS:
            pattern.callback = _pictures_only(pattern.callback)
        elif namespace == "wagtailimages" and pattern.name in _DELETING:
            pattern.callback = _just_uploaded(pattern.callback)


# Wagtail's own form of a picture tells the second of two editors too, leads back to the place in the list,
# and offers the list's acts for the one; no setting names another view for it.
EditView.__bases__ = (ToldOfOthers, KeepsPlace, *EditView.__bases__)
EditView.delete_url_name = None
EditView.viewset = property(lambda view: registry.every()["images"])

_DELETING = {"delete", "delete_multiple"}
_TAGS = {"wagtailadmin_tag_autocomplete", "wagtailadmin_tag_model_autocomplete"}
_guard(admin_urls.urlpatterns)
# Our list of pictures stands at the address of Wagtail's, whose other pages of pictures stay behind it.
admin_urls.urlpatterns.sort(key=lambda one: getattr(one, "namespace", "") != "picture")


def gone(request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
    raise Http404


urlpatterns = [
    re_path(CLOSED, gone),
    re_path(r"^snippets/$", gone),
    path("account/", require_admin_access(AccountPage.as_view()), name="console-account"),
    path("login/", ConsoleLogin.as_view(), name="console-login"),
    # Wagtail's own catalogue of scripts, completed by ours.
    path(
        "jsi18n/",
        JavaScriptCatalog.as_view(packages=["wagtail.admin", "apps.console"]),
        name="console-jsi18n",
    ),
    path("", include(admin_urls)),
]
