"""The pages on which HQ reviews what hosts practised; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from apps.learning.training import access
from apps.learning.training import console as training


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("training/", include((training.urlpatterns, "training")))]


class PracticesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(access.REVIEW))


@hooks.register("register_admin_menu_item")
def practices_menu() -> PracticesMenuItem:
    return PracticesMenuItem("批改练习", reverse("training:practices"), icon_name="tick-inverse")
