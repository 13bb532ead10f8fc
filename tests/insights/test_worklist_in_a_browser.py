"""A morning of calls in a real browser: list, page, number, call, colleague, and what came of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts import roles
from apps.accounts import services as accounts
from apps.accounts.models import Host, User
from apps.insights.models import HostCall, HostHelp
from tests.browsing import chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_branch, a_host
from tests.library.desk import a_person

__all__ = ["chromium", "own_tables", "transactional_db", "web"]
DAY = timedelta(days=1)


@pytest.fixture
def house(transactional_db: None) -> dict[str, Host]:
    """Twelve who have been away for long, and one who has just come."""
    east, now = a_branch("华东"), timezone.now()
    found = {}
    for number in range(12):
        host = a_host(f"away{number}", f"阿远{number}", organisation=east)
        accounts.keep_phone(host, f"+861381234{number:04d}", now=now - 30 * DAY)
        found[host.name] = host
    Host.objects.update(joined_at=now - 300 * DAY)
    User.objects.update(last_login=now - 40 * DAY)
    found["阿新"] = a_host("new", "阿新", organisation=east)
    return found


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_morning_of_calls(house: dict[str, Host], chromium: Browser, web: str) -> None:
    wang, li = a_person(roles.OPERATOR, "wang", "运营小王"), a_person(roles.OPERATOR, "li", "运营小李")
    with signed_in(chromium, web, wang, "desk") as context, signed_in(chromium, web, li, "desk") as other:
        page, second = context.new_page(), other.new_page()
        page.goto("/hq/helping/")
        expect(page.get_by_text("选中全部 12 条筛选结果")).to_be_visible()
        expect(page.locator("table.listing")).not_to_contain_text("阿新")
        expect(page.locator("table.listing")).to_contain_text("138****0003")
        shot(page, "helping-list")
        second.goto("/hq/helping/?v=all")
        assert faults(second) == []

        # Newcomers stand apart.
        page.goto("/hq/helping/?show=newcomers")
        expect(page.locator("table.listing")).to_contain_text("登录入口给了，还没登录过")
        shot(page, "helping-newcomers")

        # Her page: on it, her number for a reason, what to say.
        page.goto("/hq/helping/")
        page.get_by_role("link", name="阿远3", exact=True).click()
        host = house["阿远3"]
        second.goto(f"/hq/helping/{host.public_id}/")
        press(page, "我来跟")
        expect(page.get_by_text("现在由你跟")).to_be_visible()
        shot(page, "helping-host")
        assert faults(page) == []
        page.locator("summary", has_text="显示完整信息").click()
        page.get_by_label("原因").fill("回访她最近为什么停下来")
        press(page, "显示")
        expect(page.get_by_role("link", name="13812340003")).to_have_attribute("href", "tel:13812340003")
        shot(page, "helping-number")
        page.get_by_role("button", name="复制这段话").click()
        expect(page.get_by_role("button", name="已复制")).to_be_visible()

        # A promise, with its day; she is off the list.
        page.get_by_label("接通了，说好一件事").check()
        page.get_by_label("说好什么").fill("周五前发第一条")
        page.get_by_label("记一笔").fill("孩子开学，晚上才有空。")
        page.get_by_label("下次联系").fill(f"{timezone.localdate() + 2 * DAY:%Y-%m-%d}")
        press(page, "记下这通电话")
        expect(page.locator("#calls")).to_contain_text("说好：周五前发第一条")
        expect(page.locator(".kept-note")).to_have_count(0)
        shot(page, "helping-called")
        assert faults(page) == []
        page.goto("/hq/helping/")
        expect(page.get_by_text("选中全部 11 条筛选结果")).to_be_visible()

        # Who had her page open is told, and what she wrote is there.
        second.get_by_label("没接到").check()
        second.get_by_label("记一笔").fill("我也打了一次")
        press(second, "记下这通电话")
        expect(second.get_by_text("也记了一通")).to_be_visible()
        expect(second.get_by_label("记一笔")).to_have_value("我也打了一次")
        shot(second, "helping-meanwhile")
        assert HostCall.objects.count() == 1

        # The rest is given to the colleague, seen, done, and taken back.
        page.get_by_label("选中这一页").check()
        press(page, "分给同事")
        page.get_by_label("分给谁跟").select_option(label="运营小李")
        press(page, "下一步：看看会怎样")
        expect(page.get_by_text("11 位大C分给「运营小李」跟")).to_be_visible()
        shot(page, "helping-assign")
        press(page, "分给同事 11 条")
        expect(page.locator("p[role=status]")).to_contain_text("11 条做好了")
        second.goto("/hq/helping/")
        expect(second.get_by_text("选中全部 11 条筛选结果")).to_be_visible()
        press(page, "撤销这一次")
        expect(page.locator("p[role=status]")).to_contain_text("11 条撤销了")
        assert HostHelp.objects.exclude(helper=None).count() == 1

        # What came of calls: honest when there is nothing to tell yet, and with ten and more.
        page.goto("/hq/helping/afterwards/")
        expect(page.get_by_text(re.compile("还没有打通过的电话"))).to_be_visible()
        for one in list(house.values())[:11]:
            HostCall.objects.create(host=one, by=wang, at=timezone.now() - 10 * DAY, outcome="reached")
        page.reload()
        expect(page.locator("main")).to_contain_text("有一边不到 10 位")
        shot(page, "helping-afterwards")
        assert faults(page) == []
