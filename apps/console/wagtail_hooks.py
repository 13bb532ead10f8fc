"""What the console shows and where; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html, format_html_join
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSetGroup
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from apps.accounts.console import HostViewSet, OrganisationViewSet, StaffViewSet
from apps.accounts.joining.console import ApplicationViewSet, InvitationViewSet
from apps.catalog.console import (
    BrandViewSet,
    CategoryViewSet,
    ProductChooser,
    ProductViewSet,
    SupplierViewSet,
)
from apps.console import home, menu
from apps.console.role_page import RolesPage
from apps.console.search_page import search
from apps.console.ways_in import LockedNames, MyWaysIn, WaysIn
from apps.customers.console import CustomerViewSet
from apps.customers.handover.console import HandOverViewSet
from apps.insights.console.worklist import HelpingViewSet
from apps.learning.cases.console import CaseHostChooser, CaseViewSet
from apps.learning.models import Case
from apps.learning.training.console import LessonViewSet, PathViewSet
from apps.learning.training.judging import PracticeViewSet
from apps.library.console import CorrectMenuItem, IssueViewSet, MaterialViewSet, WithdrawMenuItem
from apps.library.layout_console import FestivalViewSet, PosterTemplateViewSet
from apps.library.models import Issue
from apps.library.models.publishing import Publishable
from apps.media.console import VideoChooser, VideoViewSet
from apps.media.pictures_console import ImageViewSet
from apps.outbox.console import DeliveryViewSet
from apps.privacy.console import ExportViewSet, RightsViewSet
from apps.records.console import AccessLogViewSet, AlertViewSet, NoticeViewSet, data_map
from apps.stories.console import StoryViewSet
from apps.trade.console import OrderViewSet


class Snippets(SnippetViewSetGroup):
    items = (MaterialViewSet, IssueViewSet, CaseViewSet, PathViewSet, LessonViewSet)


class Rows(ModelViewSetGroup):
    """Everything else that has a list; where each stands in the menu says `menu.py`."""

    items = (
        PracticeViewSet,
        StoryViewSet,
        ImageViewSet,
        VideoViewSet,
        PosterTemplateViewSet,
        FestivalViewSet,
        ProductViewSet,
        CategoryViewSet,
        BrandViewSet,
        SupplierViewSet,
        HelpingViewSet,
        HostViewSet,
        ApplicationViewSet,
        InvitationViewSet,
        OrganisationViewSet,
        CustomerViewSet,
        OrderViewSet,
        HandOverViewSet,
        RightsViewSet,
        ExportViewSet,
        AlertViewSet,
        AccessLogViewSet,
        NoticeViewSet,
        DeliveryViewSet,
        StaffViewSet,
        RolesPage,
        LockedNames,
    )


class DataMapItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("records.view_accesslog"))


CHOOSERS = (
    ProductChooser("product_chooser", url_prefix="products/choose"),
    VideoChooser("video_chooser", url_prefix="videos/choose"),
    CaseHostChooser("host_chooser", url_prefix="hosts/choose"),
)
for chooser in CHOOSERS:
    # Before the first form is built: a form that does not know the chooser lists every product in a <select>.
    chooser.on_register()

register_snippet(Snippets)


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [
        Rows(),
        WaysIn(),
        MyWaysIn(),
        *CHOOSERS,
    ]


@hooks.register("construct_image_chooser_queryset")
def pictures_in_use(images: Any, request: HttpRequest) -> Any:
    """What is out of use is offered no more."""
    return images.filter(is_active=True)


@hooks.register("register_admin_menu_item")
def data_map_item() -> DataMapItem:
    return DataMapItem("数据地图", reverse("data_map"), icon_name="globe")


@hooks.register("register_admin_menu_item")
def my_ways_in_item() -> MenuItem:
    return MenuItem("我的登录与安全", reverse("my-sign-in:index"), icon_name="key")


@hooks.register("register_snippet_action_menu_item")
def withdraw(model: type[Any]) -> WithdrawMenuItem | None:
    return WithdrawMenuItem() if issubclass(model, Publishable) else None


@hooks.register("register_snippet_action_menu_item")
def correct(model: type[Any]) -> CorrectMenuItem | None:
    return CorrectMenuItem(order=91) if issubclass(model, Issue | Case) else None


@hooks.register("construct_snippet_action_menu")
def deciding_first(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Who may approve what lies before her came to decide: that button stands in front."""
    items.sort(key=lambda item: item.name != "approve")


@hooks.register("register_admin_urls")
def own_pages() -> list[Any]:
    return [
        path("data-map/", data_map, name="data_map"),
        path("lists/", include("apps.console_kit.lists.urls")),
        path("search/", search, name="console-search"),
    ]


@hooks.register("register_account_menu_item")
def my_ways_in(request: HttpRequest) -> dict[str, Any]:
    return {
        "url": reverse("my-sign-in:index"),
        "label": "登录与安全",
        "help_text": "两步验证、接口令牌、退出所有设备。",
    }


@hooks.register("construct_main_menu")
def main_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = menu.arranged(request, items)


@hooks.register("construct_homepage_panels")
def home_panels(request: HttpRequest, panels: list[Any]) -> None:
    panels[:] = home.arranged(request, panels)


@hooks.register("construct_homepage_summary_items", order=900)
def home_summary(request: HttpRequest, items: list[Any]) -> None:
    items.clear()


@hooks.register("insert_global_admin_css")
def look() -> str:
    names = ("console", "console-login", "console-people", "console-lists", "console-search")
    sheets = [(static(f"css/{name}.css"),) for name in names]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', sheets)


@hooks.register("insert_global_admin_js")
def reach() -> str:
    # kept.js, drafts.js: what was typed into a form stays on the device until the server has it.
    scripts = [
        (static("js/console-reach.js"), ""),
        (static("js/console-lists.js"), ""),
        (static("js/console-search.js"), ""),
        (static("js/kept.js"), ""),
        (static("js/drafts.js"), "data-by-hand"),
    ]
    return format_html_join("\n", '<script src="{}" defer {}></script>', scripts)


@hooks.register("insert_editor_js")
def editor() -> str:
    return format_html('<script src="{}" defer></script>', static("js/console-material.js"))
