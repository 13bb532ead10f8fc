"""The host's two phones: the workbench, where she has it prepared, and WeCom, where she sends it."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Response, expect

from apps.accounts.models import Host
from apps.customers import services as customers
from apps.outbox.services import jobs
from apps.wecom.models import MassSend
from tests.browsing import chromium, shot, signed_in
from tests.outbox.people import a_host
from tests.reach.people import agrees
from tests.sandbox_fixture import Sandbox
from tests.workbench.issues import a_material, with_pictures

Work = Callable[[], None]
__all__ = ["chromium"]


@pytest.fixture
def lin(wecom: Sandbox) -> Host:
    wecom.add_member("lin.guide", "林导")
    return a_host("lin.guide", name="林姐")


@pytest.fixture
def phone(chromium: Browser, web: str, lin: Host) -> Iterator[BrowserContext]:
    """林姐's phone, signed in; its pages must not complain."""
    context = signed_in(chromium, web, lin.user)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


def told(answer: Response) -> str:
    """The words of an answer that is a page."""
    is_page = answer.ok and "text/html" in answer.headers.get("content-type", "")
    return answer.text() if is_page else ""


def test_she_picks_prepares_confirms_and_sees_whom_it_reached(
    wecom: Sandbox, lin: Host, phone: BrowserContext, work: Work
) -> None:
    friends = {}
    for name in ("王小雨", "静静", "安安"):
        friends[name] = wecom.add_customer(name, follows="lin.guide")
        made, _ = customers.attach_external_contact(
            lin, external_userid=friends[name], name=name, now=timezone.now()
        )
        agrees(made)
    silent = wecom.add_customer("朵朵", follows="lin.guide")
    customers.attach_external_contact(lin, external_userid=silent, name="朵朵", now=timezone.now())
    relation = lin.relations.order_by("pk")[0]
    customers.tag_relation(relation, name="爱喝茶", by=lin.user, now=timezone.now())
    tea = with_pictures(a_material("明前龙井：头采只有十来天"), 3)
    page = phone.new_page()

    page.goto(f"/materials/{tea.public_id}/")
    page.get_by_role("button", name="发给客户").click()
    expect(page.get_by_role("link", name="用企业微信群发给客户")).to_be_visible()
    shot(page, "sends-1-sheet")
    page.get_by_role("link", name="用企业微信群发给客户").click()
    expect(page.get_by_text("4 位里 3 位同意收到；1 位还没有问过。")).to_be_visible()
    expect(page.get_by_text("3 位", exact=True)).to_be_visible()
    shot(page, "sends-2-all")
    sending = page.url
    page.get_by_role("link", name="看看可以问谁").click()
    page.get_by_role("button", name="问问她").click()
    expect(page.get_by_role("button", name="复制，去聊天里发给她")).to_be_visible()
    shot(page, "sends-2-ask")
    page.goto(sending)
    page.get_by_label("按标签").check()
    expect(page.get_by_label("哪个标签")).to_be_visible()
    page.get_by_label("自己挑").check()
    page.get_by_role("button", name="请企业微信排好").click()
    expect(page.get_by_text("还没有选客户")).to_be_visible()
    page.get_by_label("王小雨").check()
    page.get_by_label("静静").check()
    shot(page, "sends-3-pick")
    page.get_by_role("button", name="请企业微信排好").dblclick()
    expect(page.get_by_text("正在交给企业微信")).to_be_visible()
    assert MassSend.objects.count() == 1

    work()
    page.reload()
    expect(page.get_by_text("点「群发助手」的提醒")).to_be_visible()
    shot(page, "sends-4-waiting")

    wecom.customer_deletes("lin.guide", friends["静静"])
    wecom.advance(5)
    other = phone.new_page()
    other.goto(f"{wecom.base_url}/stage/?{urlencode({'member': 'lin.guide'})}")
    other.get_by_role("button", name="发送给 2 位").click()
    expect(other.get_by_text("已发送 1 位，1 位已不是好友")).to_be_visible()

    page.bring_to_front()
    with page.expect_response(
        lambda answer: "正在问企业微信" in told(answer)
    ):  # said in passing, on the next page
        page.get_by_role("button", name="我已经点了，看看结果").click()
    jobs.drain()
    page.reload()
    expect(page.get_by_text("没收到的客户")).to_be_visible()
    expect(page.get_by_text("已不是好友")).to_be_visible()
    shot(page, "sends-5-sent")
    page.goto("/me/sends/")
    expect(page.get_by_text("已发送")).to_be_visible()
    shot(page, "sends-6-list")


def test_she_publishes_a_moment_in_wecom(
    wecom: Sandbox, lin: Host, phone: BrowserContext, work: Work
) -> None:
    friend = wecom.add_customer("王小雨", follows="lin.guide")
    made, _ = customers.attach_external_contact(
        lin, external_userid=friend, name="王小雨", now=timezone.now()
    )
    agrees(made)
    tea = with_pictures(a_material("采茶的早晨"), 2)
    page = phone.new_page()
    page.goto(f"/materials/{tea.public_id}/mass/?channel=moments")
    shot(page, "sends-7-moments")
    page.get_by_role("button", name="请企业微信排好").click()
    expect(page.get_by_text("正在交给企业微信")).to_be_visible()
    work()
    wecom.advance(5)
    other = phone.new_page()
    other.goto(f"{wecom.base_url}/stage/?{urlencode({'member': 'lin.guide'})}")
    shot(other, "8-stage")
    other.get_by_role("button", name="发表到朋友圈").click()
    expect(other.get_by_text("已发表到朋友圈")).to_be_visible()
    page.goto("/me/sends/")
    shot(page, "sends-9-list")


def test_without_a_binding_the_sheet_says_why(wecom: Sandbox, lin: Host, phone: BrowserContext) -> None:
    Host.objects.filter(pk=lin.pk).update(wecom_userid=None)
    tea = a_material("明前龙井")
    page = phone.new_page()
    page.goto(f"/materials/{tea.public_id}/")
    page.get_by_role("button", name="发给客户").click()
    expect(page.get_by_text("你的账号还没绑定企业微信")).to_be_visible()
    expect(page.get_by_role("button", name="复制文字")).to_be_visible()
    shot(page, "sends-10-unbound")
