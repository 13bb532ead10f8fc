"""The console's menu: eight entries by what people do, and under each its pages.

Apps register their pages as Wagtail does it; where they stand is said here, by the name of their address.
An entry of whose pages somebody may open one alone is that page itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem


@dataclass(frozen=True)
class Entry:
    """What the menu shows first: a word, and the pages that belong to it."""

    name: str
    label: str
    icon: str
    pages: tuple[str, ...]


HOME = MenuItem("首页", "", name="home", icon_name="home")
ENTRIES = (
    Entry(
        "content",
        "内容",
        "doc-full",
        (
            "desk:calendar",
            "wagtailsnippets_library_material:list",
            "wagtailsnippets_library_issue:list",
            "wagtailsnippets_learning_case:list",
            "wagtailsnippets_learning_path:list",
            "wagtailsnippets_learning_lesson:list",
            "practice:index",
            "story:index",
            "picture:index",
            "video:index",
            "postertemplate:index",
            "festival:index",
            "forbiddenword:index",
        ),
    ),
    Entry("goods", "商品", "tag", ("product:index", "category:index", "brand:index", "supplier:index")),
    Entry(
        "hosts",
        "大C",
        "user",
        ("helping:index", "host:index", "application:index", "invitation:index", "organisation:index"),
    ),
    Entry("customers", "客户与订单", "group", ("customer:index", "order:index", "hand_over:index")),
    Entry(
        "numbers",
        "数据",
        "table",
        ("insights:hosts", "insights:issues", "insights:cases", "insights:learning"),
    ),
    Entry(
        "privacy",
        "隐私与合规",
        "lock",
        (
            "rights:index",
            "export:index",
            "records_alert:index",
            "access_log:index",
            "notice:index",
            "data_map",
        ),
    ),
    Entry(
        "settings",
        "设置",
        "cogs",
        ("delivery:index", "staff:index", "roles:index", "locked-names:index", "my-sign-in:index"),
    ),
)
#: Wagtail's own entries for what this product does not use.
UNUSED = {"explorer", "documents", "snippets", "help", "reports", "settings"}


def arranged(request: HttpRequest, items: list[Any]) -> list[MenuItem]:
    """What this person may open, under its entries; a page that no entry names stands behind them."""
    pages = {page.url: page for page in _pages(request, items)}
    found = [_again(HOME, order=0, url=reverse("wagtailadmin_home"))]
    for order, entry in enumerate(ENTRIES, start=1):
        own = [pages.pop(url) for url in map(reverse, entry.pages) if url in pages]
        if len(own) == 1:
            found.append(_again(own[0], order=order, icon=entry.icon))
        elif own:
            menu = Menu(items=[_again(page, order=place) for place, page in enumerate(own)])
            found.append(
                SubmenuMenuItem(entry.label, menu, name=entry.name, icon_name=entry.icon, order=order)
            )
    return found + [_again(page, order=len(ENTRIES) + place) for place, page in enumerate(pages.values(), 1)]


def _pages(request: HttpRequest, items: list[Any]) -> Iterator[MenuItem]:
    """Pages alone, out of whatever menus they were registered in."""
    for item in items:
        if item.name in UNUSED:
            continue
        if isinstance(item, SubmenuMenuItem):
            yield from _pages(request, item.menu.menu_items_for_request(request))
        else:
            yield item


def _again(item: MenuItem, *, order: int, url: str = "", icon: str = "") -> MenuItem:
    """The same page at another place: Wagtail keeps its items for all requests."""
    return MenuItem(
        item.label,
        url or item.url,
        name=item.name,
        icon_name=icon or item.icon_name,
        order=order,
    )
