"""Her customers in a real browser, on a phone: five seconds for a person, one added by hand, many at once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import Host
from apps.catalog import services as catalog
from apps.customers import services as customers
from apps.customers.models import Relation, RelationTag
from apps.lib import clock
from apps.tracking import services as tracking
from apps.tracking.facts import Fact
from apps.tracking.models import Event
from apps.trade import services as trade
from tests.browsing import SIZES, chromium, faults, shot, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import a_host, a_sku
from tests.happenings import a_customer, buy
from tests.projecting import project_now
from tests.reach.people import agrees, takes_back
from tests.workbench.issues import a_material, with_pictures

__all__ = ["chromium", "own_tables", "transactional_db", "web"]


@pytest.fixture
def lin(transactional_db: None) -> Host:
    now = timezone.now()
    tracking.make_partitions(
        {clock.day_of(now - timedelta(days=days)).replace(day=1) for days in (0, 31, 62)}
    )
    return a_host("lin", "林姐")


@pytest.fixture
def duoduo(lin: Host) -> Relation:
    """朵朵妈: a birthday tomorrow, an order on its way, a yes to offers; something to send her."""
    now = timezone.now()
    one = a_customer(lin, "13800008000", at=now - timedelta(days=40), name="曹诗涵")
    tomorrow = clock.day_of(now + timedelta(days=1))
    sku = a_sku("高山苹果", price_fen=5_900)
    order = buy(lin, sku, at=now - timedelta(days=3), name="曹诗涵", quantity=2)
    trade.confirm_order(order, by=lin.user, now=now - timedelta(days=2))
    trade.ship_order(order, by=lin.user, now=now - timedelta(days=1))
    customers.update_relation(
        one,
        remark="朵朵妈",
        phone=one.phone,
        birthday=(tomorrow.month, tomorrow.day),
        by=lin.user,
        now=now - timedelta(days=20),
    )
    with_pictures(a_material("苹果怎么挑", product=a_sku("砀山梨").product), 1)
    catalog.add_to_shelf(lin, sku.product, now=now)
    project_now()
    return agrees(one)


def pasted(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def is_on_first_screen(page: Page, words: str) -> bool:
    box = page.get_by_text(words).first.bounding_box()
    tabs = page.locator("nav.tabs, .tabs").first.bounding_box()
    assert box is not None
    assert tabs is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= tabs["y"]


def test_five_seconds_with_one_person(chromium: Browser, web: str, lin: Host, duoduo: Relation) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name="朵朵妈").first.click()

    for words in ("朵朵妈", "认识 40 天", "明天生日", "朵朵妈，提前祝你生日快乐", "给她发什么", "苹果怎么挑"):
        assert is_on_first_screen(page, words), words
    assert not page.locator("textarea:visible, input:visible:not([type=hidden])").count()
    assert faults(page) == []
    shot(page, "person")

    page.get_by_role("button", name="复制这句").click()
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert pasted(page).startswith("朵朵妈，提前祝你生日快乐")
    page.get_by_role("button", name="已联系").click()
    expect(page.get_by_text("刚刚 联系过")).to_be_visible()
    assert Event.objects.filter(name=Fact.CUSTOMER_CONTACTED).count() == 1

    page.get_by_role("link", name="把「苹果怎么挑」发给她").click()
    page.locator("#to-her-text").fill("朵朵妈，自己改过的话")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="复制，去发给她").click()
    assert pasted(page) == "朵朵妈，自己改过的话"
    assert Event.objects.get(name=Fact.MATERIAL_SENT).relation_id == duoduo.pk
    page.reload()
    expect(page.get_by_text("你发了《苹果怎么挑》给她")).to_be_visible()
    # One line for the whole order, and its figure opens its rows.
    line = page.locator(".trail__step_order")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("发货")
    page.get_by_role("link", name="今年").click()
    expect(page.get_by_text("成交 ¥118.00")).to_be_visible()
    context.close()


def test_her_name_is_changed_once_and_is_another_everywhere(
    chromium: Browser, web: str, lin: Host, duoduo: Relation
) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto(f"/customers/{duoduo.public_id}/")
    page.get_by_role("link", name="改", exact=True).first.click()
    page.get_by_label("称呼").fill("诗涵姐")
    page.get_by_label("生日").fill("腊月初八")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("农历生日还记不了")).to_be_visible()
    assert page.get_by_label("称呼").input_value() == "诗涵姐"
    tomorrow = clock.day_of(timezone.now() + timedelta(days=1))
    page.get_by_label("生日").fill(f"{tomorrow.month}月{tomorrow.day}号")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("诗涵姐，提前祝你生日快乐")).to_be_visible()
    for address in ("/", "/customers/", "/me/orders/"):
        page.goto(address)
        expect(page.get_by_text("诗涵姐").first).to_be_visible()
        expect(page.get_by_text("朵朵妈")).to_have_count(0)
    context.close()


def test_a_neighbour_is_added_by_hand(chromium: Browser, web: str, lin: Host, duoduo: Relation) -> None:
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto("/customers/")
    page.get_by_role("link", name="加客户").click()
    page.get_by_label("怎么称呼").fill("对门王姐")
    page.get_by_label("手机号").fill("138 0000 8000")
    page.get_by_label("生日").fill("三月五号")
    page.get_by_label("怎么认识的").fill("邻居")
    page.get_by_role("button", name="加上").click()
    # Somebody else has this number: she is one tap away, and what was typed is there.
    expect(page.get_by_role("link", name="去看朵朵妈")).to_be_visible()
    shot(page, "person-known")
    page.get_by_label("手机号").fill("13900009000")
    page.get_by_role("button", name="加上").click()
    expect(page.locator("#toast")).to_contain_text("对门王姐加好了")
    expect(page.get_by_text("怎么认识的：邻居")).to_be_visible()
    expect(page.get_by_text("3月5日", exact=True)).to_be_visible()
    assert faults(page) == []
    page.goto("/customers/new/")
    assert faults(page) == []
    for words in ("duimenwj", "d门王jie", "wangjie"):
        page.goto("/customers/")
        page.get_by_label("搜客户").fill(words)
        page.get_by_label("搜客户").press("Enter")
        expect(page.get_by_text("对门王姐")).to_be_visible()
    context.close()


def test_many_are_tagged_and_it_is_taken_back(
    chromium: Browser, web: str, lin: Host, duoduo: Relation
) -> None:
    now = timezone.now()
    customers.tag_relation(duoduo, name="爱喝茶", by=lin.user, now=now)
    for number, name in enumerate(("阿秀", "小雨")):
        a_customer(lin, f"1390000000{number}", at=now, name=name)
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.goto("/customers/")
    page.get_by_role("link", name="多选").click()
    page.get_by_role("button", name="全选这些").click()
    expect(page.get_by_text("选了 3 位")).to_be_visible()
    assert faults(page) == []
    shot(page, "many-picking")
    page.get_by_role("button", name="打标签").click()
    page.get_by_role("button", name="爱喝茶").click()
    page.get_by_role("button", name="给 3 位打上标签").click()
    expect(page.get_by_text("2 位打上了标签「爱喝茶」")).to_be_visible()
    expect(page.get_by_text("1 位没有动：本来就有这个标签")).to_be_visible()
    assert faults(page) == []
    page.reload()
    expect(page.get_by_text("2 位打上了标签「爱喝茶」")).to_be_visible()
    page.get_by_role("button", name="撤回").click()
    expect(page.locator("#toast")).to_contain_text("2 位的「爱喝茶」去掉了")
    assert RelationTag.objects.count() == 1
    context.close()


def test_many_are_noted_reminded_and_sent_something(
    chromium: Browser, web: str, lin: Host, duoduo: Relation
) -> None:
    other = a_customer(lin, "13900000000", at=timezone.now(), name="阿秀")
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()

    def choose(act: str) -> None:
        page.goto("/customers/?pick=1")
        page.get_by_text("朵朵妈").click()
        page.get_by_text("阿秀").click()
        page.get_by_role("button", name=act).click()

    choose("记一笔")
    page.get_by_label("笔记").fill("中秋送过月饼")
    page.get_by_role("button", name="给 2 位都记下").click()
    expect(page.get_by_text("2 位记下了")).to_be_visible()
    choose("定下一步")
    page.get_by_label("到时候做什么").fill("问问月饼吃完没")
    page.get_by_label("哪天提醒").fill(clock.day_of(timezone.now() + timedelta(days=2)).isoformat())
    page.get_by_role("button", name="给 2 位都定上").click()
    expect(page.get_by_text("2 位定好了下一步")).to_be_visible()
    assert Relation.objects.get(pk=other.pk).next_action == "问问月饼吃完没"
    choose("发内容")
    expect(page.get_by_text("2 位里，1 位可以发")).to_be_visible()
    expect(page.get_by_text("1 位先不发：还没有问过")).to_be_visible()
    page.get_by_label("苹果怎么挑").check()
    assert faults(page) == []
    shot(page, "many-share")
    page.get_by_role("button", name="看看每个人收到的话").click()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="复制给朵朵妈的话").click()
    expect(page.locator("#toast")).to_contain_text("已复制")
    assert pasted(page).startswith("朵朵妈，")
    assert re.search(r"\n+http\S+$", pasted(page))  # line by line, the link on its own
    assert [one.relation_id for one in Event.objects.filter(name=Fact.MATERIAL_SENT)] == [duoduo.pk]
    assert faults(page) == []
    shot(page, "many-letters")

    # Her yes is taken back while the page stands open: it gives no more words, and says why.
    takes_back(duoduo)
    page.get_by_role("button", name="✓ 已复制").click()
    expect(page.get_by_role("alert")).to_contain_text("收回了同意")
    expect(page.get_by_text("朵朵妈，")).to_have_count(0)
    assert Event.objects.filter(name=Fact.MATERIAL_SENT).count() == 1
    shot(page, "many-letters-no")
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_over_the_edge(
    chromium: Browser, web: str, lin: Host, duoduo: Relation, size: str
) -> None:
    context = signed_in(chromium, web, lin.user, size)
    page = context.new_page()
    for address in (
        f"/customers/{duoduo.public_id}/",
        f"/customers/{duoduo.public_id}/edit/",
        "/customers/?pick=1",
        "/customers/new/",
        f"/me/orders/?customer={duoduo.public_id}",
    ):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    context.close()


def test_a_file_is_chosen_in_large_text(chromium: Browser, web: str, lin: Host, duoduo: Relation) -> None:
    """The button and the name of what is chosen are not cut off."""
    context = signed_in(chromium, web, lin.user)
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 700})
    for address in ("/me/settings/", f"/customers/{duoduo.public_id}/story/"):
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        choosers = page.locator("input[type=file]")
        assert choosers.count(), address
        for chooser in choosers.all():
            assert chooser.evaluate("one => one.scrollWidth <= one.clientWidth"), address
    context.close()
