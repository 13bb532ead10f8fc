"""Where what was typed comes back, in a real browser: after a refusal, on 多选, and to nobody else."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from apps.accounts.models import Session
from apps.customers.models import Note, Relation
from apps.trade.models import Order, OrderReversal
from tests.accounts import walking
from tests.browsing import chromium, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import PASSWORD, a_host, a_sku
from tests.front.forms import named
from tests.happenings import a_customer, buy

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

_KEPT = "localStorage.getItem('dac.kept')"


def _until(page: Page, is_kept: bool) -> None:
    """Wait until this browser keeps something, or nothing any more."""
    deadline = time.monotonic() + 90
    while (page.evaluate(_KEPT) is not None) != is_kept:
        assert time.monotonic() < deadline, page.evaluate(_KEPT)
        page.wait_for_timeout(100)


@pytest.fixture
def now(transactional_db: None) -> Iterator[datetime]:
    with named():
        yield timezone.now()


@pytest.fixture
def world(now: datetime) -> walking.World:
    return walking.World()


def _sign_in(page: Page, username: str) -> None:
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


def _again(page: Page, username: str) -> None:
    """The session has ended: the page of signing in promises that what was typed is there, and so it is."""
    expect(page.get_by_text("刚才写的也还在")).to_be_visible()
    _sign_in(page, username)
    expect(page.locator("#toast")).to_contain_text("你刚才写的还在")


def test_after_a_refusal_and_an_ended_session(
    world: walking.World, chromium: Browser, web: str, now: datetime
) -> None:
    """The refused form's page has an address that answers forms alone."""
    order = buy(world.host, a_sku("茶", stock=10), at=now, quantity=2)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.SHIPPED)
    there = f"/me/orders/{order.public_id}/"
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto(there)
        form = page.locator('form[action$="/return/"]')
        form.locator("[name=amount_fen]").evaluate("(one) => (one.value = '很多')")
        form.locator("[name=amount_fen]").dispatch_event("input")
        form.locator("[name=reason]").evaluate("(one) => (one.value = '坏了两个')")
        form.locator("[name=reason]").dispatch_event("input")
        form.evaluate("(one) => one.requestSubmit()")
        page.wait_for_selector("html[data-answers]")
        # She mends one field, and meanwhile the session ends.
        form.locator("[name=amount_fen]").evaluate("(one) => (one.value = '1.00')")
        form.locator("[name=amount_fen]").dispatch_event("input")
        Session.objects.all().delete()
        form.evaluate("(one) => { one.dataset.confirmed = '1'; one.requestSubmit(); }")
        _again(page, world.host.user.username)
        expect(page).to_have_url(f"{web}{there}")
        expect(form.locator("[name=reason]")).to_have_value("坏了两个")
        expect(form.locator("[name=amount_fen]")).to_have_value("1.00")
        form.evaluate("(one) => { one.dataset.confirmed = '1'; one.requestSubmit(); }")
        expect(page.get_by_text("坏了两个").first).to_be_visible()
        _until(page, False)
    assert [one.reason for one in OrderReversal.objects.filter(order=order)] == ["坏了两个"]


@pytest.fixture
def crowd(world: walking.World, now: datetime) -> list[Relation]:
    """More than the list shows at once."""
    return [
        a_customer(world.host, f"138000010{n:02}", at=now - timedelta(days=1, minutes=n), name=f"客人{n}")
        for n in range(40)
    ]


@pytest.mark.parametrize("refused", [False, True])
def test_the_chosen_and_the_words_for_them(
    world: walking.World, crowd: list[Relation], chromium: Browser, web: str, refused: bool
) -> None:
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto("/customers/?view=all&pick=1")
        for one in crowd[:2]:
            page.locator(f'input.pick[value="{one.public_id}"]').check()
        page.get_by_role("button", name="记一笔").click()
        field = page.locator("textarea[name=text]")
        if refused:
            page.get_by_role("button", name="给 2 位都记下").click()
            expect(page.get_by_text("写点什么再保存吧。")).to_be_visible()
        field.fill("中秋送过月饼")  # maybe before the page's scripts are there
        page.wait_for_url("**?of=**")
        page.reload()
        expect(field).to_have_value("中秋送过月饼")
        Session.objects.all().delete()
        page.get_by_role("button", name="给 2 位都记下").click()
        _again(page, world.host.user.username)
        expect(page.get_by_text("客人0、客人1")).to_be_visible()
        expect(field).to_have_value("中秋送过月饼")
        page.get_by_role("button", name="给 2 位都记下").click()
        expect(page.get_by_text("2 位记下了")).to_be_visible()
    noted = {(one.relation_id, one.text) for one in Note.objects.filter(relation__in=crowd)}
    assert noted == {(one.pk, "中秋送过月饼") for one in crowd[:2]}


def test_the_ticks_also_of_who_stands_further_down(
    world: walking.World, crowd: list[Relation], chromium: Browser, web: str
) -> None:
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        page.goto("/customers/?view=all&pick=1")
        page.get_by_role("link", name="再看 20 位").click()
        page.locator("input.pick").nth(39).wait_for()
        values = [page.locator("input.pick").nth(n).get_attribute("value") for n in (1, 38)]
        for value in values:
            page.locator(f'input.pick[value="{value}"]').check()
        Session.objects.all().delete()
        page.get_by_role("button", name="记一笔").click()
        _again(page, world.host.user.username)
        expect(page.locator("[data-picked-of]")).to_have_text("选了 2 位")
        page.get_by_role("link", name="再看 20 位").click()
        expect(page.locator(f'label input.pick[value="{values[1]}"]')).to_be_checked()
        expect(page.locator("[data-picked-of]")).to_have_text("选了 2 位")
        page.get_by_role("button", name="记一笔").click()
        expect(page.get_by_role("button", name="给 2 位都记下")).to_be_visible()


def _typed(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("记一笔", exact=True).click()
    page.get_by_label("写笔记").fill("她爱喝明前茶")
    _until(page, True)


def test_nothing_is_left_for_the_next_person(
    world: walking.World, chromium: Browser, web: str, now: datetime
) -> None:
    person = world.address("customers/<uuid:public_id>/")
    with signed_in(chromium, web, world.host.user) as context:
        # She signs out, with the last key pressed just before.
        page = context.new_page()
        _typed(page, person)
        page.evaluate("""() => {
            const field = document.querySelector('[name=text]');
            field.value += '，还有';
            field.dispatchEvent(new Event('input', {bubbles: true}));
            const form = document.querySelector('form[action$="/logout/"]') ?? Object.assign(
                document.createElement('form'), {method: 'post', action: '/logout/'});
            form.append(document.querySelector('[name=csrfmiddlewaretoken]').cloneNode());
            document.body.append(form);
            form.requestSubmit();
        }""")
        page.wait_for_url("**/login/**")
        assert page.evaluate(_KEPT) is None

    other = a_host("xiaofang", "小芳")
    with signed_in(chromium, web, world.host.user) as context:
        # Her session ends, and another one signs in on this browser.
        page = context.new_page()
        _typed(page, person)
        Session.objects.all().delete()
        page.goto("/login/")
        _sign_in(page, other.user.username)
        _until(page, False)


def test_what_another_tab_was_answered_is_no_answer_of_this_page(
    world: walking.World, chromium: Browser, web: str
) -> None:
    """That tab was closed before its answer came: this page has none of the words in it, so it gives them."""
    with signed_in(chromium, web, world.people["A"], "desk") as context:
        page = context.new_page()
        page.goto("/hq/brands/new/")
        page.fill("[name=name]", "山野新牌")
        _until(page, True)
        [key] = page.evaluate(f"Object.keys(JSON.parse({_KEPT}))")
        page.close()
        context.add_cookies([{"name": "sent", "value": f"{key}.mend", "url": web}])
        page = context.new_page()
        page.goto("/hq/brands/new/")
        expect(page.locator("[name=name]")).to_have_value("山野新牌")
        page.goto("/hq/brands/new/")
        page.get_by_role("button", name="不要了").click()
        _until(page, False)


def test_what_is_done_or_looked_for_is_not_kept(world: walking.World, chromium: Browser, web: str) -> None:
    """A page of the desk that answers a form with what came of it; and the number looked up."""
    with signed_in(chromium, web, world.people["A"], "desk") as context:
        page = context.new_page()
        page.goto("/hq/hosts/add/")
        page.get_by_label("登录账号").fill("xiaofang")
        page.get_by_label("对外称呼").fill("小芳")
        page.get_by_label("所属组织").select_option(str(world.host.organisation_id))
        _until(page, True)
        page.get_by_role("button", name="新增", exact=True).click()
        expect(page.get_by_text("已新增「小芳」").first).to_be_visible()
        _until(page, False)

        page.goto("/hq/search/")
        field = page.locator(".hq-search__words:visible").first
        field.fill("13800008000")
        field.press("Enter")
        expect(page.get_by_text("13800008000")).to_have_count(0)
        page.wait_for_load_state("load")
        assert page.evaluate(_KEPT) is None


def test_what_is_typed_before_the_scripts_are_there(
    world: walking.World, chromium: Browser, web: str
) -> None:
    """On a slow line she writes, and the script that keeps it comes later."""
    with signed_in(chromium, web, world.host.user) as context:
        page = context.new_page()
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/drafts*.js", hold)
        page.goto("/me/settings/", wait_until="commit")
        field = page.locator("[name=tagline]")
        field.fill("每天第一个到店")
        while not held:
            page.wait_for_timeout(50)
        held[0].continue_()
        _until(page, True)
        page.unroute("**/drafts*.js")
        page.reload()
        expect(field).to_have_value("每天第一个到店")


def test_what_waits_goes_out_when_she_is_in_again(world: walking.World, chromium: Browser, web: str) -> None:
    """The session has ended meanwhile, and her page of signing in is closed: the promise was to send it."""
    world.host.user.set_password(PASSWORD)
    world.host.user.save()
    there = f"/customers/{world.values['customers/']['public_id']}/"
    with signed_in(chromium, web, world.host.user) as context:
        tab = context.new_page()
        tab.goto(there)
        tab.get_by_text("记一笔", exact=True).click()
        tab.get_by_label("写笔记").fill("她女儿明年高考")
        context.set_offline(True)
        tab.locator('form[action$="/notes/"] button').first.click()
        expect(tab.locator(".waiting")).to_contain_text("1 条")
        Session.objects.all().delete()
        tab.goto("about:blank")
        context.set_offline(False)
        tab.goto(f"{web}/")
        tab.close()
        again = context.new_page()
        again.goto(f"{web}/login/")
        _sign_in(again, world.host.user.username)
        _until(again, is_kept=False)
    assert Note.objects.filter(relation__host=world.host).count() == 1


def test_ticks_come_back_below_the_words_that_she_read(
    world: walking.World, chromium: Browser, web: str
) -> None:
    """What names another person by now is asked anew; what she wrote of herself stays."""
    there = f"{web}{world.address('s/<str:code>/order/')}"
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    try:
        page = context.new_page()
        page.goto(there)
        page.locator("main [name=name]").fill("小新")
        page.locator("main [name=marketing]").check()
        _until(page, is_kept=True)
        page.wait_for_timeout(400)
        page.goto("about:blank")
        page.goto(there)
        expect(page.locator("main [name=marketing]")).to_be_checked()
        page.goto("about:blank")
        type(world.host).objects.filter(pk=world.host.pk).update(name="林大姐")
        page.goto(there)
        expect(page.locator("main [name=name]")).to_have_value("小新")
        expect(page.locator("main [name=marketing]")).not_to_be_checked()
    finally:
        context.close()
