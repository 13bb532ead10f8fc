"""The pages behind HQ's numbers; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from apps.insights import console


@hooks.register("register_admin_urls")
def urls() -> list[Any]:
    return [path("insights/", include((console.urlpatterns, "insights")))]


class NumbersMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(console.PERMISSION))


@hooks.register("register_admin_menu_item")
def menu() -> NumbersMenuItem:
    return NumbersMenuItem("每位大C", reverse("insights:hosts"), icon_name="table")


@hooks.register("register_admin_menu_item")
def results_menu() -> NumbersMenuItem:
    return NumbersMenuItem("各期成绩", reverse("insights:issues"), name="results", icon_name="calendar-check")


@hooks.register("register_admin_menu_item")
def cases_menu() -> NumbersMenuItem:
    return NumbersMenuItem("案例成效", reverse("insights:cases"), name="case-results", icon_name="pick")


@hooks.register("register_admin_menu_item")
def learning_menu() -> NumbersMenuItem:
    return NumbersMenuItem("学习进度", reverse("insights:learning"), name="learning", icon_name="list-ol")
