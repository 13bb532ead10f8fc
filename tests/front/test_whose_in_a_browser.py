"""Two accounts in one browser: what one typed goes out under no other name and is not left behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from apps.accounts.models import User
from apps.customers.models import Note, Relation
from apps.stories.models import Story
from tests.accounts import walking
from tests.browsing import chromium, signed_in
from tests.committed import own_tables, transactional_db, web
from tests.factories import PASSWORD, a_host

__all__ = ["chromium", "own_tables", "transactional_db", "web"]

NEW = "/customers/new/"


@pytest.fixture
def world(transactional_db: None) -> walking.World:
    return walking.World()


@pytest.fixture
def phone(world: walking.World, chromium: Browser, web: str) -> Iterator[BrowserContext]:
    with signed_in(chromium, web, world.host.user) as context:
        context.on("page", lambda page: page.on("dialog", lambda dialog: dialog.accept()))
        yield context


def _kept(page: Page) -> list[dict[str, Any]]:
    found = json.loads(page.evaluate("localStorage.getItem('dac.kept') || '{}'"))
    return list(found.values())


def _until_kept(page: Page, states: list[str]) -> None:
    page.wait_for_function(
        "(states) => JSON.stringify(Object.values(JSON.parse(localStorage.getItem('dac.kept') || '{}'))"
        ".map(({state}) => state)) === JSON.stringify(states)",
        arg=states,
    )


def _become(page: Page, user: User, web: str) -> None:
    """She signs out in this window and somebody else signs in."""
    page.goto("/me/")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/**")
    _sign_in(page, _with_password(user))


def _with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def _sign_in(page: Page, user: User) -> None:
    page.get_by_label("账号").fill(user.username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


def _write(page: Page, name: str, number: str) -> None:
    page.locator("main [name=name]").fill(name)
    page.locator("main [name=phone]").fill(number)


def _send(page: Page) -> None:
    page.locator("main form[method=post] button:not([type=button])").last.click()


def _mine(host: Any) -> list[str]:
    return sorted(one.name for one in Relation.objects.filter(host=host) if one.name.startswith("小"))


@pytest.mark.parametrize("next_one", ["another host", "the desk"])
def test_a_waiting_form_goes_out_under_no_other_name(
    world: walking.World, phone: BrowserContext, web: str, next_one: str
) -> None:
    other = a_host("xiaofang", "小芳").user if next_one == "another host" else world.people["A"]
    tab, second = phone.new_page(), phone.new_page()
    tab.goto(NEW)
    _become(second, other, web)
    # Her window does not notice: the server does.
    phone.clear_cookies(name="who")
    phone.set_offline(True)
    _write(tab, "小新", "13900001111")
    _send(tab)
    _until_kept(tab, ["waiting"])
    with tab.expect_response(lambda answer: answer.request.method == "POST") as posted:
        phone.set_offline(False)
    assert posted.value.status == 403
    expect(tab.get_by_text("现在这里登录的是别的账号")).to_be_visible()
    _until_kept(tab, ["waiting"])
    tab.close()
    second.goto("/me/" if next_one == "another host" else "/hq/")
    assert [one["state"] for one in _kept(second)] == ["waiting"]
    assert not Relation.objects.filter(host__user=other).exists()

    # She comes back: it goes out by itself, and is hers.
    phone.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    second.goto("/login/")
    _sign_in(second, _with_password(world.host.user))
    _until_kept(second, [])
    assert _mine(world.host) == ["小新"]


def test_an_old_window_holds_what_it_may_not_send(
    world: walking.World, phone: BrowserContext, web: str
) -> None:
    tab, second = phone.new_page(), phone.new_page()
    tab.goto(NEW)
    _become(second, a_host("xiaofang", "小芳").user, web)
    _write(tab, "小新", "13900001111")
    _send(tab)
    expect(tab.get_by_text("没有替它提交")).to_be_visible()
    expect(tab.locator("main [name=name]")).to_have_value("小新")
    second.goto(NEW)
    expect(second.locator("main [name=name]")).to_have_value("")
    assert not Relation.objects.filter(host__user__username="xiaofang").exists()


def _note(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("记一笔", exact=True).click()
    page.get_by_label("写笔记").fill("她爱喝明前茶")
    _until_kept(page, ["typed"])


def test_out_everywhere_leaves_nothing_here(world: walking.World, phone: BrowserContext) -> None:
    page = phone.new_page()
    _note(page, world.address("customers/<uuid:public_id>/"))
    page.goto("/me/settings/")
    page.get_by_role("button", name="退出所有设备").click()
    page.get_by_role("button", name="再想想").click()
    assert len(_kept(page)) == 1  # she has not left
    page.get_by_role("button", name="退出所有设备").click()
    page.get_by_role("button", name="全部退出").click()
    page.wait_for_url("**/login/**")
    assert not _kept(page)


def test_what_another_window_was_told_goes_for_all(world: walking.World, phone: BrowserContext) -> None:
    """The server says who has left, by whichever way: here from somewhere without a script."""
    page = phone.new_page()
    _note(page, world.address("customers/<uuid:public_id>/"))
    page.close()
    page = phone.new_page()
    mark = next(one["value"] for one in phone.cookies() if one["name"] == "csrftoken")
    phone.request.post("/logout/", form={"csrfmiddlewaretoken": mark}, headers={"Referer": page.url})
    page.goto("/login/")
    assert not _kept(page)


@pytest.mark.parametrize("how", ["menu", "everywhere"])
def test_whoever_leaves_the_desk_leaves_nothing(
    world: walking.World, chromium: Browser, web: str, how: str
) -> None:
    with signed_in(chromium, web, world.people["A"], "desk") as context:
        page = context.new_page()
        page.goto("/hq/brands/new/")
        page.fill("[name=name]", "山野新牌")
        _until_kept(page, ["typed"])
        page.goto("/hq/my-sign-in/")
        if how == "menu":
            page.locator(".sidebar-footer button").first.click()
            page.locator("form[action$='/logout/'] button").click()
        else:
            page.locator("form[data-leaves] button").click()
        page.wait_for_url("**/hq/login/**")
        assert not _kept(page)


def test_two_windows_send_what_waits_once_and_in_its_order(
    world: walking.World, phone: BrowserContext
) -> None:
    address = world.address("customers/<uuid:public_id>/")
    tabs = [phone.new_page(), phone.new_page()]
    before = set(Note.objects.values_list("pk", flat=True))
    for tab in tabs:
        tab.goto(address)
        tab.get_by_text("记一笔", exact=True).click()
    phone.set_offline(True)
    for tab, text in ((tabs[1], "第一句"), (tabs[0], "第二句"), (tabs[1], "第三句")):
        tab.get_by_label("写笔记").fill(text)
        tab.get_by_role("button", name="记下来").click()
        expect(tab.get_by_label("写笔记")).to_have_value("")
    _until_kept(tabs[0], ["waiting"] * 3)
    phone.set_offline(False)
    _until_kept(tabs[0], [])
    notes = [one.text for one in Note.objects.order_by("pk") if one.pk not in before]
    assert notes == ["第一句", "第二句", "第三句"]


def test_a_form_whose_pictures_are_lost_is_not_sent_without_them(
    world: walking.World, phone: BrowserContext
) -> None:
    page = phone.new_page()
    page.goto(f"{world.address('customers/<uuid:public_id>/')}story/")
    before = Story.objects.count()
    form = page.locator('form:has([name="called"])')
    form.locator("[name=text]").fill("孩子自己盛粥。")
    form.locator("[name=called]").fill("妈妈")
    form.locator("[type=file]").first.set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(40)}
    )
    phone.set_offline(True)
    form.evaluate("(one) => one.requestSubmit()")
    _until_kept(page, ["waiting"])
    page.evaluate(
        "new Promise((done) => { indexedDB.open('dac', 1).onsuccess = ({target: {result: base}}) => {"
        "const move = base.transaction('files', 'readwrite'); move.objectStore('files').clear();"
        "move.oncomplete = () => { base.close(); done(); }; }; })"
    )
    phone.set_offline(False)
    expect(page.locator(".kept-note")).to_contain_text("图片这台设备没留住，要重新选")
    assert Story.objects.count() == before


def test_what_she_changed_in_a_hidden_field_counts(world: walking.World, phone: BrowserContext) -> None:
    """The device names what the page itself hides; the server looks at the rest."""
    page = phone.new_page()
    page.goto(f"{world.address('customers/<uuid:public_id>/')}edit/")
    names = page.evaluate("""() => {
        const form = document.querySelector('main form[method="post"]');
        for (const name of ['served', 'chosen'])
            form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value: '1'}));
        document.dispatchEvent(new CustomEvent('htmx:afterSwap', {bubbles: true, detail: {target: form}}));
        form.elements.chosen.value = '2';
        const sent = new FormData(form);
        return [sent.get('_hides').split('\\n'), sent.get('_who')];
    }""")
    assert {"csrfmiddlewaretoken", "served"} <= set(names[0])
    assert not {"chosen", "remark"} & set(names[0])
    client = Client()
    client.force_login(world.host.user)
    client.get("/")
    assert names[1] == client.cookies["who"].value
