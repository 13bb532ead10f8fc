"""The editorial desk's pages; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html, format_html_join
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from apps.library.desk import console
from apps.library.desk.forbidden_words import ForbiddenWordViewSet


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("fortnights/", include((console.urlpatterns, "desk"))),
    ]


class CalendarMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(console.SEE))


@hooks.register("register_admin_menu_item")
def menu() -> CalendarMenuItem:
    return CalendarMenuItem("内容日历", reverse("desk:calendar"), icon_name="calendar-alt")


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [ForbiddenWordViewSet(add_to_admin_menu=True)]


@hooks.register("insert_editor_js")
def checks() -> str:
    return format_html('<script src="{}" defer></script>', static("js/console-checks.js"))


@hooks.register("insert_global_admin_css")
def look() -> str:
    sheets = ("desk", "plan", "review", "material")
    return format_html_join(
        "", '<link rel="stylesheet" href="{}">', ((static(f"css/console-{name}.css"),) for name in sheets)
    )
