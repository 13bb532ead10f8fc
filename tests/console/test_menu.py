"""The console's menu: eight entries by what people do, and nothing that a role may open is lost."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.admin.menu import admin_menu

from apps.accounts import roles
from apps.console import menu
from tests.console import desk
from tests.isolation.routes import Route, routes

pytestmark = pytest.mark.django_db
#: Pages without a place in the menu, and why.
ELSEWHERE = {
    "hq/login/": "before anybody is in",
    "hq/logout/": "the foot of the menu",
    "hq/account/": "the foot of the menu",
    "hq/jsi18n/": "a script",
    "hq/sprite/": "a file of icons",
    "hq/images/add/": "the picture chooser's way; 图片 leads to the page that takes many at once",
}


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def menu_of(client: Client) -> dict[str, list[tuple[str, str]]]:
    """Each entry, and its pages as they read and where they lead, from what the sidebar is drawn with."""
    page = client.get("/hq/roles/").content.decode()
    props = re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert props
    [main] = [
        one
        for one in json.loads(props[1])["modules"]
        if isinstance(one, dict) and one["_type"].endswith("MainMenuModule")
    ]
    found: dict[str, list[tuple[str, str]]] = {}
    for entry in main["_args"][0]:
        told, *below = entry["_args"]
        pages = [one["_args"][0] for one in below[0]] if below else [told]
        found[told["label"]] = [(one["label"], one["url"]) for one in pages]
    return found


def test_an_administrators_menu_has_eight_entries() -> None:
    found = menu_of(browser(desk.somebody(roles.ADMIN)))

    assert list(found) == [
        "首页",
        "内容",
        "商品",
        "大C",
        "客户与订单",
        "数据",
        "隐私与合规",
        "设置",
    ]
    assert [label for label, _ in found["大C"]] == ["该帮谁", "大C", "加入申请", "邀请", "组织"]


def test_an_entry_with_one_page_is_that_page() -> None:
    found = menu_of(browser(desk.somebody(roles.SUPPORT)))

    assert found["商品"] == [("商品", reverse("product:index"))]
    assert found["资料请求"] == [("资料请求", reverse("rights:index"))]


def test_every_page_has_its_place_and_every_place_a_page() -> None:
    registered = set()
    for item in admin_menu.registered_menu_items:
        if item.name in menu.UNUSED:
            continue
        below = item.menu.registered_menu_items if hasattr(item, "menu") else [item]
        registered |= {one.url for one in below}
    placed = [reverse(name) for entry in menu.ENTRIES for name in entry.pages]

    assert registered == set(placed)
    assert len(placed) == len(set(placed))


@pytest.mark.parametrize("role", roles.ALL)
def test_whatever_a_role_may_open_is_in_the_menu_or_on_a_page_of_it(role: str) -> None:
    desk.furnish()
    client = browser(desk.somebody(role))
    entries = menu_of(client)
    listed = [url for pages in entries.values() for _, url in pages]
    on_pages = set()
    for url in listed:
        answer = client.get(url)
        assert answer.status_code == 200, url
        on_pages |= {link.split("?")[0] for link in re.findall(r'href="([^"#]+)', answer.content.decode())}
    lost = [
        route.template
        for route in routes("hq/")
        if _is_a_page(route)
        and _is_opened(client, f"/{route.template}")
        and f"/{route.template}" not in {*listed, *on_pages}
    ]

    assert len(entries) <= 8
    assert lost == []


def _is_a_page(route: Route) -> bool:
    return not (route.names or route.is_closed or route.template in ELSEWHERE)


def _is_opened(client: Client, address: str) -> bool:
    """Whether it answers with a whole page of the console, not with a part, a file or a way elsewhere."""
    answer = client.get(address)
    if answer.status_code != 200 or answer.streaming:
        return False
    return b'id="wagtail-sidebar-props"' in answer.content
