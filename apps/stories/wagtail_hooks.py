"""The pages on which HQ reviews consumers' stories; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from apps.stories import access
from apps.stories import console as stories
from apps.stories.models import StoryPicture


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("stories/", include((stories.urlpatterns, "stories")))]


class StoriesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(access.REVIEW))


@hooks.register("register_admin_menu_item")
def stories_menu() -> StoriesMenuItem:
    return StoriesMenuItem("用户故事", reverse("stories:list"), icon_name="group")


@hooks.register("construct_image_chooser_queryset")
def not_of_stories(images: Any, request: HttpRequest) -> Any:
    """What a consumer gave for her story is shown with it alone."""
    # By their numbers: the chooser's search takes no join.
    given = StoryPicture.objects.exclude(image=None).values_list("image_id", flat=True)
    return images.exclude(pk__in=list(given))
