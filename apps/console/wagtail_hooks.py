"""What the console shows and where; nothing here but registrations."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import path, reverse
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
from apps.console import home
from apps.console.role_page import RolesPage
from apps.console.ways_in import LockedNames, MyWaysIn, WaysIn
from apps.customers.console import CustomerViewSet
from apps.customers.handover.console import HandOverViewSet
from apps.learning.cases.console import CaseHostChooser, CaseViewSet
from apps.learning.models import Case
from apps.learning.training.console import LessonViewSet, PathViewSet
from apps.library.console import CorrectMenuItem, IssueViewSet, MaterialViewSet, WithdrawMenuItem
from apps.library.layout_console import FestivalViewSet, PosterTemplateViewSet
from apps.library.models import Issue
from apps.library.models.publishing import Publishable
from apps.media.console import VideoChooser, VideoViewSet
from apps.outbox.console import DeliveryViewSet
from apps.privacy.console import ExportViewSet, RightsViewSet
from apps.records.console import AccessLogViewSet, AlertViewSet, NoticeViewSet, data_map
from apps.trade.console import OrderViewSet


class ContentGroup(SnippetViewSetGroup):
    menu_label = "内容"
    menu_icon = "doc-full"
    menu_order = 100
    items = (MaterialViewSet, IssueViewSet, CaseViewSet, PathViewSet, LessonViewSet)


class MakingGroup(ModelViewSetGroup):
    menu_label = "模板与节日"
    menu_icon = "image"
    menu_order = 320
    items = (PosterTemplateViewSet, FestivalViewSet)


class CatalogGroup(ModelViewSetGroup):
    menu_label = "商品"
    menu_icon = "tag"
    menu_order = 400
    items = (ProductViewSet, CategoryViewSet, BrandViewSet, SupplierViewSet)


class PeopleGroup(ModelViewSetGroup):
    menu_label = "大C与组织"
    menu_icon = "user"
    menu_order = 500
    items = (HostViewSet, ApplicationViewSet, InvitationViewSet, OrganisationViewSet)


class CustomersGroup(ModelViewSetGroup):
    menu_label = "客户与订单"
    menu_icon = "group"
    menu_order = 600
    items = (CustomerViewSet, OrderViewSet, HandOverViewSet)


class PrivacyGroup(ModelViewSetGroup):
    menu_label = "隐私"
    menu_icon = "lock"
    menu_order = 700
    items = (RightsViewSet, ExportViewSet, AlertViewSet, AccessLogViewSet, NoticeViewSet)

    def get_submenu_items(self) -> list[Any]:
        items: list[Any] = super().get_submenu_items()
        return [*items, DataMapItem("数据地图", reverse("data_map"), icon_name="globe", order=9000)]


class DataMapItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("records.view_accesslog"))


class SystemGroup(ModelViewSetGroup):
    menu_label = "系统"
    menu_icon = "cogs"
    menu_order = 900
    items = (DeliveryViewSet, StaffViewSet, RolesPage, LockedNames)


CHOOSERS = (
    ProductChooser("product_chooser", url_prefix="products/choose"),
    VideoChooser("video_chooser", url_prefix="videos/choose"),
    CaseHostChooser("host_chooser", url_prefix="hosts/choose"),
)
for chooser in CHOOSERS:
    # Before the first form is built: a form that does not know the chooser lists every product in a <select>.
    chooser.on_register()

register_snippet(ContentGroup)


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [
        VideoViewSet(menu_order=310, add_to_admin_menu=True),
        MakingGroup(),
        CatalogGroup(),
        PeopleGroup(),
        CustomersGroup(),
        PrivacyGroup(),
        SystemGroup(),
        WaysIn(),
        MyWaysIn(),
        *CHOOSERS,
    ]


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
    return [path("data-map/", data_map, name="data_map")]


@hooks.register("register_account_menu_item")
def my_ways_in(request: HttpRequest) -> dict[str, Any]:
    return {
        "url": reverse("my-sign-in:index"),
        "label": "登录与安全",
        "help_text": "两步验证、接口令牌、退出所有设备。",
    }


HIDDEN = {"explorer", "documents", "help", "reports", "settings"}


@hooks.register("construct_main_menu")
def main_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in HIDDEN]


@hooks.register("construct_homepage_panels")
def home_panels(request: HttpRequest, panels: list[Any]) -> None:
    kept = [panel for panel in panels if type(panel).__name__ in home.KEPT]
    for panel in kept:
        panel.order //= 10  # what waits for this person stands before the numbers
    panels[:] = [*home.panels(request), home.ReviewsPanel(), *kept]


@hooks.register("construct_homepage_summary_items", order=900)
def home_summary(request: HttpRequest, items: list[Any]) -> None:
    items.clear()


@hooks.register("insert_global_admin_css")
def look() -> str:
    sheets = [(static("css/console.css"),), (static("css/console-people.css"),)]
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', sheets)


@hooks.register("insert_global_admin_js")
def reach() -> str:
    # drafts.js: what was typed into a form comes back after an ended session.
    scripts = [(static("js/console-reach.js"),), (static("js/drafts.js"),)]
    return format_html_join("\n", '<script src="{}" defer></script>', scripts)


@hooks.register("insert_editor_js")
def editor() -> str:
    return format_html('<script src="{}" defer></script>', static("js/console-material.js"))
