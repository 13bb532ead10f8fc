"""The editorial desk's pages; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from apps.content.desk import console
from apps.content.desk.words import ForbiddenWordViewSet
from apps.content.models import StoryPicture
from apps.content.stories import console as stories
from apps.content.training import console as training


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [
        path("fortnights/", include((console.urlpatterns, "desk"))),
        path("training/", include((training.urlpatterns, "training"))),
        path("stories/", include((stories.urlpatterns, "stories"))),
    ]


class CalendarMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(console.SEE))


@hooks.register("register_admin_menu_item")
def menu() -> CalendarMenuItem:
    return CalendarMenuItem(_("内容日历"), reverse("desk:calendar"), icon_name="calendar-alt", order=90)


class PracticesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(training.REVIEW))


@hooks.register("register_admin_menu_item")
def practices_menu() -> PracticesMenuItem:
    return PracticesMenuItem(
        _("批改练习"), reverse("training:practices"), icon_name="tick-inverse", order=102
    )


class StoriesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(stories.REVIEW))


@hooks.register("register_admin_menu_item")
def stories_menu() -> StoriesMenuItem:
    return StoriesMenuItem(_("用户故事"), reverse("stories:list"), icon_name="group", order=103)


@hooks.register("construct_image_chooser_queryset")
def not_of_stories(images: Any, request: HttpRequest) -> Any:
    """What a consumer gave for her story is shown with it alone."""
    # By their numbers: the chooser's search takes no join.
    given = StoryPicture.objects.exclude(image=None).values_list("image_id", flat=True)
    return images.exclude(pk__in=list(given))


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [ForbiddenWordViewSet(menu_order=330, add_to_admin_menu=True)]


@hooks.register("insert_editor_js")
def checks() -> str:
    return format_html('<script src="{}" defer></script>', static("js/console-checks.js"))


@hooks.register("insert_global_admin_css")
def look() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/console-desk.css"))
