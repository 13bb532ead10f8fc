"""What consumers gave is not chosen as a picture of HQ's; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks

from apps.stories.models import StoryPicture


@hooks.register("construct_image_chooser_queryset")
def not_of_stories(images: Any, request: HttpRequest) -> Any:
    """What a consumer gave for her story is shown with it alone."""
    # By their numbers: the chooser's search takes no join.
    given = StoryPicture.objects.exclude(image=None).values_list("image_id", flat=True)
    return images.exclude(pk__in=list(given))
