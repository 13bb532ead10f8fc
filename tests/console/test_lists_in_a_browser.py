"""A merchandiser's work with a list in a real browser: columns, a view, many rows at once, undo, a file."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.accounts import roles
from apps.accounts.models import User
from apps.catalog.models import Brand, Product
from apps.console_kit.models import SavedView
from apps.privacy.models import ExportRequest
from tests.browsing import chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_host, a_sku
from tests.library.desk import a_person

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def boss(transactional_db: None) -> User:
    return a_person(roles.ADMIN, "boss")


def open_menu(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).click()


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_list_from_columns_to_undo_and_file(boss: User, chromium: Browser, web: str) -> None:
    for number in range(40):
        a_sku(f"苹果 {number}", stock=0 if number < 35 else 50)
    a_sku("梨", stock=0)
    Brand.objects.create(name="山野集")
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/products/")
        shot(page, "list-products")
        assert faults(page) == []
        # On a phone the table scrolls in its own box, and a row's menu has room in it.
        page.set_viewport_size({"width": 390, "height": 844})
        cut_off = "() => { const m = document.querySelector('main'); return m.scrollWidth - m.clientWidth }"
        assert page.evaluate(cut_off) == 0
        page.goto("/hq/products/?q=梨")
        page.locator("td.title button").click()
        menu = page.locator("td.title [data-tippy-root]").last.bounding_box()
        box = page.locator(".hq-list__table").bounding_box()
        assert menu
        assert box
        assert menu["y"] + menu["height"] <= box["y"] + box["height"]
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto("/hq/products/")

        # Columns of her own, in her order.
        open_menu(page, "选列")
        page.get_by_role("checkbox", name="零售价").uncheck()
        page.get_by_role("checkbox", name="创建").check()
        for _ in range(9):
            page.get_by_role("button", name="「创建」往前").click()
        shot(page, "list-columns")
        assert faults(page) == []
        press(page, "就这样显示")
        headings = [one.strip() for one in page.locator("table.listing thead th").all_inner_texts()]
        assert "零售价" not in headings
        assert headings.index("创建") < headings.index("状态")

        # Filtered as one types, kept as a view, which the list then opens with.
        page.goto("/hq/products/?stock=none&q=苹果")
        open_menu(page, "存为视图")
        page.get_by_label("给现在的筛选、排序和列起个名字").fill("卖完的苹果")
        press(page, "存下")
        expect(page.get_by_role("link", name="卖完的苹果")).to_have_attribute("aria-current", "true")
        open_menu(page, "改「卖完的苹果」")
        page.get_by_label("名字", exact=True).fill("没货的苹果")
        press(page, "改名")
        open_menu(page, "改「没货的苹果」")
        shot(page, "list-view")
        press(page, "默认打开它")
        page.goto("/hq/products/")
        expect(page.get_by_text("选中全部 35 条筛选结果")).to_be_visible()
        # Who hears the page hears how many filters are on, too.
        expect(page.get_by_role("button", name="显示筛选 1", exact=True)).to_be_visible()
        assert faults(page) == []

        # A row, then the page, then everything that is filtered.
        page.locator("[data-pick]").first.check()
        expect(page.locator("[data-picked]")).to_have_text("选中了 1 行")
        page.get_by_label("选中这一页").check()
        expect(page.locator("[data-picked]")).to_have_text("选中了 30 行")
        page.get_by_label("选中全部 35 条").check()
        expect(page.locator("[data-picked]")).to_have_text("不止这一页，筛选出来的全部")
        shot(page, "list-selected")
        press(page, "改品牌")
        page.get_by_label("改成哪个品牌").select_option(label="山野集")
        shot(page, "list-ask")
        assert faults(page) == []
        press(page, "下一步：看看会怎样")
        expect(page.get_by_text("35 个商品的品牌改成「山野集」")).to_be_visible()
        shot(page, "list-preview")
        assert faults(page) == []
        press(page, "改品牌 35 条")
        expect(page.locator("p[role=status]")).to_contain_text("35 条做好了")
        shot(page, "list-result")
        assert faults(page) == []
        assert Product.objects.filter(brand__name="山野集").count() == 35

        press(page, "撤销这一次")
        expect(page.locator("p[role=status]")).to_contain_text("35 条撤销了")
        assert not Product.objects.exclude(brand=None).exists()

        # Back in the list, as it was left; the file has the same rows.
        page.get_by_role("link", name="回到商品").click()
        expect(page.get_by_text("选中全部 35 条筛选结果")).to_be_visible()
        with page.expect_download() as taken:
            page.get_by_role("button", name="导出纯文本").click()
        lines = Path(taken.value.path()).read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) == 36
        assert "零售价" not in lines[0]

        # Into a row of the second page and back: the same page again.
        page.goto(f"/hq/products/?{SavedView.objects.get().query}&p=2")
        page.locator("table.listing a[href*='/edit/']").first.click()
        page.goto(str(page.locator(".w-breadcrumbs a[href*='/hq/products/?']").first.get_attribute("href")))
        expect(page).to_have_url(f"{web}/hq/products/?{SavedView.objects.get().query}&p=2")
        open_menu(page, "选列")
        press(page, "恢复默认")
        expect(page.locator("table.listing thead")).to_contain_text("零售价")


def test_a_list_of_persons_asks_a_second_one(boss: User, chromium: Browser, web: str) -> None:
    a_host("lin")
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/hosts/")
        shot(page, "list-hosts")
        assert faults(page) == []
        press(page, "申请导出")
        expect(page.get_by_text("要另一位有审批权的同事通过")).to_be_visible()
        shot(page, "list-ask-export")
        page.get_by_label("用途").fill("给新店排班，核对人员")
        press(page, "提交申请")
        expect(page.get_by_text("等待审批").first).to_be_visible()
    assert ExportRequest.objects.get().scope["list"] == "hosts"


def test_nothing_yet_and_nothing_found_say_what_to_do(boss: User, chromium: Browser, web: str) -> None:
    with signed_in(chromium, web, boss, "desk") as context:
        page = context.new_page()
        page.goto("/hq/products/")
        expect(page.get_by_text("还没有商品")).to_be_visible()
        shot(page, "list-empty")
        page.goto("/hq/products/?q=没有的东西")
        page.get_by_role("link", name="清空筛选和搜索").click()
        expect(page.locator("main").get_by_role("link", name="新增商品").last).to_be_visible()
