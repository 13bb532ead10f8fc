"""The HQ console: Wagtail's admin without what this product does not use."""

from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.urls import include, path, re_path
from django.views.i18n import JavaScriptCatalog
from wagtail.admin import urls as admin_urls

from apps.console.ways_in import ConsoleLogin

#: Wagtail leaves these open to everybody who may enter: pages, reports over all rows, its own test pages,
#: bulk actions that ignore the list's filters, and an upload path that skips our decoder.
CLOSED = (
    r"^(pages|api|collections|failwhale|test404|documents|workflows|users|groups|bulk|choose-page|"
    r"choose-external-link|choose-email-link|choose-phone-link|choose-anchor-link|password_reset|"
    r"reports|images/multiple/create_from_uploaded_image|images/multiple/delete_upload|"
    r"images/url_generator|images/\d+/generate_url)(/|$)"
)


def gone(request: HttpRequest, *args: Any, **kwargs: Any) -> NoReturn:
    raise Http404


urlpatterns = [
    re_path(CLOSED, gone),
    re_path(r"^snippets/$", gone),
    path("login/", ConsoleLogin.as_view(), name="console-login"),
    # Wagtail's own catalogue of scripts, completed by ours.
    path(
        "jsi18n/",
        JavaScriptCatalog.as_view(packages=["wagtail.admin", "apps.console"]),
        name="console-jsi18n",
    ),
    path("", include(admin_urls)),
]
